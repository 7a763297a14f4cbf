/** The classifier rules of a tree: one for each box of a match, level by level. */
import { boxes, ETHER_TYPE, TooManyBoxes, type Box } from '../../policy/boxes.ts';
import { flatten, type ResolvedClass } from '../../policy/resolve.ts';
import type { Clause } from '../../policy/schema.ts';
import { MAX_RULES, MAX_U32_RULES } from './allocation.ts';
import type { Ground } from './builder.ts';
import { acts, chainRules, entry, type ChainRule } from './chains.ts';
import { CompileError } from './compile-error.ts';
import { onArrival } from './connection.ts';
import { flowerRules } from './flower.ts';
import { bucketingOf, shapeOf } from './hash-table.ts';
import { layersOf } from './layers.ts';
import type { Capabilities, Filter, Origin } from './model.ts';
import { looksBehindHeaders, u32Rules, unseenByU32, word } from './u32.ts';
import { describeBox } from './words.ts';

/** Rules with ranges of ports in one level, above which ranges are looked up in blocks instead of gone through. */
const FEW_RANGES = 64;
/** Rules of u32 of one clause, above which they share a preference. */
const FEW_U32 = 16;

/** The rules of one parent: the root (`holder` undefined) or a class with children. */
export interface Level {
  parent: string;
  holder: ResolvedClass | undefined;
  classes: readonly ResolvedClass[];
  /** The classid that a class of the level has under this discipline */
  idOf: (item: ResolvedClass) => string;
  /** What no rule takes is lost here, so that the last rule takes everything. */
  needsLast?: boolean;
  /** Where there are no classes: the chains of those of the level, in which all that is done with them stands */
  chains?: Array<{ owner: string; rules: ChainRule[] }>;
  /** The chain that the rules of the level stand in */
  chain?: number;
}

/** The levels of a discipline whose rules hang at the root and at each class with children (HTB, HFSC). */
export function levelsOf({ policy, minorOf }: Ground, root: string, idOf: Level['idOf']): Level[] {
  // By minor and not by place in the document: moving a class leaves the preferences of its children alone.
  const inner = flatten(policy.classes)
    .filter((item) => item.classes.length > 0)
    .sort((a, b) => minorOf(a) - minorOf(b));
  return [
    { parent: root, holder: undefined, classes: policy.classes, idOf },
    ...inner.map((holder) => ({ parent: idOf(holder), holder, classes: holder.classes, idOf })),
  ];
}

type Value = Omit<Filter, 'pref' | 'handle'>;
export interface Placed {
  /** Identity of the rule, by names */
  key: string;
  value: Value;
  origin: Origin;
}
/** Rules that share a preference: one of u32, or those of flower that may stand in any order. */
export type Slot = Placed[];

/** A rule said twice by one class is one rule. @param path of its class */
export const ruleKey = (path: string, { protocol, kind, keys }: Pick<Filter, 'protocol' | 'kind' | 'keys'>): string =>
  `${path} ${protocol} ${kind} ${keys.join(' ')}`;

interface Rule extends Placed {
  box: Box;
  target: string;
}

/**
 * The filter's protocol for plain and for VLAN-tagged frames: `protocol ip` alone misses the tagged ones. flower sees a
 * tag that the kernel keeps beside the frame, as of all that it receives and of what leaves by a VLAN interface. Where a
 * program wrote the tag into the frame itself, or the interface has `reorder_hdr off`, flower begins behind the tag and
 * takes the IP header for one: 0x4500 is VLAN 1280 to it (measured, Linux 7.2).
 */
function* protocolsOf(box: Box): Generator<string> {
  const type = box.etherType?.mask === 0xffffn ? Number(box.etherType.value) : undefined;
  if (!type) {
    yield box.tagged ? '802.1Q' : 'all';
    return;
  }
  if (!box.tagged) {
    yield type === ETHER_TYPE[4] ? 'ip' : type === ETHER_TYPE[6] ? 'ipv6' : `0x${type.toString(16)}`;
  }
  yield '802.1Q';
}

/** A condition that no classifier can turn around. */
const negates = (clause: Clause, negated = false): boolean =>
  (negated && clause.inputInterface !== undefined) || (clause.not !== undefined && negates(clause.not, !negated));

