import { expect, it } from 'vitest';
import { LINKS } from '../policy/index.ts';
import { classesText, resolved } from '../policy/testing.ts';
import { countedBytes, passes, policedAbove } from './passage.ts';

it('counts a frame as its link does', () => {
  expect(countedBytes(undefined, 90)).toBe(90);
  expect(countedBytes(LINKS.docsis, 90)).toBe(94);
  expect(countedBytes(LINKS.ethernet, 50)).toBe(84);
  expect(countedBytes(LINKS.adsl, 90)).toBe(3 * 53);
  expect(countedBytes(LINKS['pppoe-ptm'], 112)).toBe(128);
  expect(countedBytes(LINKS['pppoe-ptm'], 112, true)).toBe(130);
});

it('knows what police drops, and what it lets go on with another mark', () => {
  const rate = (police: string) => passes(resolved(classesText(`{name: a, match: [{dscp: [1]}], police: ${police}}`, '{name: b, default: true}')).classes[0]!); // prettier-ignore
  expect(rate('{rate: 2mbit}')).toBe(2e6);
  expect(rate('{rate: 2mbit, exceed: {dscp: af12}}')).toBe(Infinity);
  expect(rate('{rate: 2mbit, peakRate: 4mbit, exceed: {dscp: af12}}')).toBe(4e6);
});

it('finds the police above a child', () => {
  const policy = resolved(
    classesText(
      '{name: site, match: [{dscp: [1, 2]}], police: {rate: 2mbit}, classes: [{name: a, match: [{dscp: [1]}]}, {name: b, default: true}]}',
      '{name: rest, default: true}'
    )
  );
  expect(policedAbove(policy, 'site/a')?.path).toBe('site');
  expect(policedAbove(policy, 'rest')).toBeUndefined();
});
