import { describe, expect, it } from 'vitest';
import { judgeIngress } from './judge-ingress.ts';
import { PolicySpec } from './schema.ts';

const said = (match: unknown) =>
  judgeIngress(
    PolicySpec.parse({
      bandwidth: '10mbit',
      classes: [
        {
          name: 'a',
          match: [{ dscp: 'ef' }],
          classes: [
            { name: 'b', match: [match] },
            { name: 'c', default: true },
          ],
        },
        { name: 'rest', default: true },
      ],
    })
  ).map(({ code, path }) => `${code} ${path}`);

describe('a policy for what an interface receives', () => {
  it.each([
    [{ fwmark: 5 }, 'fwmark'],
    [{ not: { fwmark: 5 } }, 'not.fwmark'],
  ])('cannot ask for what is set only afterwards: %j', (match, key) => {
    expect(said(match)).toEqual([`CP-INGRESS-UNSEEN spec.classes[0].classes[0].match[0].${key}`]);
  });
  it.each([
    [{ dscp: 'ef', connmark: [7, 0] }, 'connmark'],
    [{ connmark: '0x0/0x80' }, 'connmark'],
    [{ not: { connmark: 7 } }, 'not'],
  ])('cannot ask for a connection that has no mark, which looks like none at all: %j', (match, key) => {
    expect(said(match)).toEqual([`CP-INGRESS-UNSEEN spec.classes[0].classes[0].match[0].${key}`]);
  });
  it.each([
    { dscp: 'ef' },
    { connmark: 7 },
    { connmark: '0x80/0x80', not: { connmark: '0x2/0xf' } },
    { inputInterface: 'wan0' },
    { vlan: 5 },
    { length: '0-100' },
  ])('may ask for what a packet brings with it: %j', (match) => {
    expect(said(match)).toEqual([]);
  });
});