function cannot(item: ResolvedClass, path: string, asked: Box, capabilities: Capabilities): CompileError {
  const { kernel, classifiers, marks } = capabilities;
  const box = onArrival(asked, capabilities);
  const mark = asked.connmark && box.fwmark ? 'connmark' : 'fwmark';
  const unseen = [...(box.fwmark && !marks ? [mark] : []), ...unseenByU32(box)];
  const alone = [...(box.fwmark ? [mark] : []), ...(box.length ? ['length'] : [])];
  const why = classifiers.includes('flower') && marks
    ? `no classifier sees ${alone.join(' and ') || 'a negated etherType'} together with ${unseen.join(' and ') || 'the rest'}`
    : `this kernel (${kernel}) has no classifier that sees ${[...new Set([...alone, ...unseen])].join(' and ') || 'what is asked'}`;
  return new CompileError(path, `"${item.name}" cannot be told apart here: ${why}. Divide the clause, or mark such packets elsewhere and match the mark.`);
} // prettier-ignore

/** Lists of a clause multiply: four of a few hundred entries each would be more rules than any memory holds. */
function tooMany(item: ResolvedClass, clause: number, most: number): CompileError {
  return new CompileError(
    `${item.source}.match[${clause}]`,
    `The matches up to here of "${item.name}" are more than ${most} rules, which is what one interface holds: the lists of a clause multiply. Use fewer or wider ranges and prefixes.`
  );
}

class LevelRules {
  private readonly rules = new Map<string, Rule>();
  private readonly level: Level;
  private readonly capabilities: Capabilities;
  private readonly flower: boolean;
  private readonly cut: boolean;
  hidden = false;
  constructor(level: Level, capabilities: Capabilities) {
    this.level = level;
    this.capabilities = capabilities;
    this.flower = capabilities.classifiers.includes('flower');
    const ranges = level.classes
      .flatMap((item) => item.match)
      .reduce((sum, clause) => sum + [clause.ports, clause.sourcePorts, clause.destinationPorts].flatMap((list) => list ?? []).filter(({ from, to }) => from < to).length, 0); // prettier-ignore
    this.cut = ranges > FEW_RANGES;
  }

  private add(item: ResolvedClass, rule: Omit<Rule, 'key' | 'target' | 'value'> & { value: Omit<Value, 'parent' | 'classid' | 'actions'> }): void {
    const key = ruleKey(item.path, rule.value);
    if (!this.rules.has(key)) {
      const classid = this.level.idOf(item);
      const { parent, chain, chains } = this.level;
      const value: Value = { parent, ...(chain && { chain }), ...rule.value, classid: chains ? '' : classid, ...entry(item, classid, chains !== undefined) };
      this.rules.set(key, { key, target: item.path, ...rule, value });
    }
  } // prettier-ignore

  /** The rules of a box for one kind of frame, by the first classifier that sees all of it. */
  private keysOf(asked: Box, protocol: string): { kind: Filter['kind']; keys: string[][] } | undefined {
    const { classifiers, marks } = this.capabilities;
    const box = onArrival(asked, this.capabilities);
    const tagged = protocol === '802.1Q';
    const byFlower = this.flower ? flowerRules(box, tagged, this.cut) : undefined;
    if (byFlower) {
      return { kind: 'flower', keys: byFlower };
    }
    const byU32 = classifiers.includes('u32') && (marks || !box.fwmark) ? u32Rules(box, tagged) : undefined;
    this.hidden ||= byU32 !== undefined && looksBehindHeaders(box);
    return byU32 && { kind: 'u32', keys: byU32 };
  }

  private addClause(item: ResolvedClass, index: number): void {
    const path = `${item.source}.match[${index}]`;
    const clause = item.match[index]!;
    if (negates(clause)) {
      throw new CompileError(path, `"${item.name}" asks for what came in by another interface than one: no classifier of the kernel can. List the interfaces that are meant.`); // prettier-ignore
    }
    for (const box of boxes(clause)) {
      for (const protocol of protocolsOf(box)) {
        const rules = this.keysOf(box, protocol);
        if (!rules) {
          throw cannot(item, path, box, this.capabilities);
        }
        // Put into words only for those that a plan shows.
        const origin = {
          path,
          get why() {
            return `${item.name}: ${describeBox(box) || 'everything'}${protocol === '802.1Q' ? ', VLAN-tagged' : ''}`;
          },
        };
        for (const keys of rules.keys) {
          this.add(item, { box, value: { protocol, kind: rules.kind, keys }, origin });
          if (this.rules.size > MAX_RULES) {
            throw tooMany(item, index, MAX_RULES);
          }
        }
      }
    }
  }

  addClass(item: ResolvedClass): void {
    item.match.forEach((_, index) => {
      try {
        this.addClause(item, index);
      } catch (error) {
        throw error instanceof TooManyBoxes ? tooMany(item, index, MAX_RULES) : error;
      }
    });
  }

