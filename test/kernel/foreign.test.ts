/** What somebody else put on the interface: restored exactly, or named and left alone until told otherwise. */
import { beforeAll, expect, it } from 'vitest';
import { importTree } from '../../backend/compile/tc/index.ts';
import { readTree, type Place } from '../../backend/target/index.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { BRANCH_EDGE, Operator, TENANT } from './operator.ts';

const dev = `dev ${DEVICE}`;
const match = (address: string, classid: string) => `u32 match ip dst ${address} flowid ${classid}`;

/** Written back to the last word. `whole` needs more than every kernel has. */
const EXACT: Record<string, { lines: string[]; whole?: boolean }> = {
  'nothing but the kernel’s own queue': { lines: [] },
  'pfifo with a limit': { lines: [`qdisc add ${dev} root pfifo limit 123`] },
  'bfifo by a handle that our leaves use': { lines: [`qdisc add ${dev} root handle 10: bfifo limit 100000`] },
  'HTB with rules, bursts as the kernel rounds them and classes within classes': {
    lines: [
      `qdisc add ${dev} root handle 1: htb default 12 r2q 20 direct_qlen 77`,
      `class add ${dev} parent 1: classid 1:1 htb rate 30mbit burst 15k`,
      `class add ${dev} parent 1:1 classid 1:10 htb rate 3mbit ceil 30mbit burst 3027 cburst 4001 prio 2`,
      `class add ${dev} parent 1:1 classid 1:11 htb rate 7777kbit ceil 30mbit quantum 3000`,
      `class add ${dev} parent 1:1 classid 1:12 htb rate 123456bit`,
      `class add ${dev} parent 1:11 classid 1:20 htb rate 1mbit`,
      `class add ${dev} parent 1:11 classid 1:21 htb rate 2mbit`,
      `qdisc add ${dev} parent 1:20 handle 20: pfifo limit 33`,
      `filter add ${dev} parent 1: protocol ip pref 5 ${match('192.0.2.7', '1:10')}`,
      `filter add ${dev} parent 1: protocol ip pref 5 u32 match ip protocol 17 0xff match ip dport 53 0xffff flowid 1:10`,
      `filter add ${dev} parent 1: protocol all pref 9 u32 match u32 0 0 flowid 1:11`,
      `filter add ${dev} parent 1:11 protocol ip pref 20 ${match('198.51.100.0/24', '1:20')}`,
      `filter add ${dev} parent 1:11 protocol ipv6 pref 21 u32 match ip6 dst 2001:db8::/32 flowid 1:21`,
    ],
  },
  'HTB by a handle that our leaves use, with a leaf by the handle that our root would have': {
    lines: [
      `qdisc add ${dev} root handle 10: htb default 1`,
      `class add ${dev} parent 10: classid 10:1 htb rate 5mbit`,
      `qdisc add ${dev} parent 10:1 handle 1: pfifo limit 50`,
    ],
  },
  'HTB with matchall, which restores DSCP and takes the rest': {
    lines: [
      `qdisc add ${dev} root handle 1: htb default 10`,
      `class add ${dev} parent 1: classid 1:1 htb rate 10mbit`,
      `class add ${dev} parent 1:1 classid 1:10 htb rate 5mbit`,
      `class add ${dev} parent 1:1 classid 1:20 htb rate 5mbit`,
      `filter add ${dev} parent 1: protocol all pref 1 matchall action ctinfo dscp 0x3f 0x40 continue`,
      `filter add ${dev} parent 1: protocol ip pref 2 flower ip_proto udp classid 1:10`,
      `filter add ${dev} parent 1: protocol all pref 5 matchall classid 1:20`,
    ],
    whole: true,
  },
  'fq_codel with options': {
    lines: [
      `qdisc add ${dev} root fq_codel limit 777 target 500us interval 33ms noecn flows 512 quantum 300 memory_limit 5Mb`,
    ],
    whole: true,
  },
  'sfq with options': { lines: [`qdisc add ${dev} root handle 7: sfq limit 100 quantum 3000 perturb 5`], whole: true },
  'HTB with flower and fq_codel': {
    lines: [
      `qdisc add ${dev} root handle 2: htb default 20`,
      `class add ${dev} parent 2: classid 2:10 htb rate 1gbit ceil 2gbit`,
      `class add ${dev} parent 2: classid 2:20 htb rate 1mbit`,
      `qdisc add ${dev} parent 2:10 fq_codel`,
      `filter add ${dev} parent 2: protocol ip pref 1 flower ip_proto tcp dst_port 80 src_ip 10.0.0.0/8 classid 2:10`,
      `filter add ${dev} parent 2: protocol ipv6 pref 2 flower ip_proto udp src_port 1000-2000 dst_ip ::ffff:192.0.2.1 classid 2:10`,
      `filter add ${dev} parent 2: protocol 802.1Q pref 3 flower vlan_ethtype ipv4 ip_tos 0xb8/0xfc classid 2:10`,
      `filter add ${dev} parent 2: protocol all pref 4 flower classid 2:20`,
      `filter add ${dev} parent 2: protocol ip pref 5 handle 0x10/0xf0 fw classid 2:10`,
      `filter add ${dev} parent 2: protocol all pref 6 handle 7 fw classid 2:20`,
      `filter add ${dev} parent 2: protocol all pref 6 handle 8 fw classid 2:10`,
    ],
    whole: true,
  },
  tbf: {
    lines: [
      `qdisc add ${dev} root handle 1: tbf rate 20mbit burst 32k latency 800ms`,
      `qdisc add ${dev} parent 1:1 handle 5: pfifo limit 77`,
    ],
  },
  'tbf with a burst as the kernel rounds it': {
    lines: [`qdisc add ${dev} root tbf rate 123456kbit burst 33333 limit 3000000`],
  },
  'a size table': {
    lines: [
      `qdisc add ${dev} root handle 1: stab overhead 24 mpu 84 htb default 1`,
      `class add ${dev} parent 1: classid 1:1 htb rate 10mbit`,
    ],
  },
  'a size table of cells': {
    lines: [`qdisc add ${dev} root handle 1: stab linklayer atm overhead -4 tbf rate 20mbit burst 32k latency 80ms`],
  },
  'prio with queues and rules at its bands': {
    lines: [
      `qdisc add ${dev} root handle 1: prio bands 4 priomap 3 3 3 2 2 2 1 1 1 0 0 0 1 1 1 1`,
      `qdisc add ${dev} parent 1:2 handle 10: sfq limit 100 perturb 10`,
      `qdisc add ${dev} parent 1:4 handle 11: codel limit 77 target 8ms interval 110ms ecn`,
      `filter add ${dev} parent 1: protocol ip pref 5 flower ip_proto udp classid 1:1`,
    ],
    whole: true,
  },
  'HTB with DRR in two classes, each with rules of its own': {
    lines: [
      `qdisc add ${dev} root handle 1: htb default 20`,
      `class add ${dev} parent 1: classid 1:1 htb rate 10mbit`,
      ...['10', '20'].flatMap((id) => [
        `class add ${dev} parent 1:1 classid 1:${id} htb rate 5mbit`,
        `qdisc add ${dev} parent 1:${id} handle ${id}: drr`,
        `class add ${dev} parent ${id}: classid ${id}:1 drr`,
        `filter add ${dev} parent ${id}: protocol all pref ${id} flower classid ${id}:1`,
      ]),
      `filter add ${dev} parent 1: protocol ip pref 1 flower ip_proto udp classid 1:10`,
    ],
    whole: true,
  },
  'HFSC with curves of every form': {
    lines: [
      `qdisc add ${dev} root handle 1: hfsc default 12`,
      `class add ${dev} parent 1: classid 1:1 hfsc ls m2 19mbit ul m2 19mbit`,
      `class add ${dev} parent 1:1 classid 1:10 hfsc rt m1 6056kbit d 2000us m2 1900kbit`,
      `class add ${dev} parent 1:1 classid 1:11 hfsc rt m2 3mbit ls m2 5555555bit ul m2 10mbit`,
      `class add ${dev} parent 1:1 classid 1:12 hfsc sc umax 1514b dmax 12345us rate 100kbit`,
      `class add ${dev} parent 1:11 classid 1:20 hfsc ls m2 1mbit`,
      `qdisc add ${dev} parent 1:10 handle 10: pfifo limit 20`,
      `filter add ${dev} parent 1: protocol ip pref 5 flower ip_proto udp classid 1:11`,
      `filter add ${dev} parent 1:11 protocol ip pref 6 flower ip_proto udp dst_port 53 classid 1:20`,
    ],
    whole: true,
  },
  'DRR below HTB, with rules of its own': {
    lines: [
      `qdisc add ${dev} root handle 1: htb default 1`,
      `class add ${dev} parent 1: classid 1:1 htb rate 10mbit`,
      `qdisc add ${dev} parent 1:1 handle f: drr`,
      `class add ${dev} parent f: classid f:10 drr quantum 1514`,
      `class add ${dev} parent f: classid f:11 drr quantum 300000`,
      `qdisc add ${dev} parent f:10 handle 10: fq_codel`,
      `filter add ${dev} parent f: protocol ip pref 5 flower ip_proto tcp classid f:10`,
      `filter add ${dev} parent f: protocol all pref 9 u32 match u32 0 0 flowid f:11`,
    ],
    whole: true,
  },
  cake: { lines: [`qdisc add ${dev} root cake bandwidth 10mbit`], whole: true },
  'cake with options': {
    lines: [
      `qdisc add ${dev} root handle 3: cake bandwidth 12345678bit diffserv8 dual-srchost nat wash ingress ack-filter rtt 33333us atm overhead -4 mpu 20 memlimit 5mb`,
    ],
    whole: true,
  },
};

