/** What the rules of a class do to its packets, as what the policy says of the whole class. */
import type { PoliceAction } from '../../../policy/resolve.ts';
import { dscpName, formatRate } from '../../../policy/quantities.ts';
import type { Police, TrafficClass } from '../../../policy/schema.ts';
import { formatMark } from '../../../policy/selectors.ts';
import { MTU_FRAME } from '../frame.ts';
import { sameBurst } from '../units.ts';
import type { Bucket, Doing } from './doing.ts';
import { absolute, roundest } from './figures.ts';
import { RESTORES_SOME } from './restored.ts';
import type { Remark, Rule } from './model.ts';

export type Acting = Pick<TrafficClass, 'police' | 'mark' | 'redirect' | 'mirror'>;
type Key = Exclude<keyof Doing, 'connection' | 'restored'>;

/** How the policy would say it. */
const WORDS: { readonly [K in Key]: (value: NonNullable<Doing[K]>) => string } = {
  buckets: (buckets) => `polices to ${buckets.map(({ rate }) => formatRate(rate)).join(' and ')}`,
  dscp: (dscp) => `writes DSCP ${dscpName(dscp)}`,
  fwmark: (mark) => `sets mark ${formatMark(mark)}`,
  vlanPriority: (priority) => `sets VLAN priority ${priority}`,
  mirror: (device) => `copies to ${device}`,
  redirect: (device) => `sends to ${device}`,
};
export const inWords = (doing: Doing): string =>
  (Object.keys(WORDS) as Key[])
    .flatMap((key) => (saidOf(doing, key) ? [(WORDS[key] as (value: unknown) => string)(doing[key])] : []))
    .join(' and ');

const saidOf = (doing: Doing | undefined, key: Key): boolean =>
  key === 'buckets' ? (doing?.buckets.length ?? 0) > 0 : doing?.[key] !== undefined;
/** Two rules that police alike have two buckets. */
const textOf = (doing: Doing | undefined, key: Key): string =>
  key === 'buckets'
    ? JSON.stringify((doing?.buckets ?? []).map(({ name: _, ...bucket }) => bucket))
    : (JSON.stringify(doing?.[key]) ?? '');

/** Frames without an IP header have no DSCP, those without a tag no priority in it. */
const canHave = (rule: Rule | undefined, key: Key): boolean =>
  key === 'dscp' ? rule?.family !== 0 : key === 'vlanPriority' ? rule?.more?.vlan !== undefined : true;

/**
 * @param rules whose packets the class gets; undefined for what comes to it without any
 * @param classid for remarks
 */
export function actingOf(rules: ReadonlyArray<Rule | undefined>, classid: string, remark: (item: Remark) => void): Acting {
  const agreed: Partial<Doing> = {};
  const leave = (who: ReadonlyArray<Rule | undefined>, message: string) => {
    for (const rule of who) {
      if (rule) {
        remark({ kind: 'left-out', object: rule.object, message });
      }
    }
  };
  for (const key of Object.keys(WORDS) as Key[]) {
    const able = rules.filter((rule) => canHave(rule, key));
    const doers = able.filter((rule) => saidOf(rule?.doing, key));
    if (doers.length === 0) {
      continue;
    }
    if (new Set(able.map((rule) => textOf(rule?.doing, key))).size === 1) {
      Object.assign(agreed, { [key]: doers[0]!.doing![key] });
      continue;
    }
    const what = (rule: Rule) => (WORDS[key] as (value: unknown) => string)(rule.doing![key]);
    for (const rule of doers) {
      leave([rule], `It ${what(rule!)}, and not all that goes to ${classid} is treated so: the policy says it of a whole class. Give it a class of its own.`); // prettier-ignore
    }
  }
  leave(rules.filter((rule) => rule?.doing?.connection), 'It copies the mark of the packet’s connection to the packet, which the policy does not say.'); // prettier-ignore
  leave(rules.filter((rule) => rule?.doing?.restored), RESTORES_SOME);
  const { buckets = [], dscp, fwmark, vlanPriority, mirror, redirect } = agreed;
  const tagged = rules.every((rule) => rule?.more?.vlan);
  if (vlanPriority !== undefined && !tagged) {
    leave(rules.filter((rule) => saidOf(rule?.doing, 'vlanPriority')), `It sets VLAN priority ${vlanPriority}, which the policy sets where every match of the class names its VLAN.`); // prettier-ignore
  }
  const tag = tagged ? vlanPriority : undefined;
  const names = new Set(rules.map((rule) => rule?.doing?.buckets.map(({ name }) => name).join(' ')));
  const police = policeOf(buckets, names.size, (kind, message) => leaders(rules, kind, message, remark));
  return {
    ...(police && { police }),
    ...((dscp ?? fwmark ?? tag) !== undefined && {
      mark: { ...(dscp !== undefined && { dscp }), ...(fwmark && { fwmark }), ...(tag !== undefined && { vlanPriority: tag }) },
    }),
    ...(redirect && { redirect }),
    ...(mirror && { mirror }),
  };
} // prettier-ignore

const leaders = (rules: ReadonlyArray<Rule | undefined>, kind: Remark['kind'], message: string, remark: (item: Remark) => void) => {
  for (const rule of rules) {
    if (rule?.doing?.buckets.length) {
      remark({ kind, object: rule.object, message });
    }
  }
}; // prettier-ignore

/** A burst in the roundest figure that the kernel does not tell from it; none where no full frame fits into it. */
function burstOf(bytes: number, rate: number, say: (kind: Remark['kind'], message: string) => void): number | undefined {
  if (bytes < MTU_FRAME) {
    say('approximate', `No full frame fits into its burst of ${bytes} B; the policy computes one.`);
    return undefined;
  }
  return roundest([bytes], (size) => sameBurst(size, bytes, rate)) ?? bytes;
} // prettier-ignore

const LARGEST = 65_536;
const drops = (action: PoliceAction) => action === 'drop';

/** @param many of these buckets that there are */
function policeOf(
  buckets: readonly Bucket[],
  many: number,
  say: (kind: Remark['kind'], message: string) => void
): Police | undefined {
  const own = buckets.at(-1);
  if (!own) {
    return undefined;
  }
  const [first] = buckets;
  const above =
    buckets.length === 2 && first!.peak === undefined && own.peak === undefined
      ? { rate: first!.rate, burst: first!.burst, violate: first!.exceed }
      : buckets.length === 1 && own.peak
        ? { rate: own.peak, burst: own.mtu, violate: own.exceed }
        : undefined;
  if (buckets.length > 1 && !above) {
    say('left-out', `It ${WORDS.buckets(buckets)} one after the other, which the policy does not say.`);
    return undefined;
  }
  if (many > 1) {
    say('approximate', `Each of the ${many} rules that go there has a bucket of its own, so that ${formatRate(many * own.rate)} pass together; the policy has one bucket of that rate for the class.`); // prettier-ignore
  }
  if (buckets.some(({ mtu, peak }) => mtu < LARGEST && !peak)) {
    say('notice', `Packets above its mtu of ${own.mtu} B are too much whatever the rate, also those that segmentation offload makes; the policy counts them like others.`); // prettier-ignore
  }
  const burst = burstOf(many * own.burst, many * own.rate, say);
  const peakBurst = above && burstOf(many * above.burst, many * above.rate, say);
  return {
    rate: absolute(many * own.rate),
    ...(burst && { burst }),
    ...(above && { peakRate: absolute(many * above.rate), ...(peakBurst && { peakBurst }) }),
    ...(!drops(own.exceed) && { exceed: own.exceed }),
    ...(above && !drops(above.violate) && { violate: above.violate }),
  };
}
