/** Judgement of matches: clauses that nothing satisfies, that others hide or share packets with, classes that nothing reaches. */
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import {
  hiddenClause,
  impossibleClause,
  inOrder,
  outsideClause,
  sharedPackets,
  unreachable,
  type Seen,
} from './match-findings.ts';
import { covers } from './matching.ts';
import { Overlaps } from './overlaps.ts';
import { meet, meetInPractice, regionOf, subtract, type Box } from './regions.ts';
import { flatten, type ResolvedClass } from './resolve.ts';
import type { Clause } from './schema.ts';

/** Comparisons and subtractions of boxes for one policy, a few tenths of a second: judging must not hold others up. */
const MOST_WORK = 500_000;
/** Pieces of one clause that are followed; more come from clauses that cut each other on many fields. */
const MOST_PIECES = 2000;

/** The clauses of a level, seen so far or all of them. */
interface Level {
  size: number;
  seen: Set<Seen>;
  overlaps: Overlaps<Seen>;
  /** Clauses of more boxes than are followed: held against others condition by condition. */
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

class Judge {
  private left = MOST_WORK;
  private cutAt: string | undefined;
  readonly findings: Finding[] = [];

  private add(found: Finding | undefined): void {
    if (found) {
      this.findings.push(found);
    }
  }

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
    if (item.default || item.match.length === 0 || level.opaque.some((seen) => seen.place === place)) {
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
    if (!region) {
      const hider = this.singleHider(own, region, level);
      return hider ? { kind: 'hidden', hiders: [hider] } : { kind: 'unknown' };
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
    const single = this.singleHider(own, region, level);
    if (single) {
      return { kind: 'hidden', hiders: [single] };
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
    const all = [...level.seen].filter((seen) => seen.place < place);
    this.spend(all.length);
    return all;
  }

  judge(items: readonly ResolvedClass[], above: readonly Above[]): void {
    const level: Level = { size: items.length, seen: new Set(), overlaps: new Overlaps(), opaque: [] };
    const reachable = items.map((item, place) => this.judgeClass(item, place, level, above));
    items.forEach((item, place) => {
      if (reachable[place]) {
        this.judge(item.classes, [...above, { level, item, place }]);
      } else {
        // Nothing reaches what is inside; what cannot be stays wrong all the same.
        flatten(item.classes).forEach((inner) =>
          inner.match.forEach((_, index) => this.add(impossibleClause(inner, index)))
        );
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
      const contradiction = impossibleClause(item, index);
      if (contradiction) {
        impossibles++;
        this.findings.push(contradiction);
        return;
      }
      const own: Seen = { place, item, clause };
      const verdict: Verdict = this.left > 0 ? this.weigh(own, region, level, above) : { kind: 'unknown' }; // prettier-ignore
      if (this.left <= 0) {
        this.cutAt ??= path;
      }
      if (verdict.kind === 'hidden') {
        dead++;
        this.findings.push(hiddenClause(item, index, verdict.hiders, level.seen));
      } else if (verdict.kind === 'outside') {
        dead++;
        this.findings.push(outsideClause(item, index, verdict.parent));
      } else if (verdict.kind === 'reached') {
        for (const earlier of verdict.shared) {
          // A narrower clause that stands earlier is an exception on purpose.
          if (!covers(clause, earlier.clause) && !shared.has(earlier.item.name) && shareInPractice(region, earlier)) {
            shared.set(earlier.item.name, { earlier, clause });
          }
        }
      }
      level.seen.add(own);
      for (const box of region ?? []) {
        level.overlaps.add(box, own);
      }
      if (!region) {
        level.opaque.push(own);
      }
    });
    if (shared.size > 0) {
      this.findings.push(sharedPackets(item, [...shared.values()]));
    }
    const reached = item.default || dead === 0 || dead + impossibles < item.match.length;
    if (!reached) {
      this.findings.push(unreachable(item, level.size));
    }
    return reached;
  }

  said(): Finding[] {
    const message = 'There are so many matches that those from here on were not compared with earlier ones: a clause that is hidden, or a class that nothing reaches, may not be named.';
    return this.cutAt ? [...this.findings, finding('CP-MATCH-UNCHECKED', this.cutAt, message)] : this.findings;
  } // prettier-ignore
}

/** Packets that nobody sends are no news: see meetInPractice. */
function shareInPractice(region: readonly Box[] | undefined, earlier: Seen): boolean {
  const others = regionOf(earlier.clause);
  return !region || !others || region.some((box) => others.some((other) => meetInPractice(box, other)));
}

const longest = (clause: Clause) =>
  Math.max(1, ...Object.values(clause).map((value) => (Array.isArray(value) ? value.length : 1)));
/** One level after another: order is that of the document, the first class whose match holds takes the packet. */
export function judgeMatches(classes: readonly ResolvedClass[]): Finding[] {
  const judge = new Judge();
  judge.judge(classes, []);
  return judge.said();
}
