/** The figures of queues of another hand that are trees by themselves. */
import { beforeAll, expect, it } from 'vitest';
import { importTree, type TcTree } from '../../backend/compile/tc/index.ts';
import { readTree, type Place } from '../../backend/target/index.ts';
import { onEach, WHOLE } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator } from './operator.ts';

onEach(WHOLE, 'a hand-made queue', ({ network, place: placeOf, attempt }) => {
  let name: string;
  let place: Place;
  beforeAll(async () => {
    name = await network.make();
    place = placeOf(name);
  });

  const FRAMINGS: Array<[string, object | undefined]> = [
    ['', undefined],
    ['raw', undefined],
    ['docsis', { overhead: 'docsis' }],
    ['ethernet', { overhead: 'ethernet' }],
    ['ethernet ether-vlan', { overhead: 'vlan' }],
    ['pppoe-ptm', { overhead: 'pppoe-ptm' }],
    ['pppoe-vcmux', { overhead: 'pppoe-vcmux' }],
    ['atm overhead 44', { overhead: 30, cell: 'atm' }],
    ['overhead 18 mpu 72', { overhead: 4, mpu: 72 }],
    ['noatm overhead 0', { overhead: -14 }],
  ];
  it.each(FRAMINGS)('counts with CAKE what the link adds as the tree did: %s', async (words, link) => {
    const operator = await Operator.start();
    try {
      await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
      await network.tc(name, `qdisc add dev ${DEVICE} root handle 9: cake bandwidth 20mbit besteffort ${words}`);
      const live = await readTree(place, DEVICE);
      const imported = importTree(live, { name: 'p', capabilities: await operator.engine.capabilitiesOf(place) });
      expect(imported.remarks).toEqual([]);
      expect(imported.spec.link).toEqual(link);
      await operator.apply(place, imported.source, { replaceForeign: true });
      expect(await operator.lines(place, imported.source)).toEqual([]);
      expect((await readTree(place, DEVICE)).qdiscs[0]!.options).toEqual(live.qdiscs[0]!.options);
    } finally {
      await operator.stop();
    }
  });

  it('of RED alone keeps its figures, at the speed of the interface or below a shaper', async () => {
    const operator = await Operator.start();
    try {
      const capabilities = await operator.engine.capabilitiesOf(place);
      const red = 'red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 ecn bandwidth 10Mbit probability 0.1';
      const figures = ({ qdiscs }: TcTree) => qdiscs.find(({ kind }) => kind === 'red')?.options;
      const shaped = ['qdisc add dev wan0 root handle 6: tbf rate 10mbit burst 15k latency 50ms', `qdisc add dev wan0 parent 6:1 handle 10: ${red}`]; // prettier-ignore
      for (const lines of [[`qdisc add dev wan0 root handle 5: ${red}`], shaped]) {
        await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
        await network.tc(name, ...lines);
        const live = await readTree(place, DEVICE);
        const { spec, source } = importTree(live, { name: 'p', capabilities, speed: 10e6 });
        expect(spec.bandwidth).toEqual({ kind: 'absolute', bits: 10e6 });
        await operator.apply(place, source, { replaceForeign: true });
        const { ewma: _, Scell_log: __, ...kept } = figures(live)!;
        expect(figures(await readTree(place, DEVICE))).toMatchObject(kept);
      }
    } finally {
      await operator.stop();
    }
  });
});
