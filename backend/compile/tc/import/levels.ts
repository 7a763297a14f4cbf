/** Which class of each level takes what: rules that jump anywhere in the tree, as matches of classes within classes. */
import type { Clause } from '../../../policy/schema.ts';
import { actingOf, type Acting } from './acting.ts';
import { within, type Node } from './classes.ts';
import { foldRules } from './fold.ts';
import type { Remark, Rule } from './model.ts';
import { meet, MOST_RULES } from './same-class.ts';
import { takesAll } from './rules.ts';

/** A class of the policy as it comes out of a level, before its figures. */
export interface Placed {
  node: Node | undefined;
  match: Clause[] | undefined;
  default: boolean;
  acting: Acting;
  classes: Placed[];
}
/** What no rule of a level takes: where it goes, and the rule of above that sends it there, if any. */
interface Rest {
  classid: string | undefined;
  by?: Rule;
}
export interface LevelContext {
  rules: ReadonlyMap<string, readonly Rule[]>;
  /** Where the whole tree sends what no rule takes: a leaf, or undefined for past all classes. */
  fallback: string | undefined;
  remark: (item: Remark) => void;
  /** Classes whose rules see plain frames alone, or tagged ones alone: their matches are wider. */
  narrower: { plain: Set<string>; tagged: Set<string> };
}

const holds = (node: Node, classid: string | undefined) =>
  classid !== undefined && within(node).some(({ item }) => item.classid === classid);

/** The rules up to one that takes everything, and where that one sends it. */
function untilAll(rules: readonly Rule[], remark: LevelContext['remark']): { asked: Rule[]; all: Rule | undefined } {
  const at = rules.findIndex(takesAll);
  for (const { object, classid } of at < 0 ? [] : rules.slice(at + 1)) {
    remark({ kind: 'notice', object, message: `It is never asked, since ${rules[at]!.object} before it takes everything; it would send to ${classid}.` }); // prettier-ignore
  }
  return at < 0 ? { asked: [...rules], all: undefined } : { asked: rules.slice(0, at), all: rules[at]! };
}

/** Before those that it could take packets from; where the rules leave it open, by which is asked first. */
function inOrder(nodes: readonly Node[], asked: readonly Rule[]): Node[] {
  const owners = asked.map(({ classid }) => nodes.find((node) => holds(node, classid)));
  const after = new Map<Node, Set<Node>>(nodes.map((node) => [node, new Set()]));
  (asked.length > MOST_RULES ? [] : asked).forEach((rule, index) => {
    for (let later = index + 1; later < asked.length; later++) {
      const [one, other] = [owners[index], owners[later]];
      if (one && other && one !== other && !after.get(other)!.has(one) && meet(rule, asked[later]!)) {
        after.get(other)!.add(one);
      }
    }
  });
  const left = [...nodes].sort((a, b) => owners.indexOf(a) - owners.indexOf(b));
  const result: Node[] = [];
  while (left.length > 0) {
    // Two that take packets from each other cannot be told by order: the one that is asked first stays first.
    const at = left.findIndex((node) => !left.some((other) => after.get(node)!.has(other)));
    result.push(...left.splice(Math.max(0, at), 1));
  }
  return result;
}

/**
 * One level.
 * @param rules in their order: those of the holder, and those of above that jump below it
 * @param above where what no rule takes goes by what stands above
 * @param open any packet may come here, not only those that a rule sends
 */
export function placeLevel(
  nodes: readonly Node[],
  rules: readonly Rule[],
  above: Rest,
  open: boolean,
  context: LevelContext
): Placed[] {
  const { asked, all } = untilAll(rules, context.remark);
  const rest: Rest = all ? { classid: all.classid, by: all } : above;
  const takes = (node: Node) => asked.filter(({ classid }) => holds(node, classid));
  const order = inOrder(nodes, asked);
  const last = (node: Node) => asked.findLastIndex(({ classid }) => holds(node, classid));
  const fallback =
    nodes.find((node) => holds(node, rest.classid)) ??
    // Everything that comes here was asked for by one of them: what the others do not take is the last one's.
    (open ? undefined : nodes.toSorted((a, b) => last(b) - last(a))[0]);
  const placed = nodes
    .filter((node) => node === fallback || takes(node).length > 0)
    .toSorted((a, b) => Number(a === fallback) - Number(b === fallback) || order.indexOf(a) - order.indexOf(b))
    .map((node) => placeNode(node, takes(node), node === fallback, rest, context));
  for (const node of nodes.filter((item) => item !== fallback && takes(item).length === 0)) {
    remarkUnreached(node, context);
  }
  return fallback ? placed : [...placed, { node: undefined, match: undefined, default: true, acting: {}, classes: [] }];
}

function remarkUnreached(node: Node, { remark }: LevelContext): void {
  for (const { item, children } of within(node)) {
    if (children.length === 0) {
      remark({ kind: 'left-out', object: `class ${item.classid}`, message: 'No rule that can be read sends anything there. If firewall rules (CLASSIFY) or programs (SO_PRIORITY) do, write a class with a match of your own.' }); // prettier-ignore
    }
  }
}

/** What one level has written, the rules of the next see: the matches of a policy see what arrives. */
function remarkMarkedBefore(above: readonly Rule[], below: readonly Rule[], { remark }: LevelContext): void {
  for (const [what, writes, asks] of [
    ['DSCP', ({ doing }: Rule) => doing?.dscp !== undefined, ({ dscp }: Rule) => dscp !== undefined],
    ['mark', ({ doing }: Rule) => doing?.fwmark !== undefined, ({ more }: Rule) => more?.fwmark !== undefined],
  ] as const) {
    const writer = above.find(writes);
    for (const { object } of writer ? below.filter(asks) : []) {
      remark({ kind: 'approximate', object, message: `It asks for the ${what} that ${writer!.object} has written before; the matches of the policy see the one that arrives.` }); // prettier-ignore
    }
  }
}

function placeNode(
  node: Node,
  incoming: readonly Rule[],
  isDefault: boolean,
  rest: Rest,
  context: LevelContext
): Placed {
  const { item, children } = node;
  const { clauses, plainOnly, taggedOnly } = foldRules(incoming);
  if (plainOnly && !isDefault) {
    context.narrower.plain.add(item.classid);
  }
  if (taggedOnly && !isDefault) {
    context.narrower.tagged.add(item.classid);
  }
  const below = [
    ...incoming.filter(({ classid }) => classid !== item.classid),
    ...(context.rules.get(item.classid) ?? []).filter(({ classid, object }) => {
      const inside = children.some((child) => holds(child, classid));
      if (!inside) {
        context.remark({ kind: 'left-out', object, message: `It sends from ${item.classid} to ${classid}, which is not below it.` }); // prettier-ignore
      }
      return inside;
    }),
  ];
  remarkMarkedBefore(incoming, context.rules.get(item.classid) ?? [], context);
  // What comes to an inner class and none of its rules takes goes where the whole tree's default is.
  const goesOn = isDefault && rest.classid !== item.classid;
  const acting = actingOf(
    [
      ...incoming.filter(({ classid }) => classid === item.classid),
      ...(isDefault && rest.classid === item.classid ? [rest.by] : []),
      // What jumps over an inner class to one below it is none of its own.
      ...(goesOn || incoming.some(({ classid }) => classid !== item.classid) ? [undefined] : []),
    ],
    item.classid,
    context.remark
  );
  return {
    node,
    match: isDefault ? undefined : clauses,
    default: isDefault,
    acting,
    classes:
      children.length > 0
        ? placeLevel(children, below, goesOn ? rest : { classid: context.fallback }, false, context)
        : [],
  };
}