const HTB = [`qdisc add ${dev} root handle 1: htb default 1`, `class add ${dev} parent 1: classid 1:1 htb rate 10mbit`];
/** What is named in the refusal. */
const INEXACT: Record<string, { lines: string[]; named: RegExp; whole?: boolean }> = {
  'tbf with a peak rate': {
    lines: [`qdisc add ${dev} root tbf rate 20mbit burst 32k latency 800ms peakrate 30mbit mtu 1540`],
    named: /qdisc tbf .*\(peakrate\)/,
  },
  'red, whose average the kernel shows in part': {
    lines: [`qdisc add ${dev} root red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 bandwidth 10mbit`],
    named: /qdisc red .*packet size/,
    whole: true,
  },
  'a link layer of ATM': {
    lines: [HTB[0]!, `class add ${dev} parent 1: classid 1:1 htb rate 10mbit linklayer atm`],
    named: /class htb 1:1 \(linklayer atm\)/,
  },
  'an overhead': {
    lines: [HTB[0]!, `class add ${dev} parent 1: classid 1:1 htb rate 10mbit overhead 24`],
    named: /class htb 1:1 \(overhead 24\)/,
  },
  'a hash table of u32 whose rules say less than what leads to them': {
    lines: [
      ...HTB,
      `filter add ${dev} parent 1: protocol ip pref 5 handle 100: u32 divisor 256`,
      `filter add ${dev} parent 1: protocol ip pref 5 u32 ht 800:: match ip dst 10.0.0.0/24 hashkey mask 0xff at 16 link 100:`,
      `filter add ${dev} parent 1: protocol ip pref 5 u32 ht 100:7: match u32 0x00000007 0x000000ff at 16 flowid 1:1`,
    ],
    named: /filter 1: pref 5 u32 \(a hash table\)/,
  },
  'an offset that u32 reads from the packet': {
    lines: [...HTB, `filter add ${dev} parent 1: protocol ip pref 5 u32 match tcp dst 80 0xffff flowid 1:1`],
    named: /nexthdr/,
  },
  'u32 rules of one preference at two parents': {
    lines: [
      ...HTB,
      `class add ${dev} parent 1:1 classid 1:2 htb rate 1mbit`,
      `filter add ${dev} parent 1: protocol ip pref 5 ${match('192.0.2.1', '1:1')}`,
      `filter add ${dev} parent 1:1 protocol ip pref 5 ${match('192.0.2.1', '1:2')}`,
    ],
    named: /one preference at two parents/,
  },
  netem: { lines: [`qdisc add ${dev} root netem delay 10ms`], named: /qdisc netem/, whole: true },
  'netem below HTB': {
    lines: [...HTB, `qdisc add ${dev} parent 1:1 netem delay 10ms`],
    named: /qdisc netem/,
    whole: true,
  },
  'fq_codel with a CE threshold': {
    lines: [`qdisc add ${dev} root fq_codel ce_threshold 1ms`],
    named: /ce_threshold/,
    whole: true,
  },
  'a rule with an action': {
    lines: [...HTB, `filter add ${dev} parent 1: protocol ip pref 5 flower ip_proto tcp classid 1:1 action drop`],
    named: /filter 1: pref 5 flower/,
    whole: true,
  },
  'a policed rule': {
    lines: [
      ...HTB,
      `filter add ${dev} parent 1: protocol ip pref 5 u32 match u32 0 0 police rate 1mbit burst 10k drop flowid 1:1`,
    ],
    named: /filter 1: pref 5 u32/,
    whole: true,
  },
  'a flower key that is none of ours': {
    lines: [...HTB, `filter add ${dev} parent 1: protocol ip pref 5 flower ip_ttl 1 classid 1:1`],
    named: /ip_ttl/,
    whole: true,
  },
  'a rule at the queue of a class': {
    lines: [
      ...HTB,
      `qdisc add ${dev} parent 1:1 handle 11: fq_codel`,
      `filter add ${dev} parent 11: protocol ip pref 5 u32 match u32 0 0 flowid 11:1`,
    ],
    named: /at the queue of a class/,
    whole: true,
  },
};

