/** Paths into a document, and the place in its source where a path stands. */
import { isMap, isScalar, type Document, type LineCounter } from 'yaml';

export type Path = ReadonlyArray<string | number>;
export type Place = { line: number; column: number };

/** ['spec', 'classes', 1, 'guarantee'] → spec.classes[1].guarantee */
export function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${part}` : part),
    ''
  );
}

/** spec.classes[1].guarantee → ['spec', 'classes', 1, 'guarantee'] */
export const parsePath = (text: string): Path =>
  text.match(/[^.[\]]+/g)?.map((part) => (/^\d+$/.test(part) ? Number(part) : part)) ?? [];

type Node = { range?: [number, number, number] } | null | undefined;

/** Finds a path in the source, or the nearest place above it when the path itself is not written there. */
export function locator(yaml: Document.Parsed, lines: LineCounter): (path: Path) => Place | undefined {
  const nodeAt = (path: Path): unknown => (path.length === 0 ? yaml.contents : yaml.getIn(path, true));
  return (path) => {
    for (let end = path.length; end >= 0; end--) {
      const range = (nodeAt(path.slice(0, end)) as Node)?.range;
      if (!range) {
        continue;
      }
      // A key points at itself rather than at the value that may stand on a later line.
      const parent = end > 0 ? nodeAt(path.slice(0, end - 1)) : undefined;
      const key = isMap(parent)
        ? parent.items.find((item) => isScalar(item.key) && item.key.value === path[end - 1])?.key
        : undefined;
      const { line, col } = lines.linePos((key as Node)?.range?.[0] ?? range[0]);
      return { line, column: col };
    }
    return undefined;
  };
}
