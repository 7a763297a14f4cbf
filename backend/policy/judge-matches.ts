/** Judgement of matches: clauses that nothing satisfies, that others hide or share packets with, classes that nothing reaches. */
import { finding } from './codes.ts';
import type { Finding, Fix } from './finding.ts';
import { covers, impossible } from './matching.ts';
import { describeClause } from './outline.ts';
import { Overlaps } from './overlaps.ts';
import { meet, possible, regionOf, subtract, type Box } from './regions.ts';
import type { ResolvedClass } from './resolve.ts';
import type { Clause } from './schema.ts';

/** Comparisons and subtractions of boxes for one policy, a few tenths of a second: judging must not hold others up. */
const MOST_WORK = 500_000;
/** Pieces of one clause that are followed; more come from clauses that cut each other on many fields. */
const MOST_PIECES = 2000;
/** Earlier classes that are named as sharing packets with one. */
const MOST_NAMED = 3;

/** One clause as it is compared with later ones. */
interface Seen {
  /** Of the class in its level */
  place: number;
  name: string;
  clause: Clause;
}
/** The clauses of a level, seen so far or all of them. */
interface Level {
  overlaps: Overlaps<Seen>;
  /** Clauses with conditions that are not fields of a header here: held against others condition by condition. */
  opaque: Seen[];
}
/** A class above the ones that are looked at: what it lets through to them. */
interface Above {
  level: Level;
  item: ResolvedClass;
  place: number;
}

type Verdict =
  | { kind: 'reached'; shared: Seen[] }
  | { kind: 'hidden'; hiders: Seen[] }
  | { kind: 'outside'; parent: ResolvedClass }
  | { kind: 'unknown' };

const inOrder = (a: Seen, b: Seen) => a.place - b.place;

class Judge {
  private left = MOST_WORK;
  private cutAt: string | undefined;
  readonly findings: Finding[] = [];

  private spend(amount: number): boolean {
    this.left -= amount;
    return this.left > 0;
  }

  /** Entries of a level that share packets with a box, in the order of the document. */
  private near(level: Level, box: Box, takes: (seen: Seen) => boolean): Array<{ box: Box; owner: Seen }> {
    const { entries, looked } = level.overlaps.near(box);
    this.spend(1 + looked / 8 + entries.length);
    return entries.filter(({ owner }) => takes(owner)).sort((a, b) => inOrder(a.owner, b.owner));
  }

  /** What of the boxes comes through a class above: what its own clauses take, all of them where it is a default. */
  private through(boxes: readonly Box[], { level, item, place }: Above): Box[] {
    if (item.default || level.opaque.some((seen) => seen.place === place)) {
      return [...boxes];
    }
    return boxes.flatMap((box) => this.near(level, box, (seen) => seen.place === place).flatMap((own) => meet(box, own.box) ?? [])); // prettier-ignore
  }

  /** Takes out of the boxes what others take first, and notes who did; undefined when that is more work than is done. */
  private untaken(boxes: readonly Box[], level: Level, takes: (seen: Seen) => boolean, takers: Set<Seen>): Box[] | undefined {
    let rest = [...boxes];
    for (const start of boxes) {
      for (const other of this.near(level, start, takes)) {
        if (!this.spend(rest.length) || rest.length > MOST_PIECES) {
          return undefined;
        }
        const next = rest.flatMap((box) => subtract(box, other.box));
        if (next.length !== rest.length || next.some((box, i) => box !== rest[i])) {
          takers.add(other.owner);
        }
        rest = next;
      }
    }
    return rest;
  } // prettier-ignore

