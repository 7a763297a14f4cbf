import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClassCounters } from '../measure/index.ts';
import { ClassTotals } from './totals.ts';

const reading = (classid: string, bytes: number, drops = 0): ClassCounters => ({
  classid,
  bytes,
  packets: bytes,
  drops,
  overlimits: 0,
  backlogBytes: 0,
  backlogPackets: 0,
});
const watched = (classid: string | null = '1:10') => [{ tenant: 'main', binding: 'b', trafficClass: 'voice', classid }];
function totals(classid?: string | null): ClassTotals {
  const made = new ClassTotals();
  made.watch(watched(classid));
  return made;
}
const sums = (of: ClassTotals) => of.list().map(({ bytes, drops }) => [bytes, drops]);

describe('what a class has sent', () => {
  it('is counted from the first reading on', () => {
    const of = totals();
    of.read('main', 'b', [reading('1:10', 5000, 5)]);
    expect(sums(of)).toEqual([[0, 0]]);
    of.read('main', 'b', [reading('1:10', 6500, 7)]);
    expect(sums(of)).toEqual([[1500, 2]]);
  });
  it('is exact, whichever readings were missed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ bytes: fc.nat(1e9), seen: fc.boolean() }), { maxLength: 50 }),
        fc.nat(1e9),
        (seconds, base) => {
          const of = totals();
          of.read('main', 'b', [reading('1:10', base)]);
          let total = base;
          for (const { bytes, seen } of [...seconds, { bytes: 7, seen: true }]) {
            total += bytes;
            if (seen) {
              of.read('main', 'b', [reading('1:10', total)]);
            }
          }
          return of.list()[0]!.bytes === total - base;
        }
      )
    );
  });
  it('goes on from zero when the tree is made anew', () => {
    const of = totals();
    for (const bytes of [1000, 3000, 200, 500]) {
      of.read('main', 'b', [reading('1:10', bytes)]);
    }
    expect(sums(of)).toEqual([[2500, 0]]);
  });
  it('is all that a class counts that was not there a reading before', () => {
    const of = totals();
    of.read('main', 'b', []);
    of.read('main', 'b', [reading('1:10', 900)]);
    expect(sums(of)).toEqual([[900, 0]]);
    of.read('main', 'b', []);
    of.read('main', 'b', [reading('1:10', 1000)]);
    expect(sums(of)).toEqual([[1900, 0]]);
  });
  it('does not begin with what was sent before the class was watched', () => {
    const of = totals(null);
    of.read('main', 'b', [reading('1:10', 1000)]);
    of.watch(watched());
    of.read('main', 'b', [reading('1:10', 1200)]);
    expect(sums(of)).toEqual([[200, 0]]);
  });
  it('is kept while the policy changes around it, and gone with the class', () => {
    const of = totals();
    of.read('main', 'b', [reading('1:10', 0)]);
    of.read('main', 'b', [reading('1:10', 100)]);
    of.watch([...watched(), { tenant: 'main', binding: 'b', trafficClass: 'rest', classid: '1:11' }]);
    of.read('main', 'b', [reading('1:10', 150), reading('1:11', 30)]);
    expect(of.list().map(({ trafficClass, bytes }) => [trafficClass, bytes])).toEqual([
      ['voice', 150],
      ['rest', 30],
    ]);
    of.watch([]);
    expect(of.list()).toEqual([]);
    of.watch(watched());
    expect(sums(of)).toEqual([[0, 0]]);
  });
  it('is told apart by binding and tenant', () => {
    const of = totals();
    for (const bytes of [0, 100]) {
      of.read('main', 'other', [reading('1:10', bytes)]);
      of.read('other', 'b', [reading('1:10', bytes)]);
    }
    expect(sums(of)).toEqual([[0, 0]]);
  });
});
