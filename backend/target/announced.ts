/** What a line of `tc -d monitor` or `ip monitor link` means for what is known of interfaces. Pure. */
import { readClass, type LiveTree } from '../compile/tc/index.ts';

export type Announcement =
  /** A class as it is now, in the words of `tc -d class show` */
  | { kind: 'class'; device: string; text: string }
  /** Anything else of one interface: what is known of it is known no more. */
  | { kind: 'other'; device: string }
  /** Of which interface is not said */
  | { kind: 'unclear' };

const CLASS = /^class (\S+ \S+) dev (\S+) /;
const OF_DEVICE = /^(?:(?:deleted|added|replaced) )?(?:qdisc|class|filter|chain) .*?\bdev (\S+)/;

/** @param line that begins at the margin; what is indented belongs to one before */
export function announcedByTc(line: string): Announcement {
  const changed = CLASS.exec(line);
  if (changed) {
    return { kind: 'class', device: changed[2]!, text: `class ${changed[1]} ${line.slice(changed[0].length)}` };
  }
  const device = OF_DEVICE.exec(line)?.[1];
  return device === undefined ? { kind: 'unclear' } : { kind: 'other', device };
}

/** A link that is gone or has another name leaves it unclear which interfaces the names of tc mean from here on. */
export function announcedByIp(line: string): Announcement {
  const device = /^\d+: ([^:@\s]+)[@:]/.exec(line)?.[1];
  return device === undefined ? { kind: 'unclear' } : { kind: 'other', device };
}

/**
 * A tree in which one class has other figures. A class that is new, or elsewhere, changes more than itself: HTB takes the
 * queue of a leaf that becomes a parent without a word.
 * @returns undefined where the tree has to be read
 */
export function withClass(tree: LiveTree, text: string): LiveTree | undefined {
  const said: LiveTree = { qdiscs: [], classes: [], filters: [], inexact: [] };
  readClass(text, said);
  const [now] = said.classes;
  const at = tree.classes.findIndex(({ classid }) => classid === now?.classid);
  const before = tree.classes[at];
  if (!now || said.inexact.length > 0 || before?.kind !== now.kind || before.parent !== now.parent) {
    return undefined;
  }
  return { ...tree, classes: tree.classes.with(at, now) };
}

/** Actions have states of their own that others can change, and are announced without their interface. */
export const isAnnounced = ({ filters, inexact }: LiveTree): boolean =>
  inexact.length === 0 &&
  filters.every(({ actions = [] }) => actions.every(({ kind }) => kind === 'goto' || kind === 'checksum'));
