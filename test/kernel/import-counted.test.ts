/** What the classes of another hand count for the wire, as the link of the policy, which counts it at the root. */
import { beforeAll, expect, it } from 'vitest';
import { importTree } from '../../backend/compile/tc/index.ts';
import { readTree, type Place } from '../../backend/target/index.ts';
import { onEach, WHOLE } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator } from './operator.ts';

const tree = (link: string, leaf = link, stab = '') => [
  `qdisc add dev ${DEVICE} root handle 1: ${stab} htb default 20`,
  `class add dev ${DEVICE} parent 1: classid 1:1 htb rate 10mbit burst 15k cburst 15k ${link}`,
  ...['10', '20'].map((id) => `class add dev ${DEVICE} parent 1:1 classid 1:${id} htb rate 5mbit ceil 10mbit burst 15k cburst 15k ${leaf}`),
  ...['10', '20'].map((id) => `qdisc add dev ${DEVICE} parent 1:${id} handle ${id}: fq_codel`),
  `filter add dev ${DEVICE} parent 1: protocol all pref 1 flower src_mac 02:00:5e:00:53:01 classid 1:10`,
]; // prettier-ignore
const tbf = (link: string) => [
  `qdisc add dev ${DEVICE} root handle 1: tbf rate 10mbit burst 15k latency 50ms ${link}`,
  `qdisc add dev ${DEVICE} parent 1:1 handle 10: fq_codel`,
];

/** The lines, the link of the policy with what the root then counts, and what is said to be left out */
const CASES: Array<[string, string[], object | undefined, object | undefined, RegExp[]]> = [
  ['bytes', tree('overhead 10'), { overhead: 10 }, { overhead: 10, mpu: 0, cells: false }, []],
  ['bytes and a least size that have a name', tree('overhead 4 mpu 64'), { overhead: 'docsis' }, { overhead: 4, mpu: 64, cells: false }, []],
  ['cells', tree('overhead 10 linklayer atm'), { overhead: 'bridged-vcmux' }, { overhead: 10, mpu: 0, cells: true }, []],
  ['bytes of leaves alone', tree('', 'overhead 10'), undefined, undefined, [/^class htb 1:10, class htb 1:20: The policy does not say: overhead 10\.$/]],
  ['bytes beside a size table', tree('overhead 10', 'overhead 10', 'stab overhead 6'), { overhead: 6 }, { overhead: 6, mpu: 0, cells: false }, [/^class htb 1:10, class htb 1:1, class htb 1:20: The policy does not say: overhead 10\.$/]],
  ['bytes of a tbf', tbf('overhead 10'), { overhead: 10 }, { overhead: 10, mpu: 0, cells: false }, []],
  ['cells of a tbf, and a least size', tbf('overhead 11 mpu 53 linklayer atm'), { overhead: 11, mpu: 53, cell: 'atm' }, { overhead: 11, mpu: 53, cells: true }, []],
]; // prettier-ignore

onEach(WHOLE, 'what a tree of another hand counts for the wire', ({ network, place: placeOf, attempt }) => {
  let name: string;
  let place: Place;
  beforeAll(async () => {
    name = await network.make();
    place = placeOf(name);
  });

  it.each(CASES)('is the link of its policy, or is named: %s', async (_what, lines, link, stab, said) => {
    const operator = await Operator.start();
    try {
      await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
      await network.tc(name, ...lines);
      const capabilities = await operator.engine.capabilitiesOf(place);
      const { spec, source, remarks } = importTree(await readTree(place, DEVICE), { name: 'p', capabilities });
      expect(spec.link).toEqual(link);
      const left = remarks.filter(({ kind }) => kind === 'left-out');
      expect(left.map(({ object, message }) => `${object}: ${message}`)).toEqual(said.map((words) => expect.stringMatching(words) as string)); // prettier-ignore
      // Not written back as it was, so it must be allowed.
      await expect(operator.apply(place, source)).rejects.toMatchObject({ code: 'CP-FOREIGN' });
      await operator.apply(place, source, { replaceForeign: true });
      expect(await operator.lines(place, source)).toEqual([]);
      expect((await readTree(place, DEVICE)).qdiscs[0]!.stab).toEqual(stab);
    } finally {
      await operator.stop();
    }
  });

  it('is said where the rules of one level see what those of the level above have written', async () => {
    await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
    await network.tc(
      name,
      ...tree('').slice(0, -1),
      `class add dev ${DEVICE} parent 1:20 classid 1:21 htb rate 1mbit burst 15k cburst 15k`,
      `class add dev ${DEVICE} parent 1:20 classid 1:22 htb rate 1mbit burst 15k cburst 15k`,
      `filter add dev ${DEVICE} parent 1: protocol ip pref 1 flower ip_proto udp classid 1:20 action skbedit mark 5`,
      `filter add dev ${DEVICE} parent 1:20 protocol ip pref 2 handle 5 fw classid 1:21`,
      `filter add dev ${DEVICE} parent 1:20 protocol ip pref 3 flower ip_proto udp dst_port 53 classid 1:22`
    );
    const { remarks } = importTree(await readTree(place, DEVICE), { name: 'p', capabilities: { qdiscs: ['htb', 'fq_codel'], classifiers: ['flower', 'u32'], kernel: '' } }); // prettier-ignore
    expect(remarks).toContainEqual({
      kind: 'approximate',
      object: 'filter 1:20 pref 2',
      message: 'It asks for the mark that filter 1: pref 1 has written before; the matches of the policy see the one that arrives.', // prettier-ignore
    });
  });
});
