import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify } from './classify.ts';
import { sayReclassification } from './changes-traffic.ts';
import { reclassified } from './reclassify.ts';
import { resolve } from './resolve.ts';
import type { TrafficClass } from './schema.ts';
import { anyClauses, clauses, frames, somePacket } from './testing-packets.ts';
import { classesText, specOf } from './testing.ts';

const said = (before: string[], after: string[]) => {
  const [old, now] = [before, after].map((classes) => specOf(classesText(...classes, '{name: rest, default: true}')).classes!); // prettier-ignore
  return reclassified(old!, now!).found.map(sayReclassification);
};
const voice = '{name: voice, match: [{dscp: ef}]}';
const video = '{name: video, match: [{protocol: udp, destinationPorts: 5004-5005}]}';

describe('what goes to another class', () => {
  it('is what two classes share when they change places, in one clause', () => {
    expect(said([voice, video], [video, voice])).toEqual(['DSCP EF · UDP · to port 5004-5005: from voice to video']);
  });
  it('is less what a third takes first, before and after', () => {
    const control = '{name: control, match: [{source: 10.0.0.0/8}]}';
    expect(said([control, voice, video], [control, video, voice])).toEqual([
      'DSCP EF · UDP · to port 5004-5005 (but for what control takes): from voice to video',
    ]);
    const all = '{name: all, match: [{ipVersion: 4}, {ipVersion: 6}]}';
    expect(said([all, voice, video], [all, video, voice])).toEqual([]);
  });
  it('is what is left of ranges and lists', () => {
    const ports = (range: string) => `{name: video, match: [{protocol: udp, destinationPorts: ${range}}]}`;
    expect(said([ports('5000-5010')], [ports('5000-5007')])).toEqual(['UDP · to port 5008-5010: from video to rest']);
    expect(said([ports('5000-5010')], ['{name: audio, match: [{protocol: udp, destinationPorts: 5005}]}', ports('5000-5010')])).toEqual(['UDP · to port 5005: from video to audio']); // prettier-ignore
  });
  it('is seen through VLANs, MAC addresses, marks, lengths, flags, types of frames, applications and what is negated', () => {
    const other = '{name: other, match: [{vlan: 7}]}';
    for (const [match, words] of [
      ['vlan: [5, 7]', 'VLAN 7'],
      ['fwmark: 0x10/0xf0', 'VLAN 7 · mark 0x10/0xf0'],
      ['connmark: 1', 'VLAN 7 · connection mark 1'],
      ['sourceMac: 02:00:5e:00:00:00/24', 'VLAN 7 · from MAC 02:00:5e:00:00:00/24'],
      ['length: 0-100', 'VLAN 7 · length 0-100'],
      ['tcpFlags: syn', 'VLAN 7 · TCP flags syn'],
      ['etherType: arp', 'VLAN 7 · arp'],
      ['application: dns', 'VLAN 7 · application dns'],
      ['not: {dscp: ef}', 'VLAN 7 · not (DSCP EF)'],
    ] as const) {
      const one = `{name: one, match: [{${match}}]}`;
      expect(said([one, other], [other, one]), match).toEqual([`${words}: from one to other`]);
    }
    expect(said(['{name: one, match: [{vlan: 5}]}', other], [other, '{name: one, match: [{vlan: 5}]}'])).toEqual([]);
  });
  it('is nothing where a class is divided by what nothing satisfies', () => {
    expect(said([voice, '{name: never, match: [{dscp: ef, vlan: 5}]}'], ['{name: never, match: [{dscp: cs1, not: {dscp: cs1}}]}', voice])).toEqual([]); // prettier-ignore
  });
});

const levelOf = (inner: fc.Arbitrary<TrafficClass[] | undefined>, match = clauses) =>
  fc
    .tuple(
      fc.shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 4 }),
      fc.array(fc.tuple(fc.array(match, { minLength: 1, maxLength: 2 }), inner), { maxLength: 3 })
    )
    .map(([names, items]): TrafficClass[] => [
      ...items.map(([own, classes], i) => ({ name: names[i]!, match: own, ...(classes && { classes }) })),
      { name: 'rest', default: true },
    ]);
const trees = (match = clauses) =>
  levelOf(fc.option(levelOf(fc.constant(undefined), match), { nil: undefined }), match);
/** Another order of the same classes, or other classes with some of the same. */
const pairs = (match = clauses) =>
  trees(match).chain((before) =>
    fc.tuple(
      fc.constant(before),
      fc.oneof(
        fc.shuffledSubarray(before, { minLength: before.length }),
        trees(match),
        trees(match).map((after) => [...before.filter((item) => !item.default), ...after.filter((item) => !before.some(({ name }) => name === item.name)), before.at(-1)!]) // prettier-ignore
      )
    )
  );
const leafOf = (classes: readonly TrafficClass[], packet: Parameters<typeof classify>[1]) =>
  classify(resolve('p', { classes: [...classes] }, 1e7).classes, packet).path;

describe('between any two policies', () => {
  it.each([['of headers', clauses, 150], ['of every condition', anyClauses, 25]] as const)(
    'is said of every packet whose class changes, and of none where no packet changes, %s',
    (_, match, numRuns) => {
      let changed = 0;
      fc.assert(
        fc.property(pairs(match), fc.array(frames, { minLength: 10, maxLength: 10 }), ([before, after], sent) => {
          const { found, complete } = reclassified(before, after);
          fc.pre(complete);
          for (const packet of sent) {
            const [from, to] = [leafOf(before, packet), leafOf(after, packet)];
            changed += Number(from !== to);
            expect(from === to || found.some((one) => one.from === from && one.to === to)).toBe(true);
          }
          for (const { from, to, traffic } of found) {
            for (const { some } of traffic) {
              const packet = somePacket(some);
              expect([leafOf(before, packet), leafOf(after, packet)]).toEqual([from, to]);
            }
          }
        }),
        { numRuns }
      );
      expect(changed).toBeGreaterThan(numRuns / 15);
    }
  ); // prettier-ignore
  it('is told of thousands of rules in a moment', () => {
    const rules = (count: number, at: number) =>
      Array.from({ length: count }, (_, i): TrafficClass => ({ name: `c${i}`, match: [{ destinationPorts: [{ from: i + 1, to: i + 1 }], dscp: [at] }] })); // prettier-ignore
    const list = rules(2000, 46);
    const wide: TrafficClass = { name: 'wide', match: [{ destinationPorts: [{ from: 1, to: 1000 }] }] };
    const rest: TrafficClass = { name: 'rest', default: true };
    const began = process.cpuUsage();
    const { found, complete } = reclassified([...list, wide, rest], [wide, ...list, rest]);
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(4000);
    expect(complete).toBe(true);
    expect(found).toHaveLength(1000);
    expect(sayReclassification(found[0]!)).toBe('DSCP EF · to port 1: from c0 to wide');
  });
});
