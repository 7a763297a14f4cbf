/**
 * What a class does to its packets before they are queued. All its rules lead to one chain, so that there is one bucket
 * for the class however many matches it has: police first, then a rule for each kind of header that a mark is written to.
 */
import type { ResolvedClass, ResolvedPolice } from '../../policy/resolve.ts';
import type { Mark } from '../../policy/schema.ts';
import { FRAME_HEADER } from '../../policy/link.ts';
import { formatRate, dscpName } from '../../policy/quantities.ts';
import { formatMark } from '../../policy/selectors.ts';
import { CompileError, requireActions } from './compile-error.ts';
import { innerTypeKey } from './flower.ts';
import type { Action, Capabilities, Filter, Verdict } from './model.ts';
import { MTU_FRAME } from './frame.ts';
import { burstKeeping, readable } from './units.ts';

/** Chains of packets that were too much, beside the class's own; above all minors. */
export const EXCEEDING = 0x10000;
export const VIOLATING = 0x20000;
/** Largest packet that a police counts, bytes: what segmentation leaves whole. */
const LARGEST = 65_536;
const ETHER_TYPES = { 4: 0x0800, 6: 0x86dd } as const;

export interface ChainRule {
  chain: number;
  /** What the rule is within the chain: its identity */
  name: string;
  path: string;
  why: string;
  value: Pick<Filter, 'protocol' | 'keys' | 'classid' | 'actions'>;
}

/** At the hook for what is received there are no classes: where packets go on to from the chain of theirs. */
export interface Onward {
  chain: number;
  /** bit/s of the ceiling there */
  rate: number;
  /** bytes that a packet counts more than the kernel sees of it */
  overhead: number;
}

/** A class with children passes its mark on to them: they are told apart by what arrived. */
export const acts = (item: ResolvedClass): boolean =>
  Boolean(item.police ?? item.redirect ?? item.mirror ?? (item.classes.length === 0 ? item.mark : undefined));

const requireFor = (item: ResolvedClass, key: string, actions: readonly string[], capabilities: Capabilities): void =>
  requireActions(
    `${item.source}.${key}`,
    ['gact', ...actions],
    `which "${item.name}" needs for its ${key}`,
    capabilities
  );

const largestOf = ({ gsoMaxSize = 0 }: Capabilities) => Math.min(LARGEST, Math.max(MTU_FRAME, gsoMaxSize));
const computed = (rate: number, most: number) => Math.max(2 * most, Math.ceil((rate / 8) * 0.05));
/** bytes that a police lets pass at once where nobody says how many: two of the largest packets, or what comes in 50 ms */
export const computedBurst = (rate: number, capabilities: Capabilities): number =>
  computed(rate, largestOf(capabilities));

function burstOf(
  item: Pick<ResolvedClass, 'name' | 'source'>,
  key: string,
  rate: number,
  burst: number | undefined,
  most: number,
  onward?: Onward
): number {
  const size = burst ?? computed(rate, most);
  if (size < MTU_FRAME) {
    throw new CompileError(`${item.source}.police.${key}`, `"${item.name}" asks for a burst of ${size} B, which no full frame of ${MTU_FRAME} B fits into: all of them would be dropped.`); // prettier-ignore
  }
  // What a full frame counts.
  return burstKeeping(MTU_FRAME + Math.max(0, (onward?.overhead ?? 0) - FRAME_HEADER), size, rate);
}

const counting = (onward: Onward | undefined) => (onward ? { overhead: onward.overhead } : {});

/**
 * The ceiling of a class, or of the link, as one bucket.
 * @param next chain of the ceiling above it; without it the next rule of its own chain, or, after the last, the host
 */
