/** Who may starve whom: leaves that are owed nothing while others take all, and rates that the kernel gives unasked. */
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { smallGuarantee } from './fixes.ts';
import { dscpName, formatRate } from './quantities.ts';
import type { ResolvedClass } from './resolve.ts';

/** What the compiler gives HTB for a class that is guaranteed less, bit/s: the least that is shared sensibly. */
const LEAST_SHARED = 8000;
/** What more than the link is let through without a word, as a part of the link: below what a measurement shows. */
const TOLERANCE = 0.01;
const LOWER_EFFORT = 1;
const MOST_NAMED = 3;

/** A class, or the link, above a leaf. */
export interface Above {
  item?: ResolvedClass;
  above?: Above;
  name: string;
  guarantee: number;
  ceiling: number;
  classes: readonly ResolvedClass[];
}

/** RFC 8622: lower effort is what may be starved. */
const mayStarve = ({ match }: ResolvedClass) =>
  match.length > 0 && match.every(({ dscp }) => dscp?.every((value) => value === LOWER_EFFORT));

/** The most that classes take before one of this priority borrows: what they are owed, and all they may where they come first. */
class Demand {
  private readonly known = new Map<ResolvedClass, number>();
  private readonly sums = new Map<readonly ResolvedClass[], number>();
  private readonly priority: number;
  constructor(priority: number) {
    this.priority = priority;
  }
  of(item: ResolvedClass): number {
    const known = this.known.get(item);
    if (known !== undefined) {
      return known;
    }
    const own =
      item.classes.length > 0
        ? Math.min(item.ceiling, Math.max(item.guarantee, this.sum(item.classes)))
        : item.strict || item.priority > this.priority
          ? item.ceiling
          : item.guarantee;
    this.known.set(item, own);
    return own;
  }
  sum(classes: readonly ResolvedClass[]): number {
    const known = this.sums.get(classes);
    if (known !== undefined) {
      return known;
    }
    const sum = classes.reduce((total, item) => total + this.of(item), 0);
    this.sums.set(classes, sum);
    return sum;
  }
}

/** Where nothing is left for a class, and those who take it. */
interface Starved {
  holder: Above;
  takers: ResolvedClass[];
}

/** What is left for each class of a link when the others send all they may. */
export class Sharing {
  /** By the priority of the class that waits; the last counts everybody first. */
  private readonly demands = Array.from({ length: 9 }, (_, i) => new Demand(i - 1));
  private readonly holders = new Map<ResolvedClass, Above>();
  readonly link: Above;

  /** @param bandwidth bit/s of the link */
  constructor(classes: readonly ResolvedClass[], bandwidth: number) {
    this.link = { name: 'the link', guarantee: bandwidth, ceiling: bandwidth, classes };
    const hold = (above: Above): void =>
      above.classes.forEach((item) => {
        this.holders.set(item, above);
        const { name, guarantee, ceiling, classes: children } = item;
        hold({ item, above, name: `"${name}"`, guarantee, ceiling, classes: children });
      });
    hold(this.link);
  }

  holderOf(item: ResolvedClass): Above {
    return this.holders.get(item) ?? this.link;
  }

  /** Who may leave nothing for a class, coming first by priority or by what they are owed. */
  starved(item: ResolvedClass): Starved | undefined {
    return this.with(item, this.demands[item.priority + 1]!);
  }

  /** Whether something is left for a class whatever all others send, those of its own priority too. */
  isAssured(item: ResolvedClass): boolean {
    return item.strict || item.guarantee > 0 || !this.with(item, this.demands[item.priority]!);
  }

  private with(item: ResolvedClass, demand: Demand): Starved | undefined {
    let taken = 0;
    for (let branch = item, holder: Above | undefined = this.holderOf(item); holder; holder = holder.above) {
      taken += demand.sum(holder.classes) - demand.of(branch);
      if (taken >= holder.ceiling) {
        const others = holder.classes.filter((other) => other !== branch && demand.of(other) > 0);
        return others.length > 0 ? { holder, takers: others.sort((a, b) => demand.of(b) - demand.of(a)) } : undefined;
      }
      // Below its guarantee a parent has something for its own children whatever goes on around it.
      if (taken < holder.guarantee || !holder.item) {
        return undefined;
      }
      branch = holder.item;
    }
    return undefined;
  }
}

function starvation(leaf: ResolvedClass, sharing: Sharing): Finding[] {
  const starved = sharing.starved(leaf);
  if (!starved) {
    return [];
  }
  const names = starved.takers.slice(0, MOST_NAMED).map(({ name }) => `"${name}"`);
  const rest = starved.takers.length - names.length;
  const who = `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const message = `"${leaf.name}" is guaranteed nothing. When ${who} ${starved.takers.length > 1 ? 'send all they may' : 'sends all it may'}, nothing of ${starved.holder.name} is left for it: it gets the ${formatRate(LEAST_SHARED)} that the kernel gives at least, and its connections stall.`;
  const { classes, guarantee } = sharing.holderOf(leaf);
  return [finding('CP-STARVATION', leaf.source, message, `Guarantee it something, or give what outranks it a ceiling. Only lower effort (${dscpName(LOWER_EFFORT)}, RFC 8622) may be starved.`, smallGuarantee(leaf, classes, guarantee))]; // prettier-ignore
}

/** Rates that the leaves below are given by the kernel; a class under its rate never asks its parent. */
const givenTo = (item: ResolvedClass): number =>
  item.classes.length > 0
    ? item.classes.reduce((sum, child) => sum + givenTo(child), 0)
    : Math.min(item.ceiling, Math.max(item.guarantee, LEAST_SHARED));

function leastRates({ name, ceiling, classes }: Pick<Above, 'name' | 'ceiling' | 'classes'>, path: string): Finding[] {
  const owed = classes.reduce((sum, item) => sum + item.guarantee, 0);
  const given = classes.reduce((sum, item) => sum + givenTo(item), 0);
  if (owed > ceiling || given <= ceiling * (1 + TOLERANCE)) {
    return [];
  }
  const message = `The kernel gives each class without a guarantee ${formatRate(LEAST_SHARED)}. With the guarantees that is ${formatRate(given)}, but ${name} has ${formatRate(ceiling)}: when everything is full, more leaves than it carries, and packets wait where nobody sorts them.`;
  return [finding('CP-LEAST-RATE', path, message, 'Use fewer classes, or lower the guarantees so that there is room for these.')]; // prettier-ignore
}

export function judgeSharing(sharing: Sharing): Finding[] {
  const walk = (classes: readonly ResolvedClass[]): Finding[] =>
    classes.flatMap((item): Finding[] => {
      if (item.classes.length === 0) {
        return item.guarantee > 0 || item.strict || mayStarve(item) ? [] : starvation(item, sharing);
      }
      const own = { ...item, name: `"${item.name}"` };
      return [...walk(item.classes), ...leastRates(own, `${item.source}.classes`)];
    });
  return [...walk(sharing.link.classes), ...leastRates(sharing.link, 'spec.classes')];
}
