/** Changes that a finding offers, as edits of the document. */
import type { Edit, Fix } from './finding.ts';
import type { ResolvedClass } from './resolve.ts';

export const removal = (path: string, title: string): Fix => ({ title, edits: [{ op: 'remove', path }] });
export const setting = (path: string, value: Extract<Edit, { op: 'set' }>['value'], title: string): Fix => ({
  title,
  edits: [{ op: 'set', path, value }],
});

/** A rate as a document has it, exactly: 1900000 is 1900kbit. */
export function writeRate(bits: number): string {
  const [unit, scale] = ([['gbit', 1e9], ['mbit', 1e6], ['kbit', 1e3]] as const).find(([, size]) => bits >= size && bits % size === 0) ?? ['bit', 1]; // prettier-ignore
  return `${bits / scale}${unit}`;
}

/** A name that the policy does not have yet. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  for (let number = 2, name = wanted; ; number++) {
    if (!taken.has(name)) {
      return name;
    }
    name = `${wanted}-${number}`;
  }
}

/** What a small guarantee takes of its parent's, in percent. */
const SMALL = 5;

/** Whole percents of the parent's guarantee that nobody of the level was given, at most five; 0 where there are none. */
export function freePercent(level: readonly ResolvedClass[], parentGuarantee: number): number {
  const free = parentGuarantee - level.reduce((sum, item) => sum + item.guarantee, 0);
  return parentGuarantee > 0 ? Math.min(SMALL, Math.max(0, Math.floor((100 * free) / parentGuarantee + 1e-9))) : 0;
}

/** A guarantee for a class that has none, out of what its level has left. */
export function smallGuarantee(
  item: ResolvedClass,
  level: readonly ResolvedClass[],
  parentGuarantee: number
): Fix | undefined {
  const percent = freePercent(level, parentGuarantee);
  const fits = percent > 0 && (parentGuarantee * percent) / 100 <= item.ceiling;
  return fits
    ? setting(`${item.source}.guarantee`, `${percent}%`, `Guarantee "${item.name}" ${percent}%, which is free`)
    : undefined;
}
