/** What becomes of packets before they are queued, and how long one counts: between an offer and what the link carries of it. */
import { flatten, type ResolvedClass, type ResolvedLink, type ResolvedPolicy } from '../policy/index.ts';

/** What police lets through to the queue, bit/s. */
export function passes({ police }: ResolvedClass): number {
  if (!police) {
    return Infinity;
  }
  const { rate, exceed, peak } = police;
  return exceed === 'drop' ? rate : peak?.violate === 'drop' ? peak.rate : Infinity;
}

/** Leaves of the link: those that are not sent elsewhere. */
export const staysHere = ({ redirect }: ResolvedClass): boolean => redirect === undefined;

/** The class above a leaf that drops before its children are told apart: what each of them keeps is chance. */
export const policedAbove = ({ classes }: ResolvedPolicy, path: string): ResolvedClass | undefined =>
  flatten(classes).find((item) => path.startsWith(`${item.path}/`) && passes(item) < Infinity);

const CELL = { bytes: 53, payload: 48 } as const;

/** bytes that a frame counts as the policy's link has it; PTM (65 bytes for 64) where the discipline counts that. */
export function countedBytes(link: ResolvedLink | undefined, frame: number, countsPtm = false): number {
  if (!link) {
    return frame;
  }
  const bytes = Math.max(link.mpu, frame + link.overhead);
  switch (link.cell) {
    case 'atm':
      return Math.ceil(bytes / CELL.payload) * CELL.bytes;
    case 'ptm':
      return countsPtm ? bytes + Math.ceil(bytes / 64) : bytes;
    case undefined:
      return bytes;
  }
}
/** A size table's step: with a least size or cells a packet counts up to so many bytes more (measured on Linux 7.2). */
export const TABLE_STEP = 4;
