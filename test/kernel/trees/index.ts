/** What is expected of the hand-made trees beside this file, in the styles that are about. */
import type { FrameSpec } from '../frames.ts';

const udp = { family: 4 as const, protocol: 17, sourcePort: 40000, destinationPort: 40001 };
const tcp = { family: 4 as const, protocol: 6, sourcePort: 40000, destinationPort: 40001 };

export interface HandMade {
  /** Needs more than every kernel has */
  whole?: boolean;
  /** What is said of it, one after the other */
  remarks: RegExp[];
  /** What is sent, and the class that the tree gives it to; none for what passes all of them */
  frames: Array<[FrameSpec, string | undefined]>;
  /** The same frames where the policy says otherwise, by path */
  otherwise?: Record<number, string>;
}

export const TREES: Record<string, HandMade> = {
  howto: {
    remarks: [
      /^filter 1: pref 1: It looked for ports in every protocol/,
      /^rules to 1:10, 1:20: They do not see VLAN-tagged frames/,
      /^classes 1:10, 1:20, 1:30: Their rates add up to 8.001 Mbit\/s, but there is 6 Mbit\/s/,
      /^class 1:10, class 1:20, class 1:30: Its burst \(15360 B\) and cburst \(1600 B\) differ/,
      /^class 1:10, class 1:20, class 1:30: It has no queue of its own/,
    ],
    frames: [
      [{ ...tcp, destinationPort: 80 }, '1:10'],
      [{ ...udp, destinationPort: 80 }, '1:10'],
      [{ ...tcp, sourcePort: 25 }, '1:20'],
      [{ ...tcp, sourcePort: 25, destinationPort: 80 }, '1:10'],
      [tcp, '1:30'],
      [{ family: 6, protocol: 6, sourcePort: 1, destinationPort: 80 }, '1:30'],
      [{}, '1:30'],
    ],
  },
  office: {
    remarks: [
      /^class 1:32: No rule that can be read sends anything there/,
      /^filter 1: pref 5: It looked for ports/,
      /^rules to 1:2, 1:20, 1:3, 1:30: They do not see VLAN/,
      /no queue of its own/,
      /^filter 1: pref 5: .* goes to no class in the tree and to "class-3\/class-3-default" in the policy/,
      /^qdisc htb 1:: It has no default: what no rule takes leaves the interface unshaped/,
    ],
    frames: [
      [{ ...udp, source: [10, 1, 2, 3], destinationPort: 5060 }, '1:20'],
      [{ ...tcp, source: [10, 1, 2, 3], destinationPort: 5060 }, '1:21'],
      [{ ...udp, source: [10, 2, 2, 3], destinationPort: 5060 }, '1:30'],
      [{ ...udp, source: [10, 2, 2, 3] }, '1:31'],
      [{ ...tcp, source: [10, 3, 2, 3], sourcePort: 22 }, undefined],
      [tcp, undefined],
      [{}, undefined],
    ],
    otherwise: { 4: 'class-3/class-3-default', 5: 'default', 6: 'default' },
  },
  tbf: {
    remarks: [
      /^qdisc tbf 1:: Its burst of \d+ B is computed by the policy/,
      /^qdisc tbf 1:: Its own queue is one for all/,
    ],
    frames: [],
  },
  mac: {
    remarks: [
      /^rules to 1:10, 1:20: They do not see VLAN/,
      /no queue of its own/,
      /^filter 1: pref 2, filter 1: pref 3: IPv4 · from MAC 02:00:5e:01:00:00\/32 · to MAC .* goes to 1:20 \(class-20\) in the tree and to "class-10"/,
    ],
    frames: [
      [{ ...tcp, sourceMac: [2, 0, 0x5e, 0, 0x53, 1] }, '1:10'],
      [{ ...udp, sourceMac: [2, 0, 0x5e, 0, 0x53, 1] }, '1:30'],
      [{ ...udp, sourceMac: [2, 0, 0x5e, 1, 7, 7] }, '1:20'],
      [{ ...udp, sourceMac: [2, 0, 0x5e, 2, 7, 7] }, '1:30'],
      [{ ...udp, destinationMac: [2, 0, 0x5e, 0, 0x53, 0x99] }, '1:10'],
      [{ destinationMac: [2, 0, 0x5e, 0, 0x53, 0x99] }, '1:10'],
      [{}, '1:20'],
      [{ ...udp, family: 6 }, '1:30'],
    ],
  },
  cake: {
    whole: true,
    remarks: [
      /^qdisc cake 8001:: The policy does not say nat nat/,
      /^qdisc cake 8001:: The policy does not say acks ack-filter/,
    ],
    frames: [],
  },
  wondershaper: {
    whole: true,
    remarks: [
      /^filter 1: pref 10: It asked for ECN bits as well/,
      /^filter 1: pref 16: It looked for ports/,
      /^rules to 1:10, 1:30: They do not see VLAN/,
      /^classes 1:10, 1:30, 1:20: Their rates add up to 1.89 Mbit\/s, but there is 700 kbit\/s/,
      /burst \(6144 B\) and cburst/,
    ],
    frames: [
      [{ ...tcp, dscp: 4 }, '1:10'],
      [{ family: 4, protocol: 1 }, '1:10'],
      [{ ...tcp, destination: [203, 0, 113, 9] }, '1:30'],
      [{ ...udp, sourcePort: 6881 }, '1:30'],
      [{ ...udp, dscp: 4, sourcePort: 6881 }, '1:10'],
      [tcp, '1:20'],
      [{ family: 6, protocol: 58 }, '1:20'],
      [{}, '1:20'],
    ],
  },
  sqm: {
    whole: true,
    remarks: [/^rules to 1:13, 1:11: They do not see VLAN/],
    frames: [
      [{ ...tcp, dscp: 8 }, '1:13'],
      [{ ...tcp, family: 6, dscp: 8 }, '1:13'],
      [{ ...udp, dscp: 46 }, '1:11'],
      [{ ...udp, family: 6, dscp: 48 }, '1:11'],
      [{ ...udp, destinationPort: 53 }, '1:11'],
      [{ ...udp, dscp: 8, destinationPort: 53 }, '1:13'],
      [{ ...udp, family: 6, destinationPort: 53 }, '1:12'],
      [tcp, '1:12'],
      [{}, '1:11'],
    ],
  },
  marks: {
    whole: true,
    remarks: [/^rules to 1:10, 1:30: They do not see VLAN/],
    frames: [
      [{ ...tcp, sourceMac: [2, 0, 0x5e, 0, 0x53, 1] }, '1:20'],
      [{ sourceMac: [2, 0, 0x5e, 0, 0x53, 1] }, '1:20'],
      [{ ...tcp, tcpFlags: 2, payload: 200 }, '1:30'],
      [{ ...tcp, tcpFlags: 18, payload: 200 }, '1:40'],
      [{ ...udp, payload: 20 }, '1:30'],
      [{ ...udp, payload: 200 }, '1:40'],
      [{ ...udp, family: 6 }, '1:40'],
      [{}, '1:30'],
    ],
  },
  hfsc: {
    whole: true,
    remarks: [
      /^qdisc red 30:: The policy does not say/,
      /^rules to 1:10, 1:20: They do not see VLAN/,
      /^classes 1:20, 1:30: What they take of what is left over/,
    ],
    frames: [],
  },
  prio: {
    whole: true,
    remarks: [/^rules to 2:1, 2:2: They do not see VLAN/, /^class 2:2: It has no queue of its own/],
    frames: [],
  },
  tcset: {
    whole: true,
    remarks: [
      /^qdisc netem 19cf:: The policy has nothing for it and gives 1a1a:b8 fq_codel instead/,
      /^filter 1a1a: pref 5: It looked for ports/,
      /^rules to 1a1a:b8: They do not see VLAN/,
      /^class 1a1a:1: Its burst is tc’s default/,
      /^class 1a1a:1: It has no queue of its own/,
      /^classes 1a1a:1, 1a1a:b8: They stand side by side at the root/,
    ],
    frames: [
      [{ ...tcp, destination: [198, 51, 100, 7], destinationPort: 8080 }, '1a1a:b8'],
      [{ ...tcp, destination: [198, 51, 101, 7], destinationPort: 8080 }, '1a1a:1'],
      [udp, '1a1a:1'],
    ],
  },
  actions: {
    whole: true,
    remarks: [
      /^filter 1: pref 7: It drops its packets, which no class of a policy does/,
      /^filter 1: pref 8: It does "skbedit priority 1:10 pipe", which the policy does not say/,
      /^filter 1: pref 11: It sends to far0 and names no class/,
      /^filter 1: pref 12: It writes DSCP CS5, and not all that goes to 1:60 is treated so/,
      /^filter 1: pref 9: It copies the mark of the packet’s connection/,
      /^filter 1: pref 5: It wrote the ECN bits as well/,
      /^filter 1: pref 3, filter 1: pref 4: Each of the 2 rules that go there has a bucket of its own, so that 4 Mbit\/s pass/,
      /^rules to .*: They do not see VLAN/,
      /burst is tc’s default/,
      /no queue of its own/,
      /^filter 1: pref 3, filter 1: pref 4: Packets above its mtu of 2048 B are too much/,
    ],
    frames: [
      [{ ...udp, destinationPort: 5060 }, '1:10'],
      [{ ...udp, family: 6, destinationPort: 5061 }, '1:10'],
      [{ ...tcp, source: [192, 168, 50, 9] }, '1:20'],
      [{ ...tcp, source: [192, 168, 51, 9] }, '1:20'],
      [{ ...tcp, sourcePort: 80 }, '1:30'],
      [{ ...tcp, source: [192, 168, 60, 7] }, '1:50'],
      [{ ...tcp, destinationPort: 22 }, '1:40'],
      [{ family: 4, protocol: 1 }, '1:40'],
      [{ family: 4, protocol: 47 }, '1:60'],
      [{ ...tcp, destinationPort: 25 }, undefined],
      [{ family: 4, protocol: 50 }, undefined],
      [{}, '1:40'],
    ],
    otherwise: { 9: 'default', 10: 'default' },
  },
  flower: {
    whole: true,
    remarks: [
      /^filter 1: pref 6: It sends to 1:20 by what the language does not say \(ip_ttl 1\)/,
      /^rules to 1:10, 1:20: They do not see VLAN/,
      /burst is tc’s default/,
      /no queue of its own/,
      /^filter 1: pref 12: It is never asked, since filter 1: pref 9 before it takes everything/,
    ],
    frames: [
      [{ ...udp, dscp: 46, destinationPort: 20000 }, '1:10'],
      [{ ...udp, family: 6, dscp: 46, destinationPort: 16384 }, '1:10'],
      [{ ...udp, dscp: 46, destinationPort: 32768 }, '1:30'],
      [{ ...tcp, destinationPort: 443 }, '1:20'],
      [{ ...tcp, source: [192, 0, 2, 9], destinationPort: 80 }, '1:20'],
      [{ ...tcp, source: [192, 0, 3, 9], destinationPort: 80 }, '1:30'],
      [{ family: 4, protocol: 132 }, '1:30'],
      [{}, '1:30'],
    ],
  },
};
