/** Places of a policy that take the value of a variable: by itself it may read as before, and mean another thing on each link. */
import type { Change } from './changes.ts';
import { readValue } from './variables.ts';

/** By class and key, without the order of lists: what stands there as written. */
function placesOf(source: string): Map<string, { of: string | null; path: string; label: string; texts: string[] }> {
  const places: ReturnType<typeof placesOf> = new Map();
  const walk = (node: unknown, of: string | null, path: string, label: string[]): void => {
    if (typeof node === 'string') {
      if (node.includes('${')) {
        const key = JSON.stringify([of, label]);
        const place = places.get(key) ?? { of, path, label: label.join(' '), texts: [] };
        places.set(key, { ...place, texts: [...place.texts, node].sort() });
      }
    } else if (Array.isArray(node)) {
      const classes = label.at(-1) === 'classes';
      node.forEach((item: unknown, index) => {
        const name = classes ? (item as { name?: unknown } | null)?.name : undefined;
        const inside = typeof name === 'string' ? (of ? `${of}/${name}` : name) : of;
        walk(item, inside, `${path}[${index}]`, classes ? [] : label);
      });
    } else if (typeof node === 'object' && node !== null) {
      Object.entries(node).forEach(([key, item]) => {
        if (key !== 'description' && !(path === 'spec' && key === 'variables')) {
          walk(item, of, `${path}.${key}`, [...label, key]);
        }
      });
    }
  };
  walk((readValue(source) as { spec?: unknown } | null)?.spec, null, 'spec', []);
  return places;
}

/** @param of classes that both versions have: of others it is said that they came or went */
export function placeChanges(before: string, after: string, isNew: (of: string) => boolean): Change[] {
  const [old, now] = [placesOf(before), placesOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key): Change[] => {
    const [was, is] = [old.get(key), now.get(key)];
    const { of, path, label } = (is ?? was)!;
    const [from, to] = [was?.texts.join(', '), is?.texts.join(', ')];
    if (from === to || (of !== null && isNew(of))) {
      return [];
    }
    const what = from === undefined ? `now given as ${to}` : to === undefined ? `no longer given as ${from}` : `given as ${to}, no longer as ${from}`; // prettier-ignore
    return [{ kind: 'changed', path, class: of, text: `${of ?? 'policy'}: ${label} ${what}` }];
  });
}
