/** What an edit means for the data of a document: what its edit of the text is held against. */
import type { Edit } from './finding.ts';
import { parsePath, type Path } from './locate.ts';

/** An edit of a place that the document does not have. */
export class EditError extends Error {}

const none = (path: string) => new EditError(`The document has no ${path}, so nothing was edited.`);

const has = (holder: object, last: string | number): boolean => Object.hasOwn(holder, last);

function holderOf(data: unknown, path: Path, text: string): Record<string, unknown> | unknown[] {
  // By own keys only, so that no path leads out of the document.
  const holder = path.slice(0, -1).reduce<unknown>((at, part) => (typeof at === 'object' && at !== null && has(at, part) ? (at as Record<string | number, unknown>)[part] : undefined), data);
  if (typeof holder !== 'object' || holder === null || path.length === 0 || path.includes('__proto__') || Array.isArray(holder) !== (typeof path.at(-1) === 'number')) {
    throw none(text);
  }
  return holder as Record<string, unknown> | unknown[];
} // prettier-ignore

/** Where an element taken from `from` ends up when it is to stand before the one at `to`. */
export const landing = (from: number, to: number): number => (from < to ? to - 1 : to);

/** @throws EditError for a place that is not there */
export function editData(data: unknown, edit: Edit): unknown {
  const copy = structuredClone(data);
  const path = parsePath(edit.path);
  const last = path.at(-1)!;
  const holder = holderOf(copy, path, edit.path);
  switch (edit.op) {
    case 'set':
      if (Array.isArray(holder) && !has(holder, last)) {
        throw none(edit.path);
      }
      (holder as Record<string | number, unknown>)[last] = edit.value;
      return copy;
    case 'insert':
      if (!Array.isArray(holder) || (last as number) > holder.length) {
        throw none(edit.path);
      }
      holder.splice(last as number, 0, edit.value);
      return copy;
    case 'remove':
      if (!has(holder, last)) {
        throw none(edit.path);
      }
      if (Array.isArray(holder)) {
        holder.splice(last as number, 1);
      } else {
        delete holder[last];
      }
      return copy;
    case 'move':
      return moved(copy, holder, edit);
  }
}

function moved(copy: unknown, holder: Record<string, unknown> | unknown[], edit: Extract<Edit, { op: 'move' }>): unknown {
  const from = parsePath(edit.from);
  const [was, last] = [from.at(-1)!, parsePath(edit.path).at(-1)!];
  if (holderOf(copy, from, edit.from) !== holder || !has(holder, was)) {
    throw none(edit.from);
  }
  if (Array.isArray(holder)) {
    if ((last as number) > holder.length) {
      throw none(edit.path);
    }
    const [element] = holder.splice(was as number, 1);
    holder.splice(landing(was as number, last as number), 0, element);
    return copy;
  }
  if (has(holder, last)) {
    throw new EditError(`The document already has ${edit.path}, so nothing was edited.`);
  }
  const entries = Object.entries(holder).map(([key, value]) => [key === was ? last : key, value] as const);
  Object.keys(holder).forEach((key) => delete holder[key]);
  entries.forEach(([key, value]) => (holder[key] = value));
  return copy;
} // prettier-ignore
