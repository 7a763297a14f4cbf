import { describe, expect, it } from 'vitest';
import { ADDRESSES, namespacesOf, networkSteps, PREFIX } from './topology.ts';
import { stations } from './traffic.ts';

const lines = (ipv6: boolean) => networkSteps(namespacesOf('cp'), ipv6).map(({ argv }) => argv.join(' '));

describe('the demo network on paper', () => {
  it('names everything after its prefix, so that two stand beside each other', () => {
    const named = (prefix: string) => Object.values(namespacesOf(prefix));
    expect(named('one').filter((name) => named('two').includes(name))).toEqual([]);
    expect(lines(true).filter((line) => line.includes('clearpath'))).toEqual([]);
  });

  it('gives every port an address of both families, and of IPv4 alone where the kernel has no IPv6', () => {
    const count = (all: string[], part: string) => all.filter((line) => line.includes(part)).length;
    expect([count(lines(true), 'address add 10.77.'), count(lines(true), 'address add fd77:')]).toEqual([4, 4]);
    expect([count(lines(false), 'address add 10.77.'), count(lines(false), 'fd77')]).toEqual([4, 0]);
  });

  it('takes no prefix that a command would read as something else', () => {
    for (const bad of ['', '-x', 'a b', 'a/b', '../a', 'A', 'a;b', 'a'.repeat(40)]) {
      expect(PREFIX.test(bad), bad).toBe(false);
    }
    expect(PREFIX.test('clearpath')).toBe(true);
  });

  it('floods with loss-based congestion control and marks each class as the policy expects it', () => {
    const all = stations({ irtt: true, iperf3: true, ipv6: true, congestionControl: 'cubic' });
    const marks = Object.fromEntries(
      all.filter(({ site }) => site === 'branch').map(({ name, argv }) => [name, argv.at(-1)])
    );
    expect(marks).toEqual({ voice: '0xb8', video: '0x88', bulk: '0x20' });
    expect(all.filter(({ flood }) => flood).map(({ name }) => name)).toEqual(['bulk']);
    expect(all.find(({ name }) => name === 'video')?.argv).toContain(ADDRESSES.dc.v6);
  });

  it('runs what it can where irtt or iperf3 is missing', () => {
    const names = (irtt: boolean, iperf3: boolean) =>
      stations({ irtt, iperf3, ipv6: false, congestionControl: 'reno' }).map(({ name }) => name);
    expect(names(true, false)).toEqual(['irtt server']);
    expect(names(false, true)).not.toContain('irtt server');
    expect(names(false, false)).toEqual([]);
  });
});
