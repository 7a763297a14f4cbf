/** What another hand changed becomes an edit of the document, as far as the language can say it: a draft, saved by nobody yet. */
import { applyEdits, parsePath, type Edit, type PolicyDocument } from '../policy/index.ts';
import type { Drifted } from './drift.ts';

export interface Adopted {
  /** The document with the live figures; comments and formatting stay */
  source: string;
  /** What of the drift is in it, and what is not */
  adopted: Drifted[];
  left: Drifted[];
}

/** @throws EditError when the text cannot be edited */
export function adopt(source: string, document: PolicyDocument, drifted: readonly Drifted[]): Adopted {
  const isSayable = ({ path, value }: Drifted) => path !== '' && value !== undefined && hasPlace(document, path);
  const adopted = drifted.filter(isSayable);
  return {
    source: applyEdits(source, editsOf(document, adopted), `Policy/${document.metadata.name}`),
    adopted,
    left: drifted.filter((item) => !isSayable(item)),
  };
}

const valueAt = (document: object, path: string): unknown =>
  parsePath(path).reduce<unknown>((at, part) => (at as Record<string | number, unknown> | undefined)?.[part], document);

const QUEUE = /^(.*)\.queue\.([^.]+)$/;

/** A bandwidth that the document does not state is the binding's or the interface's own. */
const hasPlace = (document: object, path: string): boolean =>
  path !== 'spec.bandwidth' || valueAt(document, path) !== undefined;

/** Figures of a queue that the document says nothing of come together with its key. */
function editsOf(document: object, adopted: readonly Drifted[]): Edit[] {
  const edits: Edit[] = [];
  const made = new Map<string, Record<string, string | number | boolean>>();
  for (const { path, value } of adopted) {
    const [, owner, key] = QUEUE.exec(path) ?? [];
    const queue = `${owner}.queue`;
    if (key === undefined || valueAt(document, queue) !== undefined) {
      edits.push({ op: 'set', path, value: value! });
    } else if (made.has(queue)) {
      made.get(queue)![key] = value!;
    } else {
      const figures = { [key]: value! };
      made.set(queue, figures);
      edits.push({ op: 'set', path: queue, value: figures });
    }
  }
  return edits;
}
