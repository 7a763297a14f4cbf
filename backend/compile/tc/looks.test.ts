import { expect, it } from 'vitest';
import { looksNote } from './looks.ts';
import { word } from './u32.ts';

const rule = (keys: string[], kind: 'flower' | 'u32' = 'flower', protocol = 'ip') => ({ value: { parent: '1:', protocol, kind, keys, classid: '1:10' } }); // prettier-ignore
const ports = (count: number, mask = '') => Array.from({ length: count }, (_, i) => rule([`dst_port ${i + 1}${mask}`]));

it('says nothing of thousands of rules under few masks, nor of few rules under many', () => {
  expect(looksNote([ports(4000)])).toEqual([]);
  const masks = Array.from({ length: 16 }, (_, i) => rule([`dst_ip 10.0.0.0/${i + 1}`]));
  expect(looksNote([[...ports(2000)], masks.slice(0, 15)])).toEqual([]);
  expect(looksNote([masks, masks])).toEqual([]);
});
it('counts a look for each mask of each preference that a frame meets, and one for each rule of u32', () => {
  const masks = Array.from({ length: 16 }, (_, i) => rule([`dst_ip 10.0.0.0/${i + 1}`], 'flower', 'all'));
  expect(looksNote([ports(2000), masks])[0]).toMatch(
    /^2016 rules stand at 1:, and a packet of the last costs 17 looks/
  );
  expect(looksNote([ports(2000), masks.map(({ value }) => ({ value: { ...value, protocol: 'ipv6' } }))])).toEqual([]);
  const alike = Array.from({ length: 1500 }, () => rule([word(5, 0xffff, 20)], 'u32'));
  expect(looksNote([alike])[0]).toContain('1500 looks');
});
it('counts for a hash table of u32 the way to it and the rules of its fullest bucket, eight of which cost as much', () => {
  const table = (count: number, step: number) => Array.from({ length: count }, (_, i) => rule([word(i * step, 0xffff, 20)], 'u32')); // prettier-ignore
  expect(looksNote([table(4000, 1)])).toEqual([]);
  expect(looksNote(Array.from({ length: 9 }, () => table(256, 1)))[0]).toContain('18 looks');
});
