/** The classes of a level whose matches were looked at, as what later ones are compared with. */
import { folded } from './folded.ts';
import { inOrder, type Seen } from './match-findings.ts';
import { Overlaps } from './overlaps.ts';
import { regionOf, serverEnds, type Box } from './regions.ts';
import type { Clause } from './schema.ts';

/** Clauses of one class as one that holds for what they hold for. */
export interface Group {
  place: number;
  clause: Clause;
  region: Box[];
  /** In the order of the document; each has a region */
  members: readonly Seen[];
  /** Whether one of them names the server's end of conversations at both ends */
  serverEnds: boolean;
}

const grouped = (clause: Clause, region: Box[], members: readonly Seen[]): Group => ({
  place: members[0]!.place,
  clause,
  region,
  members,
  serverEnds: members.some((seen) => seen.region!.some(serverEnds)),
});

export class Level {
  readonly size: number;
  readonly seen = new Set<Seen>();
  /** Clauses of more boxes than are followed: held against others condition by condition. */
  readonly opaque: Seen[] = [];
  private readonly overlaps = new Overlaps<Group>();
  private readonly groups = new Map<number, readonly Group[]>();

  constructor(size: number) {
    this.size = size;
  }

  /** @param clauses all of the class at the place that somebody could satisfy */
  add(place: number, clauses: readonly Seen[]): void {
    clauses.forEach((seen) => this.seen.add(seen));
    this.opaque.push(...clauses.filter(({ region }) => !region));
    const followed = clauses.filter(({ region }) => region);
    const groups = folded(followed.map(({ clause }) => clause)).flatMap(({ clause, of }) => {
      const members = of.map((i) => followed[i]!).sort(inOrder);
      const region = members.length === 1 ? members[0]!.region : regionOf(clause);
      return region ? [grouped(clause, region, members)] : members.map((seen) => grouped(seen.clause, seen.region!, [seen])); // prettier-ignore
    });
    this.groups.set(place, groups);
    groups.forEach((group) => group.region.forEach((box) => this.overlaps.add(box, group)));
  }

  groupsOf(place: number): readonly Group[] {
    return this.groups.get(place) ?? [];
  }

  /**
   * @param wanted which classes are asked for, by their places
   * @returns what shares packets with a box, in the order of the document, and how much was looked at for that
   */
  near(box: Box, wanted: (place: number) => boolean): { near: Array<{ box: Box; owner: Group }>; looked: number } {
    const { entries, looked } = this.overlaps.near(box);
    const near = entries.filter(({ owner }) => wanted(owner.place));
    return { near: near.sort((a, b) => inOrder(a.owner.members[0]!, b.owner.members[0]!)), looked };
  }
}
