/** What another hand changed becomes an edit of the document, as far as the language can say it: a draft, saved by nobody yet. */
import { applyEdits, writtenAt, type Edit } from '../policy/index.ts';
import type { Drifted } from './drift.ts';

export interface Adopted {
  /** The document with the live figures; comments and formatting stay */
  source: string;
  /** What of the drift is in it */
  adopted: Drifted[];
  /** What is not, and why, with what to do instead */
  left: Array<Drifted & { reason: string }>;
}

/**
 * @param name of the policy in the text
 * @param ownBandwidth the Binding states the bandwidth itself, so that the document's is not what is live
 * @throws EditError when the text cannot be edited
 */
export function adopt(source: string, name: string, drifted: readonly Drifted[], ownBandwidth = false): Adopted {
  const document = `Policy/${name}`;
  const written = (path: string) => writtenAt(source, path, document);
  const judged = placed(drifted, written).map((item) => ({ ...item, reason: whyNot(item, written, ownBandwidth) }));
  const adopted = judged.filter(({ reason }) => reason === '').map(({ reason: _, ...item }) => item);
  return {
    source: applyEdits(source, editsOf(adopted, written), document),
    adopted,
    left: judged.filter(({ reason }) => reason !== ''),
  };
}

const CEILING = /^(.*)\.ceiling$/;

/** Guarantee and ceiling of a strict class are one figure, written at the one, the other or both. */
function placed(drifted: readonly Drifted[], written: (path: string) => unknown): Drifted[] {
  const paths = new Set(drifted.map(({ path }) => path));
  return drifted.flatMap((item) => {
    const owner = CEILING.exec(item.path)?.[1];
    if (owner === undefined || written(`${owner}.strict`) !== true) {
      return [item];
    }
    const guarantee = { ...item, path: `${owner}.guarantee` };
    const places = [guarantee, item].filter(({ path }) => written(path) !== undefined);
    return places.filter(({ path }) => path === item.path || !paths.has(path));
  });
}

/** Empty where it can be adopted */
function whyNot({ path, value, unsayable }: Drifted, written: (path: string) => unknown, ownBandwidth: boolean): string {
  if (path === '' || value === undefined) {
    return unsayable ?? 'The document has no place for it.';
  }
  const now = written(path);
  if (path === 'spec.bandwidth' && (now === undefined || ownBandwidth)) {
    return ownBandwidth
      ? 'The Binding states the bandwidth of this link; change it there.'
      : 'The document states no bandwidth: it is the Binding’s or the interface’s own. Change it there.';
  }
  return typeof now === 'string' && /(?<!\$)\$\{/.test(now)
    ? `It is given by a variable (${now}), which other interfaces may share. Change the value in the Binding or the default.`
    : '';
} // prettier-ignore

const QUEUE = /^(.*)\.queue\.([^.]+)$/;

/** Figures of a queue that the document says nothing of come together with its key. */
function editsOf(adopted: readonly Drifted[], written: (path: string) => unknown): Edit[] {
  const edits: Edit[] = [];
  const made = new Map<string, Record<string, string | number | boolean>>();
  for (const { path, value } of adopted) {
    const [, owner, key] = QUEUE.exec(path) ?? [];
    const queue = `${owner}.queue`;
    if (key === undefined || written(queue) !== undefined) {
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
