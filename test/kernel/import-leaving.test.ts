/** What another hand does with packets at the hook on their way out, before they come to the tree, as part of its policy. */
import { expect, it } from 'vitest';
import { importPolicy } from '../../backend/deploy/index.ts';
import { specOf } from '../../backend/policy/testing.ts';
import type { Place } from '../../backend/target/index.ts';
import { takenBy, tally } from './hand-made.ts';
import { onEach, WHOLE } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, TENANT } from './operator.ts';

const TREE = [
  `qdisc add dev ${DEVICE} root handle 1: htb default 30`,
  `class add dev ${DEVICE} parent 1: classid 1:1 htb rate 20mbit burst 15k cburst 15k`,
  ...['10', '20', '30'].map((id) => `class add dev ${DEVICE} parent 1:1 classid 1:${id} htb rate 5mbit ceil 20mbit burst 15k cburst 15k`),
  ...['10', '20', '30'].map((id) => `qdisc add dev ${DEVICE} parent 1:${id} handle ${id}: fq_codel`),
  `filter add dev ${DEVICE} parent 1: protocol ip pref 1 flower ip_proto udp dst_port 53 classid 1:10`,
  `qdisc add dev ${DEVICE} clsact`,
]; // prettier-ignore
const LEAVING = `filter add dev ${DEVICE} egress`;

onEach(WHOLE, 'rules at the hook of what leaves', ({ network, place: placeOf, attempt }) => {
  const found = async (rules: readonly string[], work: (operator: Operator, place: Place, name: string) => Promise<void>) => {
    const operator = await Operator.start();
    try {
      const name = await network.make();
      await network.tc(name, ...TREE, ...rules);
      await work(operator, placeOf(name), name);
    } finally {
      await operator.stop();
    }
  }; // prettier-ignore
  const imported = (operator: Operator, place: Place) => importPolicy(operator.engine, TENANT, place, DEVICE);
  const STAYS = /^hook of what leaves: Its rules stay when the policy is applied, and go before those of the policy/;

  it('are matches of the classes that they name by priority, before those of the tree', async () => {
    const rules = [
      `${LEAVING} protocol ip pref 1 u32 match ip protocol 6 0xff match ip dport 80 0xffff action skbedit priority 1:20`,
      `${LEAVING} protocol ip pref 2 flower ip_proto udp src_ip 10.9.0.0/16 action skbedit priority 1:20 mark 5 action pass`,
      `${LEAVING} protocol ip pref 3 flower ip_proto 0x2f action skbedit priority 1:99`,
      `${LEAVING} protocol ip pref 4 flower ip_proto icmp action skbedit mark 7`,
    ];
    await found(rules, async (operator, place, name) => {
      const frames = [
        { family: 4 as const, protocol: 6, sourcePort: 40000, destinationPort: 80 },
        { family: 4 as const, protocol: 17, sourcePort: 40000, destinationPort: 53 },
        { family: 4 as const, protocol: 17, source: [10, 9, 0, 7], sourcePort: 40000, destinationPort: 53 },
        { family: 4 as const, protocol: 6, sourcePort: 40000, destinationPort: 443 },
      ];
      const expected = tally(['1:20', '1:10', '1:20', '1:30']);
      expect(await takenBy(attempt, name, place, frames)).toEqual(expected);
      const { source, remarks } = await imported(operator, place);
      expect(remarks.map(({ object, message }) => `${object}: ${message}`)).toEqual([
        expect.stringMatching(/^filter egress: pref 4: It acts on packets before they come to the tree/),
        expect.stringMatching(/^filter egress: pref 3: It sends to 1:99, which does not exist/),
        expect.stringMatching(/^filter egress: pref 2: It sets mark 5, and not all that goes to 1:20 is treated so/),
        expect.stringMatching(/^rules to 1:20, 1:10: They do not see VLAN/),
        expect.stringMatching(STAYS),
      ]);
      const plan = await operator.plan(place, source);
      // The tree is changed where it stands, and what goes before it is told.
      expect(plan.operations.filter(({ object }) => object.type === 'qdisc')).toEqual([]);
      expect(Object.values(plan.allocation.classes).sort()).toEqual([0x10, 0x20, 0x30]);
      expect(plan.notes).toContainEqual(
        expect.stringMatching(
          /^Another hand acts on what leaves wan0 .*\(4 rules at the hook.* take it away: tc filter del dev wan0 egress\.$/
        )
      );
      await operator.apply(place, source);
      await network.tc(name, `filter del dev ${DEVICE} egress`);
      expect((await operator.plan(place, source)).notes.filter((note) => /^Another hand/.test(note))).toEqual([]);
      await network.tc(name, `qdisc del dev ${DEVICE} clsact`);
      expect(await operator.lines(place, source)).toEqual([]);
      const minors = (await operator.plan(place, source)).allocation.classes;
      const now = await takenBy(attempt, name, place, frames);
      expect(Object.values(now).sort()).toEqual(Object.values(expected).sort());
      expect(Object.keys(now)).toHaveLength(Object.keys(minors).length);
    });
  });

  it('restore the DSCP of connections for the whole tree, where they do so for every packet', async () => {
    await found([`${LEAVING} matchall action ctinfo dscp 0xfc000000 0x01000000`], async (operator, place) => {
      const { source, remarks } = await imported(operator, place);
      expect(specOf(source).restoreDscp).toEqual({ mask: 0xfc000000, state: 0x01000000 });
      expect(remarks.filter(({ kind }) => kind === 'left-out').map(({ object }) => object)).toEqual(['class 1:20']);
      await operator.apply(place, source);
      expect(await operator.lines(place, source)).toEqual([]);
    });
    await found(
      [`${LEAVING} protocol ip flower ip_proto udp action ctinfo dscp 0x3f 0x40`],
      async (operator, place) => {
        const { source, remarks } = await imported(operator, place);
        expect(specOf(source).restoreDscp).toBeUndefined();
        expect(remarks.map(({ object }) => object)).toContain('filter egress: pref 49152');
      }
    );
  });
});
