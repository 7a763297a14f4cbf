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
import { Level, type Group } from './match-level.ts';
import { covers } from './matching.ts';
import { meet, meetInPractice, regionOf, serverEnds, subtract, touches, type Box } from './regions.ts';
import { flatten, type ResolvedClass } from './resolve.ts';
import type { Clause } from './schema.ts';

/** Comparisons and subtractions of boxes for one policy, a few tenths of a second: judging must not hold others up. */
const MOST_WORK = 500_000;
/** Pieces of one clause that are followed; more come from clauses that cut each other on many fields. */
const MOST_PIECES = 2000;

/** A class above the ones that are looked at: what it lets through to them. */
interface Above {
  level: Level;
  item: ResolvedClass;
  place: number;
}

type Verdict =
  | { kind: 'reached'; shared: readonly Seen[] }
  | { kind: 'hidden'; hiders: readonly Seen[] }
  | { kind: 'outside'; parent: ResolvedClass }
  | { kind: 'unknown' };

/** What others that come first leave of boxes. */
interface Left {
  boxes: Box[];
  /** What takes the rest, of every class that does */
  takers: readonly Group[];
}

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

  private near(level: Level, box: Box, wanted: (place: number) => boolean): ReadonlyArray<{ box: Box; owner: Group }> {
    const { near, looked } = level.near(box, wanted);
    this.spend(1 + looked / 8 + near.length);
    return near;
  }

  /** What of the boxes comes through a class above: what its own clauses take, all of them where it is a default. */
  private through(boxes: readonly Box[], { level, item, place }: Above): Box[] {
    if (item.default || item.match.length === 0 || level.opaque.some((seen) => seen.place === place)) {
      return [...boxes];
    }
    return boxes.flatMap((box) => this.near(level, box, (other) => other === place).flatMap((own) => meet(box, own.box) ?? [])); // prettier-ignore
  }

  /** Takes some boxes out of others, one after another; undefined when that is more work than is done. */
  private subtracted(boxes: Box[], taken: readonly Box[]): Box[] | undefined {
    let rest = boxes;
    for (const other of taken) {
      if (!this.spend(rest.length) || rest.length > MOST_PIECES) {
        return undefined;
      }
      rest = rest.flatMap((box) => subtract(box, other));
    }
    return rest;
  }

  private untaken(boxes: readonly Box[], level: Level, wanted: (place: number) => boolean): Left | undefined {
    const takers = new Set<Group>();
    const left: Box[] = [];
    for (const start of boxes) {
      let rest = [start];
      for (const { box, owner } of this.near(level, start, wanted)) {
        const next = this.subtracted(rest, [box]);
        if (!next) {
          return undefined;
        }
        if (next.length !== rest.length || next.some((piece, i) => piece !== rest[i])) {
          takers.add(owner);
        }
        rest = next;
      }
      left.push(...rest);
    }
    return { boxes: left, takers: [...takers] };
  }

  /** Whether a clause takes some of the boxes, after all that stands before it. */
  private takes({ place, index, region }: Seen, boxes: readonly Box[], level: Level): boolean {
    const shared = boxes.flatMap((box) => region!.flatMap((own) => meet(box, own) ?? []));
    const left = this.untaken(shared, level, (other) => other < place)?.boxes;
    return left?.some((start) => {
      const before = this.near(level, start, (other) => other === place).flatMap(({ owner }) => owner.members.filter((seen) => seen.index < index));
      return (this.subtracted([start], [...new Set(before)].flatMap((seen) => seen.region!))?.length ?? 0) > 0;
    }) ?? false;
  } // prettier-ignore

  /** @param known names of classes that are already said to share packets with the clause's */
  private weigh(own: Seen, level: Level, above: readonly Above[], known: ReadonlyMap<string, unknown>): Verdict {
    if (!own.region) {
      const hider = this.singleHider(own, level, true);
      return hider ? { kind: 'hidden', hiders: [hider] } : { kind: 'unknown' };
    }
    let rest = own.region;
    for (const holder of above) {
      const kept = this.through(rest, holder);
      if (kept.length === 0) {
        return { kind: 'outside', parent: holder.item };
      }
      const left = this.untaken(kept, holder.level, (place) => (holder.item.default ? place !== holder.place : place < holder.place)); // prettier-ignore
      if (!left) {
        return { kind: 'unknown' };
      }
      if (left.boxes.length === 0) {
        return { kind: 'hidden', hiders: left.takers.flatMap(({ members }) => members[0]!) };
      }
      rest = left.boxes;
    }
    const left = this.untaken(rest, level, (place) => place < own.place);
    const reached = left && left.boxes.length > 0;
    const single = this.singleHider(own, level, !reached);
    if (single) {
      return { kind: 'hidden', hiders: [single] };
    }
    if (!left) {
      return { kind: 'unknown' };
    }
    return reached
      ? { kind: 'reached', shared: this.sharing(own, rest, level, left.takers, known) }
      : { kind: 'hidden', hiders: this.hiding(own, rest, left.takers) };
  } // prettier-ignore

  /** Of each class that takes some of a clause's packets in practice the first clause that does. */
  private sharing(own: Seen, rest: readonly Box[], level: Level, takers: readonly Group[], known: ReadonlyMap<string, unknown>): Seen[] {
    const places = new Set(takers.flatMap(({ place, members: [first] }) => (known.has(first!.item.name) ? [] : [place])));
    return [...places].sort((a, b) => a - b).flatMap((place) => {
      const some = level.groupsOf(place).filter((group) => this.compared(own, group) && mayShare(own, group));
      const members = some.flatMap((group) => this.touching(own, group)).sort(inOrder);
      return members.find((seen) => this.compared(own, seen) && share(own, seen) && this.takes(seen, rest, level)) ?? [];
    });
  } // prettier-ignore

  /** All that hide a clause together; of one class the clause that does alone, where there is one. */
  private hiding(own: Seen, rest: readonly Box[], takers: readonly Group[]): Seen[] {
    const near = takers.flatMap((group) => this.touching(own, group)).sort(inOrder);
    const several = near.some(({ place }) => place !== near[0]!.place);
    const alone = several ? undefined : near.find((seen) => this.subtracted([...rest], seen.region!)?.length === 0);
    return alone ? [alone] : near;
  }

  private touching({ region }: Seen, { members }: Group): Seen[] {
    this.spend(members.length / 8);
    return members.filter((seen) => seen.region!.some((other) => region!.some((box) => touches(box, other))));
  }

  /** A meeting of boxes, with the ports of both, takes some times as long as taking one out of another. */
  private compared({ region }: Seen, { region: others }: Group | Seen): boolean {
    return this.spend(4 * region!.length * others!.length);
  }

  /** @param followed whether clauses with a region are asked as well */
  private singleHider(own: Seen, level: Level, followed: boolean): Seen | undefined {
    // What hides a clause shares each of its packets: that of any one box will do.
    const [box] = own.region ?? [];
    const near = box ? this.near(level, box, (place) => place < own.place).map(({ owner }) => owner) : [];
    const wider = [...new Set(near)].filter((group) => this.spend(longest(own.clause)) && covers(group.clause, own.clause)); // prettier-ignore
    const all = box ? wider.flatMap(({ members }) => members) : this.everySeen(level, own.place);
    const candidates = [...(followed ? all : []), ...level.opaque.filter((seen) => seen.place < own.place)].sort(
      inOrder
    );
    return candidates.find((seen) => this.spend(longest(own.clause) * longest(seen.clause)) && covers(seen.clause, own.clause)); // prettier-ignore
  }

  private everySeen(level: Level, place: number): Seen[] {
    const all = [...level.seen].filter((seen) => seen.place < place);
    this.spend(all.length);
    return all;
  }

  judge(items: readonly ResolvedClass[], above: readonly Above[]): void {
    const level = new Level(items.length);
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
    const possible: Seen[] = [];
    let dead = 0;
    item.match.forEach((clause, index) => {
      const path = `${item.source}.match[${index}]`;
      const own: Seen = { place, item, index, clause, region: regionOf(clause) };
      const contradiction = impossibleClause(item, index, own.region);
      if (contradiction) {
        this.findings.push(contradiction);
        return;
      }
      possible.push(own);
      const verdict: Verdict = this.left > 0 ? this.weigh(own, level, above, shared) : { kind: 'unknown' };
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
          if (!shared.has(earlier.item.name) && this.spend(1) && share(own, earlier)) {
            shared.set(earlier.item.name, { earlier, clause });
          }
        }
      }
    });
    level.add(place, possible);
    if (shared.size > 0) {
      this.findings.push(sharedPackets(item, [...shared.values()]));
    }
    const reached = item.default || dead === 0 || dead < possible.length;
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

/** Packets that nobody sends are no news (see meetInPractice), nor is a narrower clause that stands earlier: an exception on purpose. */
const share = (own: Seen, earlier: Seen): boolean =>
  !covers(own.clause, earlier.clause) &&
  own.region!.some((box) => earlier.region!.some((other) => meetInPractice(box, other)));

/** Whether `share` may hold for one of a group. */
const mayShare = (own: Seen, group: Group): boolean =>
  !covers(own.clause, group.clause) &&
  own.region!.some((box) =>
    group.region.some((other) => {
      const both = meet(box, other);
      return both !== undefined && (!serverEnds(both) || serverEnds(box) || group.serverEnds);
    })
  );

const longest = (clause: Clause) =>
  Math.max(1, ...Object.values(clause).map((value) => (Array.isArray(value) ? value.length : 1)));
/** One level after another: order is that of the document, the first class whose match holds takes the packet. */
export function judgeMatches(classes: readonly ResolvedClass[]): Finding[] {
  const judge = new Judge();
  judge.judge(classes, []);
  return judge.said();
}
