/** Trees that somebody else made, in the styles that are about: imported, judged, applied in their place, and compared. */
import { beforeAll, expect, it } from 'vitest';
import { importTree, type Allocation } from '../../backend/compile/tc/index.ts';
import { findingsOf } from '../../backend/policy/testing.ts';
import { readTree, type Place } from '../../backend/target/index.ts';
import { caught, tosOf } from './capture.ts';
import { linesOf, takenBy, tally } from './hand-made.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator } from './operator.ts';
import { TREES } from './trees/index.ts';

onEach(KERNELS, 'a hand-made tree', ({ kernel, alone, network, place: placeOf, attempt }) => {
  let name: string;
  let place: Place;
  beforeAll(async () => {
    name = await network.make();
    place = placeOf(name);
  });

  const here = Object.entries(TREES).filter(([, { whole }]) => (kernel.whole ? alone || whole : !whole));

  it.each(here)(
    'becomes a policy that gives packets to the same classes, or says which not: %s',
    async (tree, { remarks, frames, otherwise = {} }) => {
      const operator = await Operator.start();
      try {
        await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
        await network.tc(name, ...linesOf(tree));
        // Only HTB's classes can be counted.
        const sent = frames.map(([frame]) => frame);
        expect(await takenBy(attempt, name, place, sent)).toEqual(tally(frames.map(([, classid]) => classid)));
        const capabilities = await operator.engine.capabilitiesOf(place);
        const live = await readTree(place, DEVICE);
        const imported = importTree(live, { name: tree, capabilities });
        expect(imported.remarks.map(({ object, message }) => `${object}: ${message}`)).toEqual(
          remarks.map((pattern) => expect.stringMatching(pattern))
        );
        await expect(imported.source).toMatchFileSnapshot(`trees/${tree}.${kernel.whole ? '' : 'bare.'}yaml`);
        // Warnings are what the judge thinks of a tree made by hand.
        expect(findingsOf(imported.source).filter(({ severity }) => severity === 'error')).toEqual([]);

        const { allocation } = await operator.apply(place, imported.source, { replaceForeign: true });
        expect(await operator.lines(place, imported.source)).toEqual([]);
        const minors = (JSON.parse(allocation) as Allocation).classes;
        const idOf = (path: string) => [...now.keys()].find((id) => id.endsWith(`:${minors[path]!.toString(16)}`))!;
        const now = new Map((await readTree(place, DEVICE)).classes.map((item) => [item.classid, item]));
        const paths = frames.map(([, classid], index) => otherwise[index] ?? imported.paths.get(classid!)!);
        expect(await takenBy(attempt, name, place, sent)).toEqual(tally(paths.map(idOf)));
        // Where nothing was scaled, each class has the figures that it had.
        const scaled = imported.remarks.some(({ message }) => message.includes('in the same proportion'));
        for (const item of live.classes) {
          const path = scaled ? undefined : imported.paths.get(item.classid);
          if (path && item.kind === 'htb') {
            expect(now.get(idOf(path))).toMatchObject({ rate: item.rate, ceil: item.ceil });
          }
        }
      } finally {
        await operator.stop();
      }
    }
  );

  it.runIf(kernel.whole)('does with packets on the wire what the tree did, where it says so', async () => {
    const operator = await Operator.start();
    try {
      await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
      await network.tc(name, ...linesOf('actions'));
      // Of those that the policy treats alike: marked for both versions of IP, left alone, copied.
      const alike = [0, 1, 2, 4, 5, 6].map((index) => ({ ecn: 1, ...TREES.actions!.frames[index]![0] }));
      const seen = async () => [...(await caught(attempt, name, alike)), ...(await caught(attempt, name, alike, { from: DEVICE, at: DEVICE }))].sort(); // prettier-ignore
      const before = await seen();
      const marked = (frames: readonly string[]) =>
        frames.filter((frame) => tosOf(frame).tos === ((46 << 2) | 1)).length;
      expect(marked(before)).toBe(2);
      const capabilities = await operator.engine.capabilitiesOf(place);
      const imported = importTree(await readTree(place, DEVICE), { name: 'actions', capabilities });
      await operator.apply(place, imported.source, { replaceForeign: true });
      expect(await seen()).toEqual(before);
    } finally {
      await operator.stop();
    }
  });

  it('of nothing but the kernel’s own queue has nothing to import, and says so', async () => {
    await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
    const live = await readTree(place, DEVICE);
    expect(() =>
      importTree(live, { name: 'p', capabilities: { qdiscs: ['htb', 'pfifo'], classifiers: ['u32'], kernel: '' } })
    ).toThrow(/the kernel’s own queue .* nothing to import/);
  });
});
