import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rollout, wavesOf } from './rollout.ts';

const read = (value: unknown) => Rollout.parse(value);

describe('the waves of a roll-out', () => {
  it('are one interface and then the others, where nothing is said', () => {
    expect(wavesOf(40)).toEqual([1, 39]);
    expect([wavesOf(1), wavesOf(0)]).toEqual([[1], []]);
  });
  it('reach the shares one after the other, and everybody in the end', () => {
    expect(wavesOf(40, read({ canary: '5%', waves: ['25%', '50%'] }))).toEqual([2, 8, 10, 20]);
    expect(wavesOf(40, read({ canary: 3, waves: [10, '100%'] }))).toEqual([3, 7, 30]);
    expect(wavesOf(10, read({ canary: '1%', waves: ['1%', '5%', '20%'] }))).toEqual([1, 1, 8]);
    expect(wavesOf(3, read({ canary: 10 }))).toEqual([3]);
    expect(wavesOf(300, read({ canary: '29%' }))).toEqual([87, 213]);
  });
  it('never leave anybody out, take anybody twice, or stand empty', () => {
    const share = fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 100 }).map((n) => `${n}%`)); // prettier-ignore
    fc.assert(
      fc.property(
        fc.nat(3000),
        fc.record({ canary: share, waves: fc.array(share, { minLength: 1, maxLength: 6 }) }, { requiredKeys: [] }),
        (interfaces, settings) => {
          const sizes = wavesOf(interfaces, read(settings));
          return sizes.every((size) => size > 0) && sizes.reduce((sum, size) => sum + size, 0) === interfaces;
        }
      )
    );
  });
  it.each([{ canary: 0 }, { canary: '0%' }, { canary: 1.5 }, { canary: '5' }, { waves: [] }, { pause: 'x' }, { onFailure: 'go' }])(
    'are not %j',
    (settings) => expect(Rollout.safeParse(settings).success).toBe(false)
  ); // prettier-ignore
});
