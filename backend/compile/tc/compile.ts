/** Policy + capabilities + identities → a tc tree: HTB with a queue per leaf and a rule per alternative of a match. */
import { formatRate } from '../../policy/quantities.ts';
import { flatten, type ResolvedClass, type ResolvedPolicy } from '../../policy/resolve.ts';
import { allocateClasses, allocateFilters, MAX_RULES, MAX_U32_RULES, type Allocation } from './allocation.ts';
import { alternatives, alternativesAtMost, describeAlternative, type Alternative } from './alternatives.ts';
import { flowerRule } from './flower.ts';
import {
  objectId,
  ROOT_CLASS_MINOR,
  type Capabilities,
  type CompiledTree,
  type Filter,
  type HtbClass,
  type Origin,
  type TcObject,
} from './model.ts';
import { CompileError } from './compile-error.ts';
import { checkBandwidth, checkRates } from './limits.ts';
import { leafQueue, MTU_FRAME } from './queue.ts';
import { u32Rules, word } from './u32.ts';
import { readable } from './units.ts';

export interface Compiled {
  tree: CompiledTree;
  allocation: Allocation;
  notes: string[];
}

/** The least rate the kernel shares sensibly; a class without a guarantee gets this. */
const MIN_RATE = 8000;
const MAX_QUANTUM = 200_000;

/** Two full frames, or what passes in 200 µs: less would make the timer the limit, more would let bursts through. */
export const burstFor = (rate: number): number => Math.max(2 * MTU_FRAME, Math.ceil((rate * 200e-6) / 8));

class Builder {
  readonly tree: CompiledTree = { qdiscs: [], classes: [], filters: [], origins: new Map() };
  readonly notes = new Set<string>();
  add(object: TcObject, origin: Origin): void {
    const list = { qdisc: this.tree.qdiscs, class: this.tree.classes, filter: this.tree.filters }[
      object.type
    ] as unknown[];
    list.push(object.value);
    this.tree.origins.set(objectId(object), origin);
  }
}

/** Weights of leaves among their priority as quanta: the smallest share gets one full frame. */
function quantumOf(item: ResolvedClass, leaves: readonly ResolvedClass[]): number {
  const least = Math.min(...leaves.filter((leaf) => leaf.priority === item.priority).map((leaf) => leaf.share));
  return Math.min(MAX_QUANTUM, Math.round((MTU_FRAME * item.share) / least));
}

function htbClass(item: ResolvedClass, classid: string, parent: string, quantum: number | undefined): HtbClass {
  const ceil = readable(item.ceiling);
  const rate = readable(Math.min(item.ceiling, Math.max(item.guarantee, MIN_RATE)));
  checkRates(item, rate);
  return {
    classid,
    parent,
    rate,
    ceil,
    burst: item.burst ?? burstFor(rate),
    cburst: item.burst ?? burstFor(ceil),
    ...(quantum === undefined ? {} : { prio: 7 - item.priority, quantum }),
  };
}

/** A rule that every packet satisfies. */
const everything = (capabilities: Capabilities): Pick<Filter, 'kind' | 'keys'> =>
  capabilities.classifiers.includes('u32') ? { kind: 'u32', keys: [word(0, 0, 0)] } : { kind: 'flower', keys: [] };

interface Rule {
  alternative: Alternative;
  protocol: string;
  kind: Filter['kind'];
  keys: string[];
}

const ETHERTYPE = { 4: 'ip', 6: 'ipv6' } as const;

/** Each alternative for plain and for VLAN-tagged frames: `protocol ip` alone misses the tagged ones. */
function* rulesOf(item: ResolvedClass, clauseIndex: number, capabilities: Capabilities): Generator<Rule> {
  const flower = capabilities.classifiers.includes('flower');
  for (const alternative of alternatives(item.match[clauseIndex]!)) {
    for (const tagged of [false, true]) {
      const protocol = tagged ? '802.1Q' : ETHERTYPE[alternative.family];
      if (flower) {
        yield { alternative, protocol, kind: 'flower', keys: flowerRule(alternative, tagged) };
      } else {
        for (const keys of u32Rules(alternative, tagged)) {
          yield { alternative, protocol, kind: 'u32', keys };
        }
      }
    }
  }
}