export function limitRule(
  item: Pick<ResolvedClass, 'path' | 'source' | 'ceiling' | 'burst'>,
  chain: number,
  onward: Onward,
  capabilities: Capabilities,
  next?: number
): ChainRule {
  const most = largestOf(capabilities);
  const rate = readable(item.ceiling);
  const named = { name: item.path || 'the link', source: item.source };
  return {
    chain,
    name: 'ceiling',
    path: item.path ? item.source : 'spec.bandwidth',
    why: `${item.path || 'the link'}: at most ${formatRate(rate)}, what is above is dropped`,
    value: {
      protocol: 'all',
      keys: [],
      classid: '',
      actions: [
        {
          kind: 'police',
          rate,
          burst: burstOf(named, 'burst', rate, item.burst, most, onward),
          mtu: LARGEST,
          ...counting(onward),
          exceed: 'drop',
          conform: next === undefined ? 'continue' : 'pipe',
        },
        // The kernel takes no chain for what a police lets through.
        ...(next === undefined ? [] : [{ kind: 'goto', chain: next } as const]),
      ],
    },
  };
}

function policeRule(
  item: ResolvedClass,
  police: ResolvedPolice,
  chain: number,
  capabilities: Capabilities,
  onward?: Onward
): ChainRule {
  const most = largestOf(capabilities);
  const verdict = (action: ResolvedPolice['exceed'], to: number): Verdict =>
    action === 'drop' ? 'drop' : { chain: chain + to };
  const one = (key: string, rate: number, burst: number | undefined, exceed: Verdict, conform: Verdict): Action => ({
    kind: 'police',
    rate: readable(rate),
    burst: burstOf(item, key, rate, burst, most, onward),
    mtu: LARGEST,
    ...counting(onward),
    exceed,
    conform,
  });
  const { rate, burst, exceed, peak } = police;
  // As RFC 2698 has it for packets without a colour: the peak is looked at first, and what violates it costs no token.
  const actions = [
    ...(peak ? [one('peakBurst', peak.rate, peak.burst, verdict(peak.violate, VIOLATING), 'pipe')] : []),
    one('burst', rate, burst, verdict(exceed, EXCEEDING), 'continue'),
  ];
  const above = peak ? `, ${formatRate(peak.rate)} at most` : '';
  return {
    chain,
    name: 'police',
    path: `${item.source}.police`,
    why: `${item.path}: policed to ${formatRate(rate)}${above}, one bucket for all its matches`,
    value: { protocol: 'all', keys: [], classid: '', actions },
  };
}

const markWords = (mark: Mark): string[] => [
  ...(mark.dscp === undefined ? [] : [`DSCP ${dscpName(mark.dscp)}`]),
  ...(mark.fwmark ? [`mark ${formatMark(mark.fwmark)}`] : []),
  ...(mark.vlanPriority === undefined ? [] : [`VLAN priority ${mark.vlanPriority}`]),
];

/** VLANs that the kernel must be told again with their priority: those that every match of the class names. */
function vlansOf(item: ResolvedClass): number[] {
  const named = item.match.map((clause) => clause.vlan);
  if (named.length === 0 || named.some((list) => list === undefined)) {
    throw new CompileError(
      `${item.source}.mark.vlanPriority`,
      `"${item.name}" sets the VLAN priority, which the kernel does only together with the VLAN: every match of the class must name its vlan.`
    );
  }
  return [...new Set(named.flatMap((list) => list!))];
}

