/**
 * Police at a hook as our compiler builds it (police.ts): chains that packets go through from the one of their class to
 * that of the link. As the HTB tree that says the same, with what classes do to their packets in chains as there.
 */
import { FRAME_HEADER } from '../../../policy/link.ts';
import { computedBurst, EXCEEDING, VIOLATING } from '../chains.ts';
import { ARRIVING } from '../ingress.ts';
import type { Action, Capabilities, Filter, HtbClass, LiveTree } from '../model.ts';
import { ABOVE, LINK } from '../police.ts';
import { sameBurst } from '../units.ts';
import { htbClass, type Guise } from './adapt.ts';
import { NO_GUARANTEE, roundest } from './figures.ts';

type Police = Extract<Action, { kind: 'police' }>;
/** In place of the qdisc that there is none of. */
export const HANDLE = 'ingress:';
const LINK_CLASS = `${HANDLE}0`;

/** A chain that packets go on to, and the rate of its bucket. */
interface Above {
  chain: number;
  rate: number;
}
interface Found {
  classes: HtbClass[];
  filters: Filter[];
  /** Bursts of ceilings, by classid */
  buckets: Map<string, Police>;
}

const onlyActions = ({ protocol, keys, partial }: Filter) => protocol === 'all' && keys.length === 0 && !partial;
const isGoto = (action: Action | undefined): action is Extract<Action, { kind: 'goto' }> => action?.kind === 'goto';
/** The class that a rule leads to. */
const entered = ({ actions = [] }: Filter): number | undefined =>
  actions.length === 1 && isGoto(actions[0]) && actions[0].chain < EXCEEDING ? actions[0].chain : undefined;
/** The buckets of a rule that packets go through on their way down a chain. */
const bucketsOf = (rule: Filter | undefined): Police[] => {
  const { actions = [] } = rule ?? {};
  const own = actions.filter((action) => action.kind === 'police');
  return rule && onlyActions(rule) && own.length === actions.length && own.at(-1)?.conform === 'continue' ? own : [];
};
/** A bucket that a ceiling would be as well. */
const mayBeCeiling = ([one, ...more]: readonly Police[]) => more.length === 0 && one?.exceed === 'drop';

class NotOurs extends Error {}

class Hook {
  private readonly chains: ReadonlyMap<number, Filter[]>;
  private readonly policing: ReadonlySet<number> | undefined;
  readonly link: Police;
  /** @throws NotOurs */
  constructor(filters: readonly Filter[], policing: ReadonlySet<number> | undefined) {
    this.chains = Map.groupBy(filters.toSorted((a, b) => a.pref - b.pref), ({ chain }) => chain ?? 0); // prettier-ignore
    this.policing = policing;
    const rules = this.rules(LINK);
    const [link] = bucketsOf(rules[0]);
    if (rules.length !== 1 || !link || !mayBeCeiling(bucketsOf(rules[0]))) {
      throw new NotOurs();
    }
    this.link = link;
  }

  private rules(chain: number): Filter[] {
    return this.chains.get(chain) ?? [];
  }

  /** What all of them count more is the link's. */
  private counted(action: Action): Action {
    return action.kind === 'police' && action.overhead === this.link.overhead ? { ...action, overhead: 0 } : action;
  }

  /** The rules of one level, each leading to a class, with the classes. @param chain that they stand in */
  level(parent: string, chain: number, above: Above, found: Found): void {
    const rules = this.rules(chain).filter((rule) => chain === 0 || bucketsOf(rule).length === 0);
    for (const rule of rules) {
      const minor = entered(rule);
      // A rule that looks connections up, or another's.
      const plain = minor === undefined ? rule : { ...rule, classid: `${HANDLE}${minor.toString(16)}` };
      const { chain: _, ...first } = plain;
      found.filters.push({ ...first, parent });
    }
    for (const minor of new Set(rules.flatMap((rule) => entered(rule) ?? []))) {
      this.class(parent, minor, above, found);
    }
  }