/** Everything on an interface, the rules of its inner classes too. */
const SHOW = `
  for what in qdisc class filter; do tc -n "$1" -d $what show dev "$2"; done
  for holder in $(tc -n "$1" class show dev "$2" | grep -o 'parent [0-9a-f]*:[0-9a-f]\\+' | cut -d ' ' -f 2 | sort -u) \\
    $(tc -n "$1" qdisc show dev "$2" | grep ' parent ' | cut -d ' ' -f 3); do
    echo "rules of $holder"
    tc -n "$1" -d filter show dev "$2" parent "$holder"
  done
`;

onEach(KERNELS, 'a foreign tree', ({ kernel, alone, network, place: placeOf, attempt, sh }) => {
  let name: string;
  let place: Place;
  beforeAll(async () => {
    name = await network.make();
    place = placeOf(name);
  });
  const here = <T extends { whole?: boolean }>(cases: Record<string, T>) =>
    Object.entries(cases).filter(([, { whole }]) => (kernel.whole ? alone || whole : !whole));

  /** What tc shows, without what counts or is numbered by the kernel. */
  const shown = async () => {
    const text = await sh('sh', '-ec', SHOW, 'sh', name, DEVICE);
    return text
      .split(/\n(?=\S)/)
      .sort(
        (a, b) =>
          Number(b.startsWith('class ')) - Number(a.startsWith('class ')) || (a.startsWith('class ') && a > b ? 1 : 0)
      )
      .join('\n')
      .replace(/ refcnt \d+| direct_packets_stat \d+/g, '')
      .replace(/\b8[0-9a-f]{2}:(?=:| )|\bht 8[0-9a-f]{2}\b/g, '8xx');
  };
  /** By another hand, and by an operator who finds it. */
  const found = async (lines: readonly string[], work: (operator: Operator) => Promise<void>) => {
    const operator = await Operator.start();
    try {
      await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
      if (lines.length > 0) {
        await network.tc(name, ...lines);
      }
      await work(operator);
    } finally {
      await operator.stop();
    }
  };

  it.each(here(EXACT))('is replaced and rolled back to the last word, twice: %s', async (_what, { lines }) => {
    await found(lines, async (operator) => {
      const before = await shown();
      const plan = await operator.plan(place, BRANCH_EDGE);
      expect(plan.before.inexact).toEqual([]);
      expect(plan.owner).toBe(lines.length > 0 ? 'foreign' : 'kernel-default');
      for (const time of ['once', 'twice']) {
        await operator.apply(place, BRANCH_EDGE);
        await operator.rollback(place);
        expect(await shown(), time).toBe(before);
      }
    });
  });

  const IMPORTED = Object.fromEntries(Object.entries(EXACT).filter(([, { lines }]) => lines.length > 0));
  it.each(here(IMPORTED))(
    'is rolled back to the last word after the policy imported from it: %s',
    async (_what, { lines }) => {
      await found(lines, async (operator) => {
        const before = await shown();
        const capabilities = await operator.engine.capabilitiesOf(place);
        const { source } = importTree(await readTree(place, DEVICE), { name: 'edge', capabilities, speed: 1e9 });
        await operator.apply(place, source);
        expect(await operator.lines(place, source)).toEqual([]);
        await operator.rollback(place);
        expect(await shown()).toBe(before);
      });
    }
  );

  it.each(here(INEXACT))('is named and left alone: %s', async (_what, { lines, named }) => {
    await found(lines, async (operator) => {
      const before = await shown();
      await expect(operator.apply(place, BRANCH_EDGE)).rejects.toMatchObject({
        code: 'CP-FOREIGN',
        message: expect.stringMatching(named),
      });
      expect(await shown()).toBe(before);
      expect(await operator.store.deployments.list(TENANT, {})).toEqual([]);
    });
  });

  it('that could not be restored is replaced when that is allowed, and the way back says what is gone', async () => {
    await found(INEXACT['tbf with a peak rate']!.lines, async (operator) => {
      expect((await operator.plan(place, BRANCH_EDGE)).restorable).toBe(false);
      await operator.apply(place, BRANCH_EDGE, { replaceForeign: true });
      expect(await operator.lines(place, BRANCH_EDGE)).toEqual([]);
      await expect(operator.rollback(place)).rejects.toMatchObject({
        code: 'CP-NOT-RESTORABLE',
        message: expect.stringMatching(INEXACT['tbf with a peak rate']!.named),
      });
      expect(await operator.lines(place, BRANCH_EDGE)).toEqual([]);
    });
  });
});
