/**
 * Counters of classes that are rules at the hook (police.ts), from what `tc -s filter show` printed of it. A class has no
 * counter of its own there: what its last rules passed on is what it let through, what its buckets dropped is its drops.
 */
import { EXCEEDING, VIOLATING } from './chains.ts';
import { blocks } from './listing.ts';
import { ABOVE, LINK } from './police.ts';

/** Totals since the rule was made; a rule that is replaced begins at zero. */
export interface Totals {
  bytes: number;
  packets: number;
  drops: number;
  overlimits: number;
}
export interface PoliceCounters {
  classid: string;
  /** By rule: each begins at zero by itself */
  parts: Record<string, Totals>;
}

interface Acted extends Totals {
  police: boolean;
  goto: number | undefined;
  overhead: number;
}
interface Counted {
  key: string;
  chain: number;
  actions: Acted[];
}

const RULE = /^filter (?:parent ffff: )?protocol (\S+) pref (\d+) (\S+) chain (\d+) (?:handle|fh) (\S+)/;
const SENT = /Sent (\d+) bytes (\d+) pkts? \(dropped (\d+), overlimits (\d+)/;

function counted([head = '', ...lines]: readonly string[]): Counted[] {
  const [, protocol, pref, kind, chain, handle] = RULE.exec(head) ?? [];
  const actions = lines
    .join('\n')
    .split(/^\taction order \d+: /m)
    .slice(1)
    .flatMap((text): Acted[] => {
      const [, bytes, packets, drops, overlimits] = SENT.exec(text)?.map(Number) ?? [];
      const to = /^ *gact action goto chain (\d+)/.exec(text)?.[1];
      return bytes === undefined
        ? []
        : [
            {
              police: /^ *police /.test(text),
              goto: to === undefined ? undefined : Number(to),
              overhead: Number(/ overhead (\d+)b/.exec(text)?.[1] ?? 0),
              bytes,
              packets: packets!,
              drops: drops!,
              overlimits: overlimits!,
            },
          ];
    });
  return chain === undefined ? [] : [{ key: [protocol, pref, kind, chain, handle].join(' '), chain: Number(chain), actions }];
} // prettier-ignore

type Parts = Array<readonly [key: string, totals: Totals]>;

/** What a rule passed on, which its last action saw; but what a bucket lets fall through to the next rule is counted there. */
function passed({ key, actions }: Counted, overhead: number): Parts {
  const last = actions.at(-1);
  return last && !last.police
    ? [[key, { bytes: last.bytes + overhead * last.packets, packets: last.packets, drops: 0, overlimits: 0 }]]
    : [];
}
function lost({ key, actions }: Counted): Parts {
  const buckets = actions.filter(({ police }) => police);
  const sum = (of: 'drops' | 'overlimits') => buckets.reduce((total, bucket) => total + bucket[of], 0);
  return buckets.length > 0
    ? [[`${key} police`, { bytes: 0, packets: 0, drops: sum('drops'), overlimits: sum('overlimits') }]]
    : [];
}

/**
 * @param listing of all rules on the hook's way in
 * @returns one for each class, bytes as the link carries them. What the ceiling of a class above drops is counted there,
 * not for the class that it came from.
 */
export function policeCounters(listing: string): PoliceCounters[] {
  const chains = Map.groupBy(blocks(listing).flatMap(counted), ({ chain }) => chain);
  const rulesOf = (chain: number) => chains.get(chain) ?? [];
  const overhead = rulesOf(LINK)[0]?.actions[0]?.overhead ?? 0;
  const childrenOf = (minor: number) => [
    ...new Set(rulesOf(minor).flatMap(({ actions }) => actions.flatMap(({ goto }) => (goto && goto < EXCEEDING ? [goto] : [])))),
  ]; // prettier-ignore
  const through = (minor: number): Parts => {
    const children = childrenOf(minor);
    const above = rulesOf(ABOVE + minor);
    const ends =
      children.length === 0 ? [minor, EXCEEDING + minor, VIOLATING + minor].flatMap((chain) => rulesOf(chain)) : above;
    return children.length > 0 && above.length === 0
      ? children.flatMap(through)
      : ends.flatMap((rule) => passed(rule, overhead));
  };
  return [...chains.keys()]
    .filter((chain) => chain > 0 && chain < EXCEEDING)
    .map((minor) => ({
      classid: `:${minor.toString(16)}`,
      parts: Object.fromEntries([...through(minor), ...[...rulesOf(minor), ...rulesOf(ABOVE + minor)].flatMap(lost)]),
    }));
}
