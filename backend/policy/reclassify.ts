/**
 * Which packets go to another class in a new version, as what they were taken by and what takes them now: told from the
 * regions of all matches in their order, so that nothing is said of packets that another class takes as before.
 */
import { canonical } from './changes-words.ts';
import { sharedClause } from './clauses.ts';
import { describeClause } from './outline.ts';
import { Overlaps } from './overlaps.ts';
import { FAMILIES, meet, regionOf, subtract, type Box, type Dimension } from './regions.ts';
import type { Clause } from './schema.ts';
import { meeting, unite } from './spans.ts';

/** Comparisons and subtractions of boxes for two versions, a few tenths of a second. */
const MOST_WORK = 200_000;
/** Pieces of one region that are followed. */
const MOST_PIECES = 2000;

/** What decides where packets go, of a class as written or resolved. */
export interface Sorted {
  name: string;
  default?: boolean | undefined;
  match?: readonly Clause[] | undefined;
  classes?: readonly Sorted[] | undefined;
}

/** What one class is asked for on the way to a leaf: the packets are in all of the clauses, and in none of an earlier rule. */
interface Rule {
  /** Path of names; null where nothing takes them */
  leaf: string | null;
  clauses: readonly Clause[];
  boxes: readonly Box[];
}
type Way = Pick<Rule, 'clauses' | 'boxes'>;

export interface Traffic {
  words: string;
  /** Paths of classes that take some of it before it comes to that, or go on to */
  except: string[];
  /** Some of the packets that change their class */
  some: Box;
}
export interface Reclassification {
  from: string | null;
  to: string | null;
  traffic: Traffic[];
}
export interface Reclassifications {
  found: Reclassification[];
  /** False where there are so many matches that not all were compared */
  complete: boolean;
}

/** Pieces of what changes its class, up to which its clause is narrowed to them for words. */
const MOST_EXACT = 50;

class TooMuch extends Error {}
class Compared {
  private left = MOST_WORK;
  private readonly regions = new Map<Clause, readonly Box[]>();

  spend(amount: number): void {
    this.left -= amount;
    if (this.left < 0) {
      throw new TooMuch();
    }
  }

  private regionOf(clause: Clause): readonly Box[] {
    const known = this.regions.get(clause) ?? regionOf(clause);
    if (!known) {
      throw new TooMuch();
    }
    this.regions.set(clause, known);
    return known;
  }

  /** A policy as one list: the first whose clauses hold takes the packet. */
  rulesOf(classes: readonly Sorted[], above: readonly Way[], path = ''): Rule[] {
    const take = (item: Sorted, ways: readonly Way[]): Rule[] => {
      const leaf = `${path}${item.name}`;
      return item.classes?.length ? this.rulesOf(item.classes, ways, `${leaf}/`) : ways.map((way) => ({ leaf, ...way })); // prettier-ignore
    };
    const fallback = classes.find((item) => item.default);
    return [
      ...classes.filter((item) => !item.default).flatMap((item) => take(item, ordered(above.flatMap((way) => this.narrowed(way, item.match ?? []))))),
      ...(fallback ? take(fallback, above) : above.map((way) => ({ leaf: null, ...way }))),
    ];
  } // prettier-ignore

  private narrowed({ clauses, boxes }: Way, match: readonly Clause[]): Way[] {
    return match.flatMap((clause): Way[] => {
      const own = this.regionOf(clause);
      this.spend(1 + (own.length * boxes.length) / 8);
      const both = boxes.flatMap((box) => own.flatMap((other) => meet(box, other) ?? []));
      return both.length === 0 ? [] : [{ clauses: [...clauses, clause], boxes: both }];
    });
  }
}

/** Ways to one class in an order of their own: the order in which its document lists them decides nothing, nor does one said twice. */
const ordered = (ways: readonly Way[]): Way[] =>
  [...new Map(ways.map((way) => [way.clauses.map(canonical).join(), way]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, way]) => way);

/** Rules of one version by what they may share with a box. */
class Ordered {
  readonly rules: readonly Rule[];
  private readonly overlaps = new Overlaps<number>();
  private readonly compared: Compared;
  constructor(rules: readonly Rule[], compared: Compared) {
    this.rules = rules;
    this.compared = compared;
    rules.forEach(({ boxes }, index) => boxes.forEach((box) => this.overlaps.add(box, index)));
    compared.spend(rules.length / 8);
  }
  near(box: Box): Array<{ box: Box; owner: number }> {
    const { entries, looked } = this.overlaps.near(box);
    this.compared.spend(1 + looked / 8 + entries.length);
    return entries;
  }
}