/** Lists of a clause multiply: four of a few hundred entries each would be more rules than any memory holds. */
function tooMany(item: ResolvedClass, clause: number, most: number): CompileError {
  return new CompileError(
    `${item.source}.match[${clause}]`,
    `The matches up to here of "${item.name}" are more than ${most} rules, which is what one interface holds: the lists of a clause multiply. Use fewer or wider ranges and prefixes.`
  );
}

/** The rules of one parent: the root (`holder` undefined) or a class with children. */
interface Level {
  parent: string;
  holder: ResolvedClass | undefined;
  classes: readonly ResolvedClass[];
}
interface Placed {
  value: Omit<Filter, 'pref'>;
  origin: Origin;
}

function collectRules(
  into: Map<string, Placed>,
  { parent, classes }: Level,
  idOf: (item: ResolvedClass) => string,
  capabilities: Capabilities
): void {
  const most = capabilities.classifiers.includes('flower') ? MAX_RULES : MAX_U32_RULES;
  for (const item of classes) {
    item.match.forEach((said, clause) => {
      if (2 * alternativesAtMost(said) > 4 * most) {
        throw tooMany(item, clause, most);
      }
      for (const { alternative, protocol, kind, keys } of rulesOf(item, clause, capabilities)) {
        // A rule said twice by one class is one rule, hence by key.
        const key = `${item.path} ${protocol} ${kind} ${keys.join(' ')}`;
        if (!into.has(key)) {
          into.set(key, {
            value: { parent, protocol, kind, keys, classid: idOf(item) },
            origin: {
              path: `${item.source}.match[${clause}]`,
              why: `${item.name}: ${describeAlternative(alternative)}${protocol === '802.1Q' ? ', VLAN-tagged' : ''}`,
            },
          });
        }
        if (into.size > most) {
          throw tooMany(item, clause, most);
        }
      }
    });
  }
}

/** What no rule of the level takes, where HTB's own default would not do: the rules of the default class come next. */
function collectCatchAll(
  into: Map<string, Placed>,
  { parent, holder, classes }: Level,
  idOf: (item: ResolvedClass) => string,
  capabilities: Capabilities
): void {
  const own = classes.find((item) => item.default)!;
  if (!holder && own.classes.length === 0) {
    return;
  }
  into.set(`${own.path} everything`, {
    value: { parent, protocol: 'all', ...everything(capabilities), classid: idOf(own) },
    origin: { path: own.source, why: `${holder?.name ?? 'the link'}: everything else goes to ${own.path}` },
  });
}

/** The leaf that takes what nothing matched: defaults of defaults are followed down. */
function defaultLeaf(classes: readonly ResolvedClass[]): ResolvedClass {
  const item = classes.find((candidate) => candidate.default)!;
  return item.classes.length > 0 ? defaultLeaf(item.classes) : item;
}

function capabilityNotes(builder: Builder, policy: ResolvedPolicy, capabilities: Capabilities): void {
  if (!capabilities.classifiers.includes('flower')) {
    builder.notes.add(
      'Classifier: u32, since this kernel has no flower. Ports are not seen behind IPv4 options or IPv6 extension headers.'
    );
  }
  if (!capabilities.qdiscs.includes('fq_codel')) {
    const instead = capabilities.qdiscs.includes('sfq') ? 'sfq' : 'pfifo';
    builder.notes.add(`Queues: ${instead}, since this kernel has no fq_codel.`);
  }
  const { gsoMaxSize, mtu } = capabilities;
  if (gsoMaxSize && mtu && gsoMaxSize > 2 * mtu) {
    const time = Math.round((gsoMaxSize * 8 * 1e3) / policy.bandwidth);
    if (time >= 1) {
      builder.notes.add(`Segmentation offload: this interface takes packets of up to ${Math.round(gsoMaxSize / 1024)} KiB at once, and at ${formatRate(policy.bandwidth)} one of them holds the link for ${time} ms. To keep latency low: ethtool -K DEV gso off tso off.`); // prettier-ignore
    }
  }
}

/**
 * Compiles a judged policy.
 * @param rootMajor hexadecimal major of the root handle, e.g. "1"; another than the live root's when the root is replaced.
 * @throws CompileError when the policy names something that the kernel does not have.
 */
