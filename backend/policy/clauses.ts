/** Two clauses as one that holds where both do, for words. */
import { canonical } from './changes-words.ts';
import type { PortRange, Prefix, Protocol } from './quantities.ts';
import type { Clause } from './schema.ts';

const ranges = (a: readonly PortRange[], b: readonly PortRange[]): PortRange[] =>
  a.flatMap((x) =>
    b.flatMap((y) => {
      const both = { from: Math.max(x.from, y.from), to: Math.min(x.to, y.to) };
      return both.from <= both.to ? [both] : [];
    })
  );

const starts = (long: Prefix, short: Prefix) =>
  long.family === short.family &&
  long.length >= short.length &&
  short.bytes.every((byte, i) => byte === (long.bytes[i]! & (0xff00 >> Math.min(8, Math.max(0, short.length - 8 * i))) & 0xff)); // prettier-ignore
const prefixes = (a: readonly Prefix[], b: readonly Prefix[]): Prefix[] =>
  a.flatMap((x) => b.flatMap((y) => (starts(x, y) ? [x] : starts(y, x) ? [y] : [])));

const protocols = (a: readonly Protocol[], b: readonly Protocol[]): Protocol[] =>
  a.flatMap((x) => b.flatMap((y) => (x.number !== y.number ? [] : !x.family || x.family === y.family ? [y] : !y.family ? [x] : []))); // prettier-ignore

const same = <T>(a: readonly T[], b: readonly T[]): T[] => a.filter((item) => b.includes(item));

type Shared = { [K in keyof Clause]?: (a: NonNullable<Clause[K]>, b: NonNullable<Clause[K]>) => Clause[K] };
/** What both lists leave; of other keys no one list says it. */
const SHARED: Shared = {
  dscp: same, vlan: same, vlanPriority: same, etherType: same, inputInterface: same,
  sourcePorts: ranges, destinationPorts: ranges, length: ranges,
  source: prefixes, destination: prefixes, protocol: protocols,
}; // prettier-ignore

/** @returns undefined where the language has no single clause for both */
export function sharedClause(a: Clause, b: Clause): Clause | undefined {
  const both: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const own = a[key as keyof Clause];
    if (value === undefined || (own !== undefined && canonical(own) === canonical(value))) {
      continue;
    }
    const shared = SHARED[key as keyof Clause] as ((a: unknown, b: unknown) => unknown[]) | undefined;
    if (own !== undefined && !shared) {
      return undefined;
    }
    both[key] = own === undefined ? value : shared!(own, value);
  }
  return both as Clause;
}
