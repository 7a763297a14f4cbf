/** Values of a policy in the words of operators, by what they are and by the key they stand at. */
import { describeClause } from './outline.ts';
import { dscpName, formatDuration, formatRate } from './quantities.ts';
import type { Clause } from './schema.ts';
import { formatBits } from './selectors.ts';

/** JSON in one way only: what the order of its keys, or of the values of a list, does not change, is one text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${[...new Set(merged(value).map(canonical))].sort().join()}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).sort().join()}}`; // prettier-ignore
  }
  return JSON.stringify(value) ?? '';
}

type Range = { from: number; to: number };
const isRange = (value: unknown): value is Range =>
  typeof value === 'object' && value !== null && 'from' in value && 'to' in value;

/** Ranges that touch are one range: 80, 81-90 says what 80-90 says. */
function merged(values: readonly unknown[]): readonly unknown[] {
  if (!values.every(isRange)) {
    return values;
  }
  return values
    .toSorted((a, b) => a.from - b.from)
    .reduce<Range[]>((done, { from, to }) => {
      const last = done.at(-1);
      if (last && from <= last.to + 1) {
        last.to = Math.max(last.to, to);
      } else {
        done.push({ from, to });
      }
      return done;
    }, []);
}

const DURATIONS = new Set(['target', 'interval', 'p50', 'p95', 'p99', 'max', 'window']);
const SIZES = new Set(['burst', 'quantum', 'memory', 'buffer']);
const PERCENTS = new Set(['loss', 'throughput', 'availability']);

function sayNumber(value: number, path: readonly string[]): string {
  const key = path.at(-1)!;
  const percent = PERCENTS.has(key) || (key === 'target' && path.at(-2) === 'objective');
  if (percent) {
    return `${value} %`;
  }
  if (DURATIONS.has(key)) {
    return formatDuration(value);
  }
  if (SIZES.has(key)) {
    return `${value} B`;
  }
  if (path.includes('restoreDscp')) {
    return formatBits(value);
  }
  return key === 'dscp' ? dscpName(value) : String(value);
}

/** @param path of keys that leads to the value */
export function sayField(value: unknown, path: readonly string[]): string {
  if (typeof value === 'number') {
    return sayNumber(value, path);
  }
  if (typeof value === 'boolean') {
    return value ? 'yes' : 'no';
  }
  if (Array.isArray(value)) {
    return value.map((item) => sayField(item, path)).join(', ');
  }
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  if ('kind' in value && value.kind === 'percent' && 'percent' in value) {
    return `${String(value.percent)}%`;
  }
  if ('bits' in value) {
    return formatRate(Number(value.bits));
  }
  if ('packets' in value) {
    return `${String(value.packets)} packets`;
  }
  if ('bytes' in value && !('family' in value)) {
    return `${String(value.bytes)} B`;
  }
  if ('text' in value) {
    return String(value.text);
  }
  if (isRange(value)) {
    return value.from === value.to ? String(value.from) : `${value.from}-${value.to}`;
  }
  return Object.entries(value).map(([key, item]) => `${key} ${sayField(item, [...path, key])}`).join(' '); // prettier-ignore
}

/** A clause in words; conditions that have none yet by their key. */
export function sayClause(clause: Clause): string {
  return Object.entries(clause)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => describeClause({ [key]: value } as Clause) || `${key} ${sayField(value, [key])}`)
    .join(' · ');
}

/** What it means that a key is not there. */
const ABSENT: Readonly<Record<string, string>> = {
  guarantee: 'none',
  ceiling: 'all that the parent has',
  priority: 'that of strict',
  share: 'by guarantee',
  bandwidth: 'that of the interface',
  scheduler: 'auto',
  'queue.algorithm': 'auto',
};
export const sayAbsent = (path: readonly string[]): string => ABSENT[path.join('.')] ?? 'not set';