export function compile(
  policy: ResolvedPolicy,
  capabilities: Capabilities,
  allocation: Allocation,
  rootMajor = '1'
): Compiled {
  if (!capabilities.qdiscs.includes('htb')) {
    throw new CompileError(
      'spec.scheduler',
      `This kernel (${capabilities.kernel}) has no HTB, which every tree here is built on. Load the module sch_htb.`
    );
  }
  const kinds = capabilities.classifiers;
  if (!kinds.includes('flower') && !kinds.includes('u32')) {
    throw new CompileError(
      'spec.classes',
      `This kernel (${capabilities.kernel}) has neither flower nor u32, so nothing could tell classes apart. Load the module cls_flower or cls_u32.`
    );
  }
  const builder = new Builder();
  const all = flatten(policy.classes);
  const next = allocateClasses(
    allocation,
    all.map((item) => item.path)
  );
  const idOf = (item: ResolvedClass) => `${rootMajor}:${next.classes[item.path]!.toString(16)}`;
  const root = `${rootMajor}:`;
  const linkClass = `${rootMajor}:${ROOT_CLASS_MINOR}`;

  const fallback = defaultLeaf(policy.classes);
  builder.add(
    {
      type: 'qdisc',
      value: { handle: root, parent: 'root', kind: 'htb', options: { default: next.classes[fallback.path]! } },
    },
    { path: 'spec', why: `the tree; what matches nothing goes to ${fallback.path}` }
  );
  checkBandwidth(policy.bandwidth);
  const bandwidth = readable(policy.bandwidth);
  builder.add(
    {
      type: 'class',
      value: {
        classid: linkClass,
        parent: 'root',
        rate: bandwidth,
        ceil: bandwidth,
        burst: burstFor(bandwidth),
        cburst: burstFor(bandwidth),
      },
    },
    { path: 'spec.bandwidth', why: `the link: ${formatRate(bandwidth)}` }
  );
  const leaves = all.filter((item) => item.classes.length === 0);
  const addLevel = (classes: readonly ResolvedClass[], parent: string): void => {
    for (const item of classes) {
      const classid = idOf(item);
      const leaf = item.classes.length === 0;
      const figures = item.strict
        ? `strict, ${formatRate(item.ceiling)}`
        : `guarantee ${formatRate(item.guarantee)}, ceiling ${formatRate(item.ceiling)}`;
      builder.add(
        { type: 'class', value: htbClass(item, classid, parent, leaf ? quantumOf(item, leaves) : undefined) },
        {
          path: item.source,
          why: `${item.path}: ${figures}${item.guarantee < MIN_RATE && !item.strict ? ' (the kernel’s least rate is 8 kbit/s)' : ''}`,
        }
      );
      if (leaf) {
        const { qdisc, why, note } = leafQueue(item, classid, capabilities);
        if (note) {
          builder.notes.add(note);
        }
        builder.add({ type: 'qdisc', value: qdisc }, { path: `${item.source}.queue`, why: `${item.path}: ${why}` });
      } else {
        addLevel(item.classes, classid);
      }
    }
  };
  addLevel(policy.classes, linkClass);

  // By minor and not by place in the document: moving a class leaves the preferences of its children alone.
  const inner = all.filter((item) => item.classes.length > 0);
  const levels: Level[] = [
    { parent: root, holder: undefined, classes: policy.classes },
    ...inner
      .sort((a, b) => next.classes[a.path]! - next.classes[b.path]!)
      .map((holder) => ({ parent: idOf(holder), holder, classes: holder.classes })),
  ];
  const rules = new Map<string, Placed>();
  for (const level of levels) {
    collectRules(rules, level, idOf, capabilities);
    collectCatchAll(rules, level, idOf, capabilities);
  }
  const filters = allocateFilters(allocation.filters, [...rules.keys()]);
  for (const [key, { value, origin }] of rules) {
    builder.add({ type: 'filter', value: { ...value, pref: filters[key]! } }, origin);
  }
  capabilityNotes(builder, policy, capabilities);
  return { tree: builder.tree, allocation: { ...next, filters }, notes: [...builder.notes] };
}