  private weigh(own: Seen, region: Box[] | undefined, level: Level, above: readonly Above[]): Verdict {
    const earlier = (seen: Seen) => seen.place < own.place;
    const single = this.singleHider(own, region, level);
    if (single) {
      return { kind: 'hidden', hiders: [single] };
    }
    if (!region) {
      return { kind: 'unknown' };
    }
    let rest = region;
    for (const holder of above) {
      const kept = this.through(rest, holder);
      if (kept.length === 0) {
        return { kind: 'outside', parent: holder.item };
      }
      const takers = new Set<Seen>();
      const untaken = this.untaken(kept, holder.level, (seen) => (holder.item.default ? seen.place !== holder.place : seen.place < holder.place), takers); // prettier-ignore
      if (!untaken) {
        return { kind: 'unknown' };
      }
      if (untaken.length === 0) {
        return { kind: 'hidden', hiders: [...takers] };
      }
      rest = untaken;
    }
    const takers = new Set<Seen>();
    const reached = this.untaken(rest, level, earlier, takers);
    if (!reached) {
      return { kind: 'unknown' };
    }
    return reached.length === 0 ? { kind: 'hidden', hiders: [...takers] } : { kind: 'reached', shared: [...takers] };
  }

  private singleHider(own: Seen, region: Box[] | undefined, level: Level): Seen | undefined {
    // What hides a clause shares each of its packets: that of any one box will do.
    const fields = region?.[0]
      ? this.near(level, region[0], (seen) => seen.place < own.place).map(({ owner }) => owner)
      : this.everySeen(level, own.place);
    const candidates = [...fields, ...level.opaque.filter((seen) => seen.place < own.place)].sort(inOrder);
    return candidates.find((seen) => this.spend(longest(own.clause) * longest(seen.clause)) && covers(seen.clause, own.clause)); // prettier-ignore
  }

  private everySeen(level: Level, place: number): Seen[] {
    const all = level.overlaps.owners().filter((seen) => seen.place < place);
    this.spend(all.length);
    return all;
  }

  judge(items: readonly ResolvedClass[], above: readonly Above[]): void {
    const level: Level = { overlaps: new Overlaps(), opaque: [] };
    const reachable = items.map((item, place) => this.judgeClass(item, place, level, above));
    items.forEach((item, place) => {
      if (item.classes.length > 0 && reachable[place]) {
        this.judge(item.classes, [...above, { level, item, place }]);
      }
    });
  }

  /** @returns whether anything of the class is reached, as far as that can be told */
  private judgeClass(item: ResolvedClass, place: number, level: Level, above: readonly Above[]): boolean {
    const shared = new Map<string, { earlier: Seen; clause: Clause }>();
    let dead = 0;
    let impossibles = 0;
    item.match.forEach((clause, index) => {
      const path = `${item.source}.match[${index}]`;
      const region = regionOf(clause);
      const why = impossible(clause) ?? (region && possible(region).length === 0 ? 'its conditions exclude each other' : undefined); // prettier-ignore
      if (why) {
        impossibles++;
        this.findings.push(finding('CP-MATCH-IMPOSSIBLE', path, `No packet can satisfy this clause: ${why}.`, undefined, item.match.length > 1 ? remove(path, 'Remove the clause') : undefined)); // prettier-ignore
        return;
      }
      const own: Seen = { place, name: item.name, clause };
      const verdict: Verdict = this.left > 0 ? this.weigh(own, region && possible(region), level, above) : { kind: 'unknown' }; // prettier-ignore
      if (this.left <= 0) {
        this.cutAt ??= path;
      }
      if (verdict.kind === 'hidden') {
        dead++;
        this.findings.push(hidden(item, index, verdict.hiders, level));
      } else if (verdict.kind === 'outside') {
        dead++;
        this.findings.push(outside(item, index, verdict.parent));
      } else if (verdict.kind === 'reached') {
        for (const earlier of verdict.shared) {
          // A narrower clause that stands earlier is an exception on purpose.
          if (!covers(clause, earlier.clause) && !shared.has(earlier.name)) {
            shared.set(earlier.name, { earlier, clause });
          }
        }
      }
      for (const box of region ?? []) {
        level.overlaps.add(box, own);
      }
      if (!region) {
        level.opaque.push(own);
      }
    });
    if (shared.size > 0) {
      this.findings.push(overlap(item, [...shared.values()]));
    }
    const reached = item.default || dead === 0 || dead + impossibles < item.match.length;
    if (!reached) {
      const message = `No packet reaches "${item.name}": each of its clauses is taken by an earlier class or is of packets that never get here. Its queue stays empty and its objective is never measured.`;
      this.findings.push(finding('CP-CLASS-UNREACHABLE', item.source, message, 'Move it, widen its match, or remove it.', remove(item.source, `Remove "${item.name}"`))); // prettier-ignore
    }
    return reached;
  }

