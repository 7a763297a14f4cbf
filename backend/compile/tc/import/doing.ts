/** What becomes of the packets of a rule: its actions and the chains that they lead to, gone through for one kind of frame. */
import type { PoliceAction } from '../../../policy/resolve.ts';
import type { Masked } from '../../../policy/selectors.ts';
import type { Ctinfo, Filter } from '../model.ts';
import { stepOf, type Step, type Then } from './steps.ts';

/** One bucket and what follows it. */
export interface Bucket {
  /** Rules of one name share it */
  name: string;
  rate: number;
  burst: number;
  /** Larger packets are too much, whatever the rate */
  mtu: number;
  /** bit/s of a second bucket of `mtu` bytes in the same police */
  peak: number | undefined;
  exceed: PoliceAction;
}
export interface Doing {
  /** In the order in which packets come to them */
  buckets: readonly Bucket[];
  dscp?: number;
  fwmark?: Masked;
  vlanPriority?: number;
  mirror?: string;
  redirect?: string;
  /** Bits of its mark that are a copy of the connection's */
  connection?: number;
  /** The DSCP that the connection's mark keeps becomes its own */
  restored?: Ctinfo['dscp'];
}
/** Where it ends: in a class, lost, or with the next rule. */
export type End = { kind: 'class'; classid: string } | { kind: 'dropped' } | { kind: 'next' };
export interface Outcome {
  end: End;
  doing: Doing;
  /** What the policy does not say of it, in words that follow "It" */
  unsaid: string[];
  nearly: string[];
}

/** A frame as the rules of a chain ask for it. */
export interface Frame {
  family: 0 | 4 | 6;
  tagged: boolean;
  vlan: number | undefined;
}

const TYPES: Readonly<Record<string, Frame['family']>> = { ip: 4, ipv6: 6 };

/** @returns undefined where that is asked by what a chain of ours never asks */
function takes({ protocol, keys }: Filter, frame: Frame): boolean | undefined {
  const ofType =
    protocol === 'all' || (protocol === '802.1Q' ? frame.tagged : !frame.tagged && TYPES[protocol] === frame.family);
  const asked = keys.map((key) => {
    const [name, value = ''] = key.split(' ');
    switch (name) {
      case 'vlan_id':
        return frame.vlan === Number(value);
      case 'vlan_ethtype':
        return TYPES[value] === frame.family;
      default:
        return key === 'match u32 0x00000000 0x00000000 at 0' ? true : undefined;
    }
  });
  return !ofType || asked.includes(false) ? false : asked.includes(undefined) ? undefined : true;
}

const NOTHING: Doing = { buckets: [] };
const same = (a: Doing, b: Doing) => JSON.stringify(a) === JSON.stringify(b);

class Walk {
  private readonly chains: ReadonlyMap<number, readonly Filter[]>;
  private readonly frame: Frame;
  readonly unsaid = new Set<string>();
  readonly nearly = new Set<string>();
  constructor(chains: ReadonlyMap<number, readonly Filter[]>, frame: Frame) {
    this.chains = chains;
    this.frame = frame;
  }

  /** @param depth chains may lead to each other in a circle */
  rules(rules: readonly Filter[], doing: Doing, depth: number): Omit<Outcome, 'unsaid' | 'nearly'> {
    for (const [index, rule] of rules.entries()) {
      const taken = takes(rule, this.frame);
      if (taken === undefined) {
        this.unsaid.add(`goes on with rules in chain ${rule.chain} that tell packets apart once more`);
      }
      if (taken) {
        const steps = (rule.actions ?? []).map(stepOf);
        return this.steps(rule, steps, doing, depth, (now) => this.rules(rules.slice(index + 1), now, depth));
      }
    }
    return { end: { kind: 'next' }, doing };
  }