/** The rules of one chain that end in the class: for each kind of header that something is written to, then for all others. */
function endRules(item: ResolvedClass, mark: Mark, chain: number, classid: string, onward?: Onward): ChainRule[] {
  const { fwmark, dscp, vlanPriority } = mark;
  const rest: Action[] = [
    ...(fwmark ? [{ kind: 'mark', ...fwmark } as const] : []),
    ...(item.mirror ? [{ kind: 'mirror', device: item.mirror } as const] : []),
    ...(item.redirect ? [{ kind: 'redirect', device: item.redirect } as const] : []),
    ...(onward && !item.redirect ? [{ kind: 'goto', chain: onward.chain } as const] : []),
  ];
  const written = (family: 4 | 6 | undefined): Action[] =>
    dscp === undefined || !family
      ? []
      : [{ kind: 'dscp', family, dscp }, ...(family === 4 ? [{ kind: 'checksum' } as const] : [])];
  const does = [
    ...markWords(mark),
    ...(item.mirror ? [`copied to ${item.mirror}`] : []),
    ...(item.redirect ? [`sent to ${item.redirect}`] : []),
  ];
  const key = item.redirect ? '.redirect' : item.mirror ? '.mirror' : '.mark';
  const rule = (protocol: string, keys: string[], actions: Action[]): ChainRule => ({
    chain,
    name: [protocol, ...keys].join(' '),
    path: `${item.source}${does.length > 0 ? key : ''}`,
    why: `${item.path}: ${[...does, onward ? 'then on' : 'then to its queue'].join(', ')}`,
    value: { protocol, keys, classid: onward ? '' : classid, actions: [...actions, ...rest] },
  });
  const families = dscp === undefined ? [] : ([4, 6] as const);
  const vlans = vlanPriority === undefined ? [] : vlansOf(item);
  const inTag = (keys: string[], tag: Action[]) =>
    families.map((family) =>
      rule('802.1Q', [...keys, innerTypeKey(ETHER_TYPES[family])], [...written(family), ...tag])
    );
  return [
    ...families.map((family) => rule(family === 4 ? 'ip' : 'ipv6', [], written(family))),
    ...vlans.flatMap((id) => {
      const tag: Action[] = [{ kind: 'vlan', id, priority: vlanPriority! }];
      return [...inTag([`vlan_id ${id}`], tag), rule('802.1Q', [`vlan_id ${id}`], tag)];
    }),
    ...inTag([], []),
    rule('all', [], []),
  ];
}

export const chainOf = (classid: string) => parseInt(classid.slice(classid.indexOf(':') + 1), 16);

/** What every rule of the class does: it leads to the class's chain. @param always also where the class does nothing */
export const entry = (item: ResolvedClass, classid: string, always: boolean): { actions?: Action[] } =>
  always || acts(item) ? { actions: [{ kind: 'goto', chain: chainOf(classid) }] } : {};

/** The chains of a class, in the order of their rules. @throws CompileError where the kernel lacks an action */
export function chainRules(
  item: ResolvedClass,
  classid: string,
  capabilities: Capabilities,
  onward?: Onward
): ChainRule[] {
  if (!acts(item) && !onward) {
    return [];
  }
  const { police, redirect, mirror } = item;
  const leaf = item.classes.length === 0;
  const mark: Mark = (leaf ? item.mark : undefined) ?? {};
  if (!capabilities.classifiers.includes('flower')) {
    throw new CompileError(item.source, `"${item.name}" acts on its packets, which is compiled for flower only, and this kernel (${capabilities.kernel}) has none. Load the module cls_flower.`); // prettier-ignore
  }
  if (police) {
    requireFor(item, 'police', ['police'], capabilities);
  }
  if (redirect ?? mirror) {
    requireFor(item, redirect ? 'redirect' : 'mirror', ['mirred'], capabilities);
  }
  const chain = chainOf(classid);
  const remarks: Array<[number, ResolvedPolice['exceed'] | undefined]> = [
    [EXCEEDING, police?.exceed],
    [VIOLATING, police?.peak?.violate],
  ];
  const marks: Array<[number, Mark]> = [
    [chain, mark],
    ...remarks.flatMap(([beside, action]): Array<[number, Mark]> =>
      typeof action === 'object' ? [[chain + beside, { ...mark, dscp: action.dscp }]] : []
    ),
  ];
  if (!leaf && marks.length > 1) {
    throw new CompileError(
      `${item.source}.police`,
      `"${item.name}" marks what is too much, but its children are told apart by what arrived: a class with children drops it, or the children police.`
    );
  }
  for (const [, { dscp, fwmark, vlanPriority }] of marks) {
    requireFor(item, marks.length > 1 ? 'police' : 'mark', [
      ...(dscp === undefined ? [] : ['pedit', 'csum']),
      ...(fwmark ? ['skbedit'] : []),
      ...(vlanPriority === undefined ? [] : ['vlan']),
    ], capabilities); // prettier-ignore
  }
  return [
    ...(police ? [policeRule(item, police, chain, capabilities, onward)] : []),
    // At the hook the rules of its children follow in its chain.
    ...(onward && !leaf ? [] : marks.flatMap(([number, written]) => endRules(item, written, number, classid, onward))),
  ];
}
