/** The classifier rules of a tree: one for each alternative of a match, level by level. */
import { flatten, type ResolvedClass } from '../../policy/resolve.ts';
import { MAX_RULES, MAX_U32_RULES } from './allocation.ts';
import { alternatives, alternativesAtMost, describeAlternative, type Alternative } from './alternatives.ts';
import type { Ground } from './builder.ts';
import { CompileError } from './compile-error.ts';
import { flowerRule } from './flower.ts';
import type { Capabilities, Filter, Origin } from './model.ts';
import { u32Rules, word } from './u32.ts';

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
export interface Level {
  parent: string;
  holder: ResolvedClass | undefined;
  classes: readonly ResolvedClass[];
  /** The classid that a class of the level has under this discipline */
  idOf: (item: ResolvedClass) => string;
  /** What no rule takes is lost here, so that the last rule takes everything. */
  needsLast?: boolean;
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

export interface Placed {
  value: Omit<Filter, 'pref'>;
  origin: Origin;
}

function collectRules(into: Map<string, Placed>, { parent, classes, idOf }: Level, capabilities: Capabilities): void {
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
  { parent, holder, classes, idOf, needsLast }: Level,
  capabilities: Capabilities
): void {
  const own = classes.find((item) => item.default)!;
  if (!holder && own.classes.length === 0 && !needsLast) {
    return;
  }
  into.set(`${own.path} everything`, {
    value: { parent, protocol: 'all', ...everything(capabilities), classid: idOf(own) },
    origin: { path: own.source, why: `${holder?.name ?? 'the link'}: everything else goes to ${own.path}` },
  });
}

/** The rules of all levels in their order, by key. */
export function rulesOfLevels(levels: readonly Level[], capabilities: Capabilities): Map<string, Placed> {
  const rules = new Map<string, Placed>();
  for (const level of levels) {
    collectRules(rules, level, capabilities);
    collectCatchAll(rules, level, capabilities);
  }
  return rules;
}
