/** Counters of the classes of one side of an interface. */
import { policeCounters, sideOf, type Totals } from '../compile/tc/index.ts';
import { carrierOf } from './ingress.ts';
import { show } from './listing.ts';
import type { Place } from './place.ts';

export interface ClassCounters extends Totals {
  classid: string;
  backlogBytes: number;
  backlogPackets: number;
  /** Where several rules count for the class; the totals are their sums */
  parts?: Record<string, Totals>;
}

const UNIT: Record<string, number> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Of classes that are rules at the hook: nothing waits there. */
const policeCounted = (listing: string): ClassCounters[] =>
  policeCounters(listing).map(({ classid, parts }) => {
    const sum = (key: keyof Totals) => Object.values(parts).reduce((total, part) => total + part[key], 0);
    return {
      classid,
      bytes: sum('bytes'),
      packets: sum('packets'),
      drops: sum('drops'),
      overlimits: sum('overlimits'),
      backlogBytes: 0,
      backlogPackets: 0,
      parts,
    };
  });

/** Counters of the classes and bands of one side of an interface. Backlog is the leaf's. */
export async function readCounters(place: Place, side: string): Promise<ClassCounters[]> {
  const device = await carrierOf(place, side);
  if (device === undefined) {
    return policeCounted(await show(place, [`filter show dev ${sideOf(side).interface} ingress`], ['-s']));
  }
  const text = await show(place, [`class show dev ${device}`], ['-s']);
  const pattern =
    /^class (?:htb|hfsc|drr|prio|ets|tbf) (\S+) [^\n]*\n Sent (\d+) bytes (\d+) pkts? \(dropped (\d+), overlimits (\d+) requeues \d+\) ?\n(?: rate [^\n]*\n)?\s*backlog (\d+(?:\.\d+)?)([KMG]?)b (\d+)p/gm;
  return [...text.matchAll(pattern)].map(([, classid, bytes, packets, drops, overlimits, backlog, unit, queued]) => ({
    classid: classid!,
    bytes: Number(bytes),
    packets: Number(packets),
    drops: Number(drops),
    overlimits: Number(overlimits),
    backlogBytes: Math.round(Number(backlog) * UNIT[unit ?? '']!),
    backlogPackets: Number(queued),
  }));
}