  steps(rule: Filter, [step, ...rest]: readonly Step[], doing: Doing, depth: number, next: (now: Doing) => Omit<Outcome, 'unsaid' | 'nearly'>): Omit<Outcome, 'unsaid' | 'nearly'> {
    if (!step) {
      return { end: { kind: 'class', classid: rule.classid }, doing };
    }
    const on = (then: Then, now: Doing): ReturnType<Walk['steps']> => {
      if (typeof then === 'object') {
        return depth > 8 ? { end: { kind: 'dropped' }, doing: now } : this.rules(this.chains.get(then.chain) ?? [], now, depth + 1);
      }
      switch (then) {
        case 'pipe':
          return this.steps(rule, rest, now, depth, next);
        case 'continue':
          return next(now);
        case 'drop':
          return { end: { kind: 'dropped' }, doing: now };
        case 'pass':
        case 'stolen':
          return { end: { kind: 'class', classid: rule.classid }, doing: now };
      }
    };
    switch (step.kind) {
      case 'police':
        return this.police(rule, step, on, doing);
      case 'dscp':
        if (step.clearsEcn && step.family === this.frame.family) {
          this.nearly.add('it wrote the ECN bits as well, which the policy leaves as they are');
        }
        return on(step.then, step.family === this.frame.family ? { ...doing, dscp: step.dscp } : doing);
      case 'mark':
        return on(step.then, { ...doing, fwmark: { value: step.value, mask: step.mask } });
      case 'connection': {
        const { fwmark, ...rest } = doing;
        // What was written to these bits before is gone.
        const kept = fwmark && (fwmark.mask & ~step.bits) !== 0 ? { fwmark } : {};
        return on(step.then, {
          ...rest,
          ...kept,
          ...(step.bits > 0 && { connection: ((doing.connection ?? 0) | step.bits) >>> 0 }),
          ...(step.dscp && { restored: step.dscp }),
        });
      }
      case 'vlan':
        if (step.id !== this.frame.vlan) {
          this.unsaid.add(`sets VLAN ${step.id}`);
        }
        return on(step.then, step.id === this.frame.vlan ? { ...doing, vlanPriority: step.priority } : doing);
      case 'mirror':
      case 'redirect':
        return on(step.then, { ...doing, [step.kind]: step.device });
      case 'nothing':
        return on(step.then, doing);
      case 'unsaid':
        this.unsaid.add(`does "${step.text}"`);
        return on(step.then, doing);
    }
  } // prettier-ignore

  private police(
    { parent, chain, pref, handle }: Filter,
    step: Step & { kind: 'police' },
    on: (then: Then, doing: Doing) => ReturnType<Walk['steps']>,
    doing: Doing
  ): ReturnType<Walk['steps']> {
    const conforms = on(step.then, doing);
    const exceeds = on(step.exceed, doing);
    const { dscp, ...marked } = exceeds.doing;
    const { dscp: _, ...plain } = conforms.doing;
    const sameEnd = JSON.stringify(exceeds.end) === JSON.stringify(conforms.end);
    const action: PoliceAction | undefined =
      exceeds.end.kind === 'dropped'
        ? 'drop'
        : sameEnd && dscp !== undefined && same({ ...marked, buckets: [] }, { ...plain, buckets: [] })
          ? { dscp }
          : undefined;
    if (!action || conforms.end.kind !== 'class') {
      this.unsaid.add(
        sameEnd
          ? 'polices, and lets pass what is too much'
          : exceeds.end.kind === 'next'
            ? 'polices, and leaves what is too much to later rules'
            : 'polices, and sends what is too much elsewhere'
      );
      return conforms;
    }
    const { rate, burst, mtu, overhead, peak } = step;
    if (overhead !== 0) {
      this.nearly.add(`its police counted ${overhead} B more for each packet, which the policy does not`);
    }
    const name = step.bucket ?? `${parent} ${chain ?? 0} ${pref} ${handle ?? ''}`;
    const bucket: Bucket = { name, rate, burst, mtu, peak, exceed: action };
    return { end: conforms.end, doing: { ...conforms.doing, buckets: [bucket, ...conforms.doing.buckets] } };
  }
}

/** @param chains of the rule's parent */
export function outcomeOf(rule: Filter, chains: ReadonlyMap<number, readonly Filter[]>, frame: Frame): Outcome {
  const walk = new Walk(chains, frame);
  const steps = (rule.actions ?? []).map(stepOf);
  const outcome = walk.steps(rule, steps, NOTHING, 0, (doing) => ({ end: { kind: 'next' }, doing }));
  return { ...outcome, unsaid: [...walk.unsaid], nearly: [...walk.nearly] };
}
