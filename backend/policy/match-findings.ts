/** What is said of a clause or a class whose packets go elsewhere, with what could be done about it. */
import { finding } from './codes.ts';
import type { Finding, Fix } from './finding.ts';
import { removal } from './fixes.ts';
import { impossible } from './matching.ts';
import { describeClause } from './outline.ts';
import { regionOf, subtract, type Box } from './regions.ts';
import type { ResolvedClass } from './resolve.ts';
import type { Clause } from './schema.ts';

/** Earlier classes that are named as sharing packets with one. */
const MOST_NAMED = 3;

/** One clause as it is compared with later ones. */
export interface Seen {
  /** Of the class in its level */
  place: number;
  item: ResolvedClass;
  /** Of the clause in the class */
  index: number;
  clause: Clause;
  /** Undefined where it is more boxes than are followed */
  region: Box[] | undefined;
}

/** The order of the document. */
export const inOrder = (a: Seen, b: Seen) => a.place - b.place || a.index - b.index;
const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(names.length > 2 ? ', ' : ' and ');
const parentOf = (source: string) => source.slice(0, source.lastIndexOf('['));

/** No packet reaches the clause, so nothing changes without it, unless children are looked for behind it. */
const withoutClause = (item: ResolvedClass, path: string): Fix | undefined =>
  item.match.length > 1 && item.classes.length === 0
    ? removal(path, 'Remove the clause, which no packet reaches')
    : undefined;

export function impossibleClause(
  item: ResolvedClass,
  index: number,
  region = regionOf(item.match[index]!)
): Finding | undefined {
  const clause = item.match[index]!;
  const path = `${item.source}.match[${index}]`;
  const why = impossible(clause) ?? (region?.length === 0 ? 'its conditions exclude each other' : undefined); // prettier-ignore
  return why === undefined
    ? undefined
    : finding('CP-MATCH-IMPOSSIBLE', path, `No packet can satisfy this clause: ${why}.`, undefined, withoutClause(item, path)); // prettier-ignore
}

/** Whether a clause holds packets that another does not. */
function wider(clause: Clause, other: Clause): boolean {
  const [own, others] = [regionOf(clause), regionOf(other)];
  const left = own && others?.reduce((boxes, box) => boxes.flatMap((piece) => subtract(piece, box)), own);
  return left !== undefined && left.length > 0;
}

/** The class before the one that hides it: the narrower an exception of the wider, and nothing else changes. What stands inside of either is looked for in other packets then. */
function movedBefore(item: ResolvedClass, hider: Seen): Fix | undefined {
  const plain =
    item.match.length === 1 &&
    item.classes.length + hider.item.classes.length === 0 &&
    wider(hider.clause, item.match[0]!);
  const to = `${parentOf(item.source)}[${hider.place}]`;
  return plain
    ? { title: `Move "${item.name}" before "${hider.item.name}"`, edits: [{ op: 'move', from: item.source, path: to }] }
    : undefined;
}

/** @param level the clauses of the class's own level: others are beside a class above it */
export function hiddenClause(
  item: ResolvedClass,
  index: number,
  hiders: readonly Seen[],
  level: ReadonlySet<Seen>
): Finding {
  const path = `${item.source}.match[${index}]`;
  const names = [...new Set([...hiders].sort(inOrder).map((seen) => seen.item.name))];
  const who = quoted(names);
  const message =
    names.length === 1
      ? `${who} stands earlier and takes every packet of this clause, so none reaches "${item.name}".`
      : `${who} stand earlier and together take every packet of this clause, so none reaches "${item.name}".`;
  const [only] = hiders.length === 1 && level.has(hiders[0]!) ? hiders : [];
  const fix = withoutClause(item, path) ?? (only && movedBefore(item, only));
  return finding('CP-MATCH-HIDDEN', path, message, `Move "${item.name}" before ${who}, or narrow the earlier match.`, fix); // prettier-ignore
}

export function outsideClause(item: ResolvedClass, index: number, parent: ResolvedClass): Finding {
  const path = `${item.source}.match[${index}]`;
  const message = `"${item.name}" is looked for inside "${parent.name}" only, which never gets a packet of this clause.`;
  return finding('CP-MATCH-OUTSIDE', path, message, `Widen the match of "${parent.name}", or move the class out of it.`, withoutClause(item, path)); // prettier-ignore
}

export function sharedPackets(item: ResolvedClass, shared: ReadonlyArray<{ earlier: Seen; clause: Clause }>): Finding {
  const cases = shared
    .slice(0, MOST_NAMED)
    .map(({ earlier, clause }) => `what is ${describeClause(earlier.clause)} as well as ${describeClause(clause)} goes to "${earlier.item.name}"`); // prettier-ignore
  const more = shared.length > MOST_NAMED ? `, and so with ${shared.length - MOST_NAMED} more` : '';
  const message = `"${item.name}" shares packets with classes that stand earlier and take them: ${cases.join('; ')}${more}.`;
  return finding('CP-MATCH-OVERLAP', `${item.source}.match`, message, `Where those are meant for "${item.name}", move it up or narrow the earlier match.`); // prettier-ignore
}

/** @param beside classes of its level, itself among them */
export function unreachable(item: ResolvedClass, beside: number): Finding {
  const message = `No packet reaches "${item.name}": each of its clauses is taken by an earlier class or is of packets that never get here. Its queue stays empty and its objective is never measured.`;
  const fix = beside > 1 ? removal(item.source, `Remove "${item.name}"`) : undefined;
  return finding('CP-CLASS-UNREACHABLE', item.source, message, 'Move it, widen its match, or remove it.', fix);
}