  said(): Finding[] {
    const message = 'There are so many matches that those from here on were not compared with earlier ones: a clause that is hidden, or a class that nothing reaches, may not be named.';
    return this.cutAt ? [...this.findings, finding('CP-MATCH-UNCHECKED', this.cutAt, message)] : this.findings;
  } // prettier-ignore
}

const longest = (clause: Clause) =>
  Math.max(1, ...Object.values(clause).map((value) => (Array.isArray(value) ? value.length : 1)));
const remove = (path: string, title: string): Fix => ({ title, edits: [{ op: 'remove', path }] });
const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(names.length > 2 ? ', ' : ' and ');
const namesOf = (seen: readonly Seen[]) => [...new Set([...seen].sort(inOrder).map(({ name }) => name))];
const parentOf = (source: string) => source.slice(0, source.lastIndexOf('['));

/** The clause goes, where the class has others: nothing changes on the wire. Else the class goes before what hides it. */
function hidden(item: ResolvedClass, index: number, hiders: readonly Seen[], level: Level): Finding {
  const path = `${item.source}.match[${index}]`;
  const names = namesOf(hiders);
  const who = quoted(names);
  const message =
    names.length === 1
      ? `${who} stands earlier and takes every packet of this clause, so none reaches "${item.name}".`
      : `${who} stand earlier and together take every packet of this clause, so none reaches "${item.name}".`;
  const first = [...hiders].sort(inOrder)[0]!;
  const beside = level.overlaps.has(first) || level.opaque.includes(first);
  const same = covers(item.match[index]!, first.clause);
  const fix = !beside || same || item.match.length > 1
    ? item.match.length > 1 ? remove(path, 'Remove the clause, which no packet reaches') : undefined
    : { title: `Move "${item.name}" before "${first.name}"`, edits: [{ op: 'move' as const, from: item.source, path: `${parentOf(item.source)}[${first.place}]` }] };
  return finding('CP-MATCH-HIDDEN', path, message, `Move "${item.name}" before ${who}, or narrow the earlier match.`, fix);
} // prettier-ignore

function outside(item: ResolvedClass, index: number, parent: ResolvedClass): Finding {
  const path = `${item.source}.match[${index}]`;
  const message = `"${item.name}" is looked for inside "${parent.name}" only, which never gets a packet of this clause.`;
  const fix = item.match.length > 1 ? remove(path, 'Remove the clause, which no packet reaches') : undefined;
  return finding('CP-MATCH-OUTSIDE', path, message, `Widen the match of "${parent.name}", or move the class out of it.`, fix); // prettier-ignore
}

function overlap(item: ResolvedClass, shared: ReadonlyArray<{ earlier: Seen; clause: Clause }>): Finding {
  const cases = shared
    .slice(0, MOST_NAMED)
    .map(({ earlier, clause }) => `what is ${describeClause(earlier.clause)} as well as ${describeClause(clause)} goes to "${earlier.name}"`); // prettier-ignore
  const more = shared.length > MOST_NAMED ? `, and so with ${shared.length - MOST_NAMED} more` : '';
  const message = `"${item.name}" shares packets with classes that stand earlier and take them: ${cases.join('; ')}${more}.`;
  return finding('CP-MATCH-OVERLAP', `${item.source}.match`, message, `Where those are meant for "${item.name}", move it up or narrow the earlier match.`); // prettier-ignore
}

/** One level after another: order is that of the document, the first class whose match holds takes the packet. */
export function judgeMatches(classes: readonly ResolvedClass[]): Finding[] {
  const judge = new Judge();
  judge.judge(classes, []);
  return judge.said();
}
