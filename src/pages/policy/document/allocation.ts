/** How the guarantees share the link, as geometry. Pure. */
import type { Place } from '../../../components/classColor.ts';
import type { OutlineClass } from '../../../data/index.ts';

export interface Segment {
  path: string;
  /** Its colour. */
  place: Place;
  guarantee: number;
  /** In percent of the drawing's width. */
  left: number;
  width: number;
}

export interface Allocation {
  segments: Segment[];
  total: number;
  /** Above zero: more is guaranteed than the link has. */
  over: number;
  free: number;
  /** Where the link ends, in percent of the drawing's width; 100 unless over-committed. */
  linkEnd: number;
}

/** Only the first level shares the link: children share their parent. Classes without a guarantee have no segment. */
export function allocate(bandwidth: number, classes: OutlineClass[]): Allocation {
  const top = classes.filter((item) => item.depth === 0);
  const total = top.reduce((sum, item) => sum + item.guarantee, 0);
  const scale = Math.max(bandwidth, total) || 1;
  let left = 0;
  const segments: Segment[] = [];
  top.forEach((item, place) => {
    const width = (item.guarantee / scale) * 100;
    if (width > 0) {
      segments.push({
        path: item.path,
        place: item.default ? 'default' : place,
        guarantee: item.guarantee,
        left,
        width,
      });
    }
    left += width;
  });
  return {
    segments,
    total,
    over: Math.max(0, total - bandwidth),
    free: Math.max(0, bandwidth - total),
    linkEnd: (bandwidth / scale) * 100,
  };
}

/** Colours by path: children share the colour of their first-level class. */
export function placesOf(classes: OutlineClass[]): Map<string, Place> {
  const top = classes.filter((item) => item.depth === 0);
  return new Map(
    classes.map((item) => {
      const place = top.findIndex((first) => first.path === item.path.split('/')[0]);
      return [item.path, top[place]?.default ? 'default' : place];
    })
  );
}
