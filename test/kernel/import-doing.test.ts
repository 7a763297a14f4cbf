/** What rules of another hand do to their packets, as what the policy says of a whole class. */
import { beforeAll, expect, it } from 'vitest';
import { importTree } from '../../backend/compile/tc/index.ts';
import { readTree, type Place } from '../../backend/target/index.ts';
import { onEach, WHOLE } from './kernel.ts';
import { DEVICE } from './network.ts';

const CLASSFUL = { qdiscs: ['htb', 'pfifo'], classifiers: ['u32'], kernel: '' };

onEach(WHOLE, 'a hand-made tree whose rules act', ({ network, place: placeOf, attempt }) => {
  let name: string;
  let place: Place;
  beforeAll(async () => {
    name = await network.make();
    place = placeOf(name);
  });

  const FLOWER = 'filter add dev wan0 parent 1: protocol ip pref 1 flower ip_proto udp classid 1:10 action';
  /** Rules to one class, what the policy says that it does, and what is said of the rest. */
  const DOING: Array<[string, string[], object, RegExp?]> = [
    [
      'one bucket of two rules, once',
      [`${FLOWER} police rate 1mbit burst 10k mtu 64k conform-exceed drop/pipe index 7`, `${FLOWER.replace('udp', 'tcp')} police index 7`],
      { police: { rate: { bits: 1e6 }, burst: 10240 } },
    ],
    [
      'a peak in the same police',
      [`${FLOWER} police rate 1mbit burst 10k mtu 1600 peakrate 2mbit drop`],
      { police: { rate: { bits: 1e6 }, burst: 10240, peakRate: { bits: 2e6 }, peakBurst: 1600 } },
    ],
    ['asking again as dropping', [`${FLOWER} police rate 1mbit burst 10k mtu 64k`], { police: { rate: { bits: 1e6 } } }],
    ['a burst that holds no frame', [`${FLOWER} police rate 1mbit burst 1k mtu 64k drop`], { police: { rate: { bits: 1e6 } } }, /^No full frame fits into its burst of 1024 B/],
    ['what is too much left to others', [`${FLOWER} police rate 1mbit burst 10k conform-exceed continue/ok`], {}, /^It polices, and leaves what is too much to later rules/],
    ['a police that counts more', [`${FLOWER} police rate 1mbit burst 10k mtu 64k overhead 10 drop`], { police: { rate: { bits: 1e6 } } }, /^Its police counted 10 B more/],
    ['a police that counts cells', [`${FLOWER} police rate 1mbit burst 10k overhead 10 linklayer atm drop`], {}, /^It does "police 0x\w+ rate 1Mbit .* linklayer atm"/],
    ['DSCP by the old words', [`${FLOWER} pedit munge ip tos set 0x20 pipe action csum ip`], { mark: { dscp: 8 } }, /^It wrote the ECN bits/],
    ['DSCP in IPv6', [`${FLOWER.replace('protocol ip ', 'protocol ipv6 ')} pedit ex munge ip6 traffic_class set 0xb8 retain 0xfc`], { mark: { dscp: 46 } }],
    ['a mark under a mask', [`${FLOWER} skbedit mark 0x10/0xf0`], { mark: { fwmark: { value: 16, mask: 240 } } }],
    ['the priority of a VLAN', ['filter add dev wan0 parent 1: protocol 802.1Q pref 1 flower vlan_id 5 classid 1:10 action vlan modify id 5 priority 3'], { mark: { vlanPriority: 3 } }],
    ['another field of the header', [`${FLOWER} pedit ex munge ip ttl set 64`], {}, /^It does "pedit action pass keys 1 key #0 at ipv4\+8/],
  ]; // prettier-ignore
  it.each(DOING)('says of a class what its rules do: %s', async (_what, rules, acting, said) => {
    await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
    const classes = ['1:', '1:1', '1:1'].map((parent, index) => `class add dev wan0 parent ${parent} classid 1:${['1', '10', '20'][index]!} htb rate ${index === 0 ? 10 : 5}mbit burst 15k cburst 15k`); // prettier-ignore
    await network.tc(name, 'qdisc add dev wan0 root handle 1: htb default 20', ...classes, ...rules);
    const { spec, remarks } = importTree(await readTree(place, DEVICE), { name: 'p', capabilities: CLASSFUL });
    const { police, mark, redirect, mirror } = spec.classes![0]!;
    expect(JSON.parse(JSON.stringify({ police, mark, redirect, mirror }))).toMatchObject(acting);
    expect(Object.keys(JSON.parse(JSON.stringify({ police, mark, redirect, mirror })) as object)).toEqual(Object.keys(acting)); // prettier-ignore
    const ofRules = remarks.filter(({ object, kind }) => object.startsWith('filter') && kind !== 'notice');
    expect(ofRules.map(({ message }) => message)).toEqual(said ? [expect.stringMatching(said)] : []);
  });
});
