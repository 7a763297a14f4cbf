import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changes } from './changes.ts';
import { restored, type Packet } from './classify.ts';
import { findingsOf, policyText, specOf } from './testing.ts';
import { writePolicy } from './write.ts';

const policy = (restore: string) => policyText(`{bandwidth: 10mbit, restoreDscp: ${restore}}`);
const packet: Packet = { family: 4, dscp: 10 };

describe('where a connection keeps its DSCP', () => {
  it.each([
    ['{mask: 0x1f}', 'mask', /six bits .* side by side: 0x3f/],
    ['{mask: 0x7f}', 'mask', /six bits/],
    ['{mask: 0x5f}', 'mask', /six bits/],
    ['{mask: 0}', 'mask', /"0" are not bits of a mark/],
    ['{mask: 0x1fc000000}', 'mask', /not bits of a mark/],
    ['{mask: 0x3f, state: 0x20}', 'state', /state has bits of mask/],
    ['{state: 0x80}', 'mask', /Nothing is not a set of bits of a mark/],
  ])('is refused where the kernel takes it for nothing: %s', (restore, key, message) => {
    expect(findingsOf(policy(restore))).toMatchObject([
      { path: `spec.restoreDscp.${key}`, message: expect.stringMatching(message) as string },
    ]);
  });

  it('is written as it was read, decimal or not', () => {
    const spec = specOf(policy('{mask: "0xfc000000", state: 16777216}'));
    expect(spec.restoreDscp).toEqual({ mask: 0xfc000000, state: 0x1000000 });
    expect(specOf(writePolicy('p', spec)).restoreDscp).toEqual(spec.restoreDscp);
  });

  it('is said of a new version in the bits of the mark', () => {
    const [before, after] = ['{mask: 0x3f}', '{mask: 0x3f, state: 0x80}'].map((text) => specOf(policy(text)));
    expect(changes(before!, after!).map(({ text }) => text)).toEqual(['policy: restoreDscp state not set → 0x80']);
  });
});

describe('a packet whose DSCP is restored', () => {
  it('has the six bits of its connection’s mark, wherever they are kept', () => {
    fc.assert(
      fc.property(fc.nat(63), fc.nat(26), (dscp, shift) => {
        const from = { mask: (0x3f * 2 ** shift) >>> 0 };
        expect(restored({ ...packet, connmark: (dscp * 2 ** shift) >>> 0 }, from)).toMatchObject({ dscp });
      })
    );
  });
  it.each<[string, Packet]>([
    ['is of no connection', packet],
    ['is of one without the state bit', { ...packet, connmark: 0x2e }],
    ['is not IP', { etherType: 0x0806, connmark: 0xae }],
  ])('keeps its own where it %s', (_, own) => {
    expect(restored(own, { mask: 0x3f, state: 0x80 })).toBe(own);
  });
});
