import { expect, it } from 'vitest';
import { looksNote } from './looks.ts';

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
  const hashed = Array.from({ length: 1500 }, (_, i) => rule([`match u32 ${i}`], 'u32'));
  expect(looksNote([hashed])[0]).toContain('1500 looks');
});
