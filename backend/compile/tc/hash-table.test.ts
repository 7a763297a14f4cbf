import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bucketIn,
  bucketingOf,
  bucketOf,
  handleIn,
  handleText,
  inBucket,
  largest,
  shapeOf,
  tableIn,
} from './hash-table.ts';
import { ARRIVING } from './ingress.ts';
import { word } from './u32.ts';

const udpTo = (port: number) => ({ parent: '1:', kind: 'u32' as const, keys: [word(0x00110000, 0x00ff0000, 8), word(port, 0xffff, 20)] }); // prettier-ignore
const ports = (first: number, count: number, step = 1) =>
  Array.from({ length: count }, (_, i) => udpTo(first + i * step));

describe('rules of u32', () => {
  it('are divided by the first byte that does well, from the ports on', () => {
    expect(bucketingOf(ports(1000, 256))).toEqual({ mask: 0xff, offset: 20, keys: [word(0x00110000, 0x00ff0000, 8)] });
    expect(bucketingOf(ports(256, 100, 256))).toMatchObject({ mask: 0xff00, offset: 20 });
    expect(largest(ports(1000, 256), { mask: 0xff, offset: 20 })).toBe(1);
  });
  it('are not where they are few, look at different bits, or no byte tells them apart', () => {
    expect(bucketingOf(ports(1000, 63))).toBeUndefined();
    expect(bucketingOf([...ports(1000, 100), { ...udpTo(1), keys: [word(0, 0xff, 20)] }])).toBeUndefined();
    expect(bucketingOf(ports(1000, 100).map((rule) => ({ ...rule, kind: 'flower' as const })))).toBeUndefined();
    const mark = Array.from({ length: 100 }, () => ({ ...udpTo(1), keys: [word(0, 0, 0)] }));
    expect(bucketingOf(mark)).toBeUndefined();
    // A hook has no tree that a table could come with.
    expect(bucketingOf(ports(1000, 100).map((rule) => ({ ...rule, parent: ARRIVING })))).toBeUndefined();
  });
  it('stay divided as they are when one more comes or one goes', () => {
    const numbers = fc.uniqueArray(fc.nat(65_535), { minLength: 150, maxLength: 300 });
    fc.assert(
      fc.property(numbers, (all) => {
        const by = { mask: 0xff, offset: 20 };
        fc.pre(largest(all.map(udpTo), by) < 12);
        for (const some of [all, all.slice(1), all.slice(0, -1)]) {
          expect(bucketingOf(some.map(udpTo))).toMatchObject(by);
        }
      }),
      { numRuns: 30 }
    );
  });
  it('are in the bucket that the kernel counts: the bits under the mask, moved down', () => {
    const value = fc.nat(0xffffffff);
    fc.assert(
      fc.property(value, fc.constantFrom(0xff, 0xfc00, 0xff0000, 0xff000000, 0x00f00000), (bits, mask) => {
        const rule = { keys: [word(bits, 0xffffffff, 12)] };
        const shift = [...Array(32).keys()].find((bit) => (mask >>> bit) & 1)!;
        expect(bucketOf(rule, { mask, offset: 12 })).toBe(Math.floor(((bits & mask) >>> 0) / 2 ** shift) % 256);
        expect(bucketOf(rule, { mask, offset: 16 })).toBeUndefined();
      })
    );
    expect(bucketOf({ keys: [word(0x12, 0x0f, 0)] }, { mask: 0xff, offset: 0 })).toBeUndefined();
  });
  it('are alike whatever their values', () => {
    expect(shapeOf(udpTo(5).keys)).toBe(shapeOf(udpTo(6).keys));
    expect(shapeOf(udpTo(5).keys)).not.toBe(shapeOf([word(5, 0xffff, 20)]));
  });
});

describe('a handle', () => {
  it('says table, bucket and number, as tc takes them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0x7ff }), fc.nat(255), fc.integer({ min: 1, max: 0xfff }), (table, bucket, number) => {
        const handle = handleIn(table, inBucket(bucket, number));
        expect([tableIn(handle), bucketIn(handle)]).toEqual([table, bucket]);
        expect(handleText(handle)).toBe(`${table.toString(16)}:${bucket.toString(16)}:${number.toString(16)}`);
      })
    ); // prettier-ignore
    expect([handleText(5), handleText(handleIn(0x1a))]).toEqual(['::0x5', '1a:']);
  });
});