  /** What no rule of the level takes, where HTB's own default would not do: the rules of the default class come next. */
  addCatchAll(): void {
    const { holder, classes, needsLast } = this.level;
    const own = classes.find((item) => item.default)!;
    if (!holder && own.classes.length === 0 && !acts(own) && !needsLast) {
      return;
    }
    const value = this.capabilities.classifiers.includes('u32')
      ? { kind: 'u32' as const, keys: [word(0, 0, 0)] }
      : { kind: 'flower' as const, keys: [] };
    const why = `${holder?.name ?? 'the link'}: everything else goes to ${own.path}`;
    this.add(own, { box: {}, value: { protocol: 'all', ...value }, origin: { path: own.source, why } });
  }

  /** By layer: within one, a preference for each protocol; of u32 one for the many that fill a table, for each rule, or for the many of one clause. */
  slots(): Slot[] {
    const rules = [...this.rules.values()];
    const layers = layersOf(rules.map(({ box, target, value }) => ({ box, target, protocol: value.protocol })));
    const tableOf = tablesOf(rules, layers);
    const together = ({ value, origin }: Rule, index: number) =>
      tableOf[index] ?? `${layers[index]} ${value.protocol}${value.kind === 'u32' ? ` ${origin.path}` : ''}`;
    const counts = new Map<string, number>();
    rules.forEach((rule, index) => counts.set(together(rule, index), (counts.get(together(rule, index)) ?? 0) + 1));
    const placed = new Map<string, number>();
    const slots = new Map<string, { layer: number; rules: Placed[] }>();
    rules.forEach((rule, index) => {
      const { key, value, origin } = rule;
      const group = together(rule, index);
      const before = placed.get(group) ?? 0;
      placed.set(group, before + 1);
      // u32 deletes a preference as a whole: a rule stands alone as long as there are few.
      const isListed = value.kind === 'u32' && tableOf[index] === undefined;
      const alone = isListed && counts.get(group)! <= FEW_U32;
      const name = alone ? key : isListed ? `${group} ${Math.floor(before / MAX_U32_RULES)}` : group;
      const slot = slots.get(name) ?? { layer: layers[index]!, rules: [] };
      slot.rules.push({ key, value, origin });
      slots.set(name, slot);
    });
    return [...slots.values()].sort((a, b) => a.layer - b.layer).map((slot) => slot.rules);
  }
}

/** For each rule what is said of the hash table that it stands in, with those of its layer that look at the same bits. */
function tablesOf(rules: readonly Rule[], layers: readonly number[]): Array<string | undefined> {
  const names = rules.map(({ value: { kind, protocol, keys } }, index) => kind === 'u32' ? `${layers[index]} ${protocol} ${shapeOf(keys)}` : undefined); // prettier-ignore
  const groups = Map.groupBy(rules, (_, index) => names[index]);
  const filled = new Set([...groups].flatMap(([name, group]) => bucketingOf(group.map(({ value }) => value)) ? [name] : [])); // prettier-ignore
  return names.map((name) => (filled.has(name) ? name : undefined));
}

/** The chain of each class that acts: its rules stand before any rule leads there. */
function chainSlots(level: Level, capabilities: Capabilities): Slot[] {
  const { parent, classes, idOf } = level;
  const chains = level.chains ?? classes.map((item) => ({ owner: item.path, rules: chainRules(item, idOf(item), capabilities) })); // prettier-ignore
  return chains.flatMap(({ owner, rules }) =>
    rules.map(({ chain, name, path, why, value }): Slot => [
      {
        key: `${owner} chain ${chain} ${name}`,
        value: { parent, chain, kind: 'flower', ...value },
        origin: { path, why },
      },
    ])
  );
}

/** The rules of all levels in their order, and whether some of u32 look at a fixed place behind the IP header. */
export function rulesOfLevels(
  levels: readonly Level[],
  capabilities: Capabilities
): { slots: Slot[]; hidden: boolean } {
  const slots: Slot[] = [];
  let hidden = false;
  for (const level of levels) {
    const rules = new LevelRules(level, capabilities);
    level.classes.forEach((item) => rules.addClass(item));
    rules.addCatchAll();
    hidden ||= rules.hidden;
    slots.push(...chainSlots(level, capabilities), ...rules.slots());
  }
  const tables = slots.filter(([first]) => first!.value.kind === 'u32');
  if (tables.length > MAX_U32_RULES) {
    const { path } = tables[MAX_U32_RULES]![0]!.origin;
    throw new CompileError(path, `The matches up to here are more than ${MAX_U32_RULES} rules of u32, which is what one interface holds. Use fewer or wider ranges and prefixes.`); // prettier-ignore
  }
  return { slots, hidden };
}
