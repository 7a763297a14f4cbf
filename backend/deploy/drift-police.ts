/** Buckets of police that another hand changed in their place: figures of the class, or of the link, that they are of. */
import { sameBurst, sameRule, type Action, type Allocation, type Filter } from '../compile/tc/index.ts';
import { formatRate } from '../policy/quantities.ts';
import { rateText } from '../policy/write.ts';
import type { Figure } from './drift.ts';

type Police = Extract<Action, { kind: 'police' }>;
const policesOf = ({ actions = [] }: Filter): Police[] => actions.filter((action) => action.kind === 'police');

/** How the rules of buckets are called by the compiler (police.ts, chains.ts): whose they are, and which. */
const BUCKET = /^(\S*) chain (\d+) (ceiling|police)$/;

/** The keys that rate and burst of each bucket of a rule have in the document, and how a person calls them. */
function namesOf(of: string, owner: string, buckets: number): Array<Record<'rate' | 'burst', [what: string, key: string]>> {
  if (of === 'ceiling') {
    return owner === ''
      ? [{ rate: ['rate', 'bandwidth'], burst: ['burst', ''] }]
      : [{ rate: ['ceiling', 'ceiling'], burst: ['burst', 'burst'] }];
  }
  const rate = { rate: ['police rate', 'police.rate'], burst: ['police burst', 'police.burst'] } as const;
  const peak = { rate: ['police peak rate', 'police.peakRate'], burst: ['police peak burst', 'police.peakBurst'] } as const;
  return [...(buckets > 1 ? [peak] : []), rate].map((names) => ({ rate: [...names.rate], burst: [...names.burst] }));
} // prettier-ignore

const whole = (key: 'mtu' | 'overhead', was: Police, is: Police): Figure[] =>
  was[key] === is[key]
    ? []
    : [{ what: `police ${key}`, key: '', inForce: `${was[key] ?? 0} B`, live: `${is[key] ?? 0} B` }];

/** What differs between two buckets; the kernel keeps a burst as time at the rate. */
const figuresOf = (was: Police, is: Police, names: ReturnType<typeof namesOf>[number]): Figure[] => [
  ...(was.rate === is.rate
    ? []
    : [{ what: names.rate[0], key: names.rate[1], inForce: formatRate(was.rate), live: formatRate(is.rate), value: rateText(is.rate) }]),
  ...(sameBurst(was.burst, is.burst, is.rate)
    ? []
    : [{ what: names.burst[0], key: names.burst[1], inForce: `${was.burst} B`, live: `${is.burst} B`, value: `${is.burst}B` }]),
  ...whole('mtu', was, is),
  ...whole('overhead', was, is),
]; // prettier-ignore

/** A rule whose buckets are all one, to compare the rest of two. */
const NO_BUCKET = { rate: 1, burst: 1, mtu: 1, overhead: 0 };
const withoutFigures = (filter: Filter): Filter => ({
  ...filter,
  actions: filter.actions?.map((action) => (action.kind === 'police' ? { ...action, ...NO_BUCKET } : action)),
});

export interface Buckets {
  /** Path of the class, '' for the link, and what of it differs */
  changed: Array<{ owner: string; figures: Figure[] }>;
  /** The rules that are left to compare */
  inForce: Filter[];
  live: Filter[];
}

/** @param filters as the deployment in force allocated its rules */
export function bucketDrift(inForce: readonly Filter[], live: readonly Filter[], filters: Allocation['filters']): Buckets {
  const names = new Map<string, { owner: string; of: string }>(
    Object.entries(filters).flatMap(([key, [pref]]) => {
      const [, owner, chain, of] = BUCKET.exec(key) ?? [];
      return owner === undefined ? [] : [[`${chain} ${pref}`, { owner, of: of! }] as const];
    })
  );
  const place = ({ chain, pref }: Filter): string => `${chain ?? 0} ${pref}`;
  const now = new Map(live.filter((rule) => names.has(place(rule))).map((rule) => [place(rule), rule]));
  const taken = new Set<Filter>();
  const changed = inForce.flatMap((was) => {
    const name = names.get(place(was));
    const is = now.get(place(was));
    if (!name || !is || !sameRule(withoutFigures(was), withoutFigures(is))) {
      return [];
    }
    taken.add(was).add(is);
    const [before, after] = [policesOf(was), policesOf(is)];
    const keys = namesOf(name.of, name.owner, before.length);
    return [{ owner: name.owner, figures: before.flatMap((one, index) => figuresOf(one, after[index]!, keys[index]!)) }];
  });
  const left = (rules: readonly Filter[]) => rules.filter((rule) => !taken.has(rule));
  return { changed, inForce: left(inForce), live: left(live) };
} // prettier-ignore