  private class(parent: string, minor: number, above: Above, found: Found): void {
    const classid = `${HANDLE}${minor.toString(16)}`;
    // Chains of another hand may be led to from several places, also in a circle.
    if (found.classes.some((item) => item.classid === classid)) {
      throw new NotOurs();
    }
    const rules = this.rules(minor);
    const inner = rules.some((rule) => entered(rule) !== undefined);
    const [limit, ...around] = this.rules(ABOVE + minor).flatMap(({ actions = [] }) => actions);
    const buckets = rules.map(bucketsOf).filter((list) => list.length > 0);
    const own = inner ? undefined : this.ceilingOf(minor, buckets, above);
    if (inner && limit && (limit.kind !== 'police' || around.length !== 1 || !isGoto(around[0]) || around[0].chain !== above.chain)) {
      throw new NotOurs();
    }
    const ceiling = inner ? (limit as Police | undefined) : own;
    const rate = ceiling?.rate ?? above.rate;
    found.classes.push(htbClass(classid, parent === HANDLE ? LINK_CLASS : parent, NO_GUARANTEE, rate));
    if (ceiling) {
      found.buckets.set(classid, ceiling);
    }
    const police = rules.filter((rule) => bucketsOf(rule).length > 0).slice(own ? 1 : 0);
    const acting = (rule: Filter, actions: readonly Action[], of: string): Filter => ({ ...rule, parent, classid: of, actions: actions.map((each) => this.counted(each)) });
    found.filters.push(...police.map((rule) => acting(rule, rule.actions!, '')));
    if (inner) {
      const last: Filter = { parent, chain: minor, protocol: 'all', pref: 0xffff, kind: 'flower', keys: [], classid, actions: [] };
      found.filters.push(last);
      this.level(classid, minor, limit ? { chain: ABOVE + minor, rate } : above, found);
      return;
    }
    for (const rule of [minor, EXCEEDING + minor, VIOLATING + minor].flatMap((chain) => this.rules(chain))) {
      const { actions = [] } = rule;
      const last = actions.at(-1);
      if (bucketsOf(rule).length > 0) {
        continue;
      }
      if (last?.kind !== 'redirect' && !(isGoto(last) && last.chain === above.chain)) {
        throw new NotOurs();
      }
      found.filters.push(acting(rule, isGoto(last) ? actions.slice(0, -1) : actions, classid));
    }
  }

  /** Of two buckets the first is the ceiling; of one it may be, where it is below what stands above. */
  private ceilingOf(minor: number, [first, ...more]: readonly Police[][], above: Above): Police | undefined {
    const may = first !== undefined && mayBeCeiling(first) && first[0]!.rate < above.rate;
    const alone = more.length === 0 && this.policing?.has(minor);
    return may && !alone ? first[0] : undefined;
  }

  /** The leaf that what no rule takes comes to. */
  fallback(chain = 0): number {
    const last = this.rules(chain).findLast((rule) => entered(rule) !== undefined);
    return last ? this.fallback(entered(last)!) : chain;
  }
} // prettier-ignore

/** A burst that is not the one that the compiler computes. */
function chosen({ burst, rate }: Police, capabilities: Capabilities): number | undefined {
  const same = (size: number) => sameBurst(size, burst, rate);
  return same(computedBurst(rate, capabilities)) ? undefined : (roundest([burst], same) ?? burst);
}

export interface Policed {
  guise: Guise;
  link: Police;
  /** bytes that each packet counts more than its frame */
  overhead: number;
  /** The link's bucket is as the compiler computes it */
  computed: boolean;
}

/** @returns undefined where the rules of the hook are no such tree */
export function policedIn(
  { filters, inexact }: Pick<LiveTree, 'filters' | 'inexact'>,
  capabilities: Capabilities,
  policing?: ReadonlySet<number>
): Policed | undefined {
  try {
    const hook = new Hook(filters, policing);
    const { rate, overhead = 0 } = hook.link;
    const found: Found = { classes: [], filters: [], buckets: new Map() };
    hook.level(HANDLE, 0, { chain: LINK, rate }, found);
    const tree: LiveTree = {
      qdiscs: [{ handle: HANDLE, parent: 'root', kind: 'htb', options: { default: hook.fallback() } }],
      classes: [htbClass(LINK_CLASS, 'root', rate, rate), ...found.classes],
      filters: found.filters,
      inexact,
    };
    const bursts = new Map([...found.buckets].flatMap(([id, police]) => {
      const burst = chosen(police, capabilities);
      return burst === undefined ? [] : [[id, burst] as const];
    })); // prettier-ignore
    return {
      guise: { tree, scheduler: 'police', object: `police at ${ARRIVING}`, lost: 'unshaped', bursts },
      link: hook.link,
      overhead: overhead - FRAME_HEADER,
      computed: chosen(hook.link, capabilities) === undefined,
    };
  } catch (error) {
    if (error instanceof NotOurs) {
      return undefined;
    }
    throw error;
  }
}