/** What both rules take, after what stands before either; undefined when that is nothing. */
function trafficOf(old: Ordered, i: number, now: Ordered, j: number, compared: Compared): Traffic | undefined {
  const [was, is] = [old.rules[i]!, now.rules[j]!];
  const takers = new Set<string>();
  const left = was.boxes.flatMap((box) => is.boxes.flatMap((other) => meet(box, other) ?? [])).flatMap((shared) => {
    const earlier = [
      ...old.near(shared).flatMap(({ box, owner }) => (owner < i ? [{ box, taker: old.rules[owner]!.leaf, own: was.leaf }] : [])),
      ...now.near(shared).flatMap(({ box, owner }) => (owner < j ? [{ box, taker: now.rules[owner]!.leaf, own: is.leaf }] : [])),
    ].sort((a, b) => Object.keys(a.box).length - Object.keys(b.box).length); // prettier-ignore
    let rest: Box[] = [shared];
    const own = new Set<string>();
    for (const { box, taker, own: either } of earlier) {
      compared.spend(rest.length);
      const next = rest.flatMap((piece) => subtract(piece, box));
      if (next.length > MOST_PIECES) {
        throw new TooMuch();
      }
      if (taker !== null && taker !== either && taker !== is.leaf && (next.length !== rest.length || next.some((piece, k) => piece !== rest[k]))) {
        own.add(taker);
      }
      rest = next;
      if (rest.length === 0) {
        break;
      }
    }
    own.forEach((taker) => takers.add(taker));
    return rest;
  }); // prettier-ignore
  const [some] = left;
  if (!some) {
    return undefined;
  }
  const clauses = inOne([...was.clauses, ...is.clauses]);
  const exact = clauses.length === 1 ? narrowed(clauses[0]!, left) : undefined;
  return exact || clauses.length === 0
    ? { words: exact ? describeClause(exact) : 'everything else', except: [], some }
    : { words: clauses.map(describeClause).join(' as well as '), except: [...takers], some };
}

/** One clause where the conditions of several can be said in one. */
const inOne = (clauses: readonly Clause[]): Clause[] =>
  clauses.reduce<Clause[]>((all, clause) => {
    for (const [index, other] of all.entries()) {
      const both = sharedClause(other, clause);
      if (both) {
        return all.with(index, both);
      }
    }
    return [...all, clause];
  }, []);

/** The clause with the values that are left, where it then holds these packets and no others. */
function narrowed(clause: Clause, left: readonly Box[]): Clause | undefined {
  const spans = (dimension: Dimension) => unite(left.flatMap((box) => box[dimension] ?? []));
  const ranges = (dimension: Dimension) => spans(dimension).map(([from, below]) => ({ from: Number(from), to: Number(below) - 1 })); // prettier-ignore
  const kept = (list: readonly number[], dimension: Dimension) => list.filter((value) => meeting(spans(dimension), [[value, value + 1]])); // prettier-ignore
  const narrow: Clause = {
    ...clause,
    ...(clause.dscp && { dscp: kept(clause.dscp, 'dscp') }),
    ...(clause.vlan && { vlan: kept(clause.vlan, 'vlan') }),
    ...(clause.vlanPriority && { vlanPriority: kept(clause.vlanPriority, 'vlanPriority') }),
    ...(clause.sourcePorts && { sourcePorts: ranges('sourcePort') }),
    ...(clause.destinationPorts && { destinationPorts: ranges('destinationPort') }),
  };
  const holdsNoMore = (so: Clause) =>
    left.length <= MOST_EXACT &&
    regionOf(so)?.every((box) => left.reduce((rest, taken) => rest.flatMap((piece) => subtract(piece, taken)), [box]).length === 0); // prettier-ignore
  const [version, ...others] = new Set(left.map(({ family }) => family));
  const ofOneVersion = others.length === 0 && version ? [{ ...narrow, ipVersion: version }] : [];
  return [narrow, ...ofOneVersion].find(holdsNoMore);
}

const sameRule = (a: Rule, b: Rule) => a.leaf === b.leaf && canonical(a.clauses) === canonical(b.clauses);

function compare(before: readonly Sorted[], after: readonly Sorted[], found: Map<string, Reclassification>): void {
  const compared = new Compared();
  const everything: Way[] = [{ clauses: [], boxes: FAMILIES.map((family) => ({ family })) }];
  const [a, b] = [compared.rulesOf(before, everything), compared.rulesOf(after, everything)];
  // What the same rules at both ends of the order take, they take in both versions.
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && sameRule(a[head]!, b[head]!)) {
    head++;
  }
  let tail = 0;
  while (tail < shorter - head && sameRule(a[a.length - 1 - tail]!, b[b.length - 1 - tail]!)) {
    tail++;
  }
  const [old, now] = [new Ordered(a, compared), new Ordered(b, compared)];
  const tried = new Set<string>();
  const state = (i: number, j: number): void => {
    const [from, to] = [a[i]!.leaf, b[j]!.leaf];
    if (from === to || tried.has(`${i} ${j}`)) {
      return;
    }
    tried.add(`${i} ${j}`);
    const traffic = trafficOf(old, i, now, j, compared);
    if (traffic) {
      const key = JSON.stringify([from, to]);
      const known = found.get(key) ?? { from, to, traffic: [] };
      found.set(key, known);
      if (!known.traffic.some(({ words }) => words === traffic.words)) {
        known.traffic.push(traffic);
      }
    }
  };
  for (let i = head; i < a.length - tail; i++) {
    a[i]!.boxes.forEach((box) => now.near(box).forEach(({ owner: j }) => j >= head && state(i, j)));
  }
  for (let j = head; j < b.length - tail; j++) {
    b[j]!.boxes.forEach((box) => old.near(box).forEach(({ owner: i }) => i >= a.length - tail && state(i, j)));
  }
} // prettier-ignore

/** @returns by the classes that packets went to and go to: leaves, by their paths of names */
export function reclassified(before: readonly Sorted[], after: readonly Sorted[]): Reclassifications {
  const found = new Map<string, Reclassification>();
  try {
    compare(before, after, found);
  } catch (error) {
    if (error instanceof TooMuch) {
      return { found: [...found.values()], complete: false };
    }
    throw error;
  }
  return { found: [...found.values()], complete: true };
}
