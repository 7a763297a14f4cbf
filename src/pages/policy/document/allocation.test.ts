import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trafficClass } from '../../../testing/index.ts';
import { allocate, placesOf } from './allocation.ts';

describe('an allocation', () => {
  it('fills the link exactly when the guarantees do', () => {
    const { segments, over, free, linkEnd } = allocate(20, [trafficClass('a', 5), trafficClass('b', 15)]);
    expect(segments.map(({ left, width }) => [left, width])).toEqual([
      [0, 25],
      [25, 75],
    ]);
    expect([over, free, linkEnd]).toEqual([0, 0, 100]);
  });

  it('runs beyond the link’s end when more is promised than there is', () => {
    const { over, linkEnd } = allocate(20, [trafficClass('a', 10), trafficClass('b', 15)]);
    expect(over).toBe(5);
    expect(linkEnd).toBe(80);
  });

  it('counts children within their parent only', () => {
    expect(allocate(20, [trafficClass('a', 10), trafficClass('a/x', 10)]).total).toBe(10);
  });

  it('never draws outside of its width, and segments never overlap', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1e9 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 1e9 }),
        (guarantees, bandwidth) => {
          const { segments } = allocate(
            bandwidth,
            guarantees.map((guarantee, place) => trafficClass(`c${place}`, guarantee))
          );
          let edge = 0;
          for (const { left, width } of segments) {
            expect(left).toBeGreaterThanOrEqual(edge - 1e-6);
            edge = left + width;
          }
          expect(edge).toBeLessThanOrEqual(100 + 1e-6);
        }
      )
    );
  });
});

it('children wear their parent’s colour, the default class its own', () => {
  const places = placesOf([
    trafficClass('a', 1),
    trafficClass('b', 1),
    trafficClass('b/x', 1),
    trafficClass('c', 1, { default: true }),
  ]);
  expect([...places.values()]).toEqual([0, 1, 1, 'default']);
});
