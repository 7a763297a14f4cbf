/** Every template on real kernels: loaded, read back, and asked by real frames of every code point and usual port. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Allocation } from '../../backend/compile/tc/index.ts';
import { classify } from '../../backend/policy/index.ts';
import { readCounters, type Place } from '../../backend/target/index.ts';
import { listTemplates } from '../../backend/templates/index.ts';
import { frameOf, packetOf, type FrameSpec } from './frames.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { intentOf, Operator } from './operator.ts';

const SEND = fileURLToPath(new URL('send-frames.pl', import.meta.url));
const PORTS = [20, 22, 25, 53, 123, 161, 179, 443, 514, 554, 853, 1433, 1521, 1720, 1935, 2000, 3389, 3478, 3784, 4784, 5060, 6881, 8801, 16384, 19302, 32767, 40000]; // prettier-ignore
const HOSTS: Record<4 | 6, number[][]> = {
  4: [[192, 0, 2, 1], [192, 0, 2, 200], [198, 51, 100, 9], [10, 0, 0, 1]],
  6: [1, 2, 3, 9].map((site) => [0x20, 0x01, 0x0d, 0xb8, 0, site, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
}; // prettier-ignore

const FRAMES: FrameSpec[] = ([4, 6] as const).flatMap((family) => [
  ...Array.from({ length: 64 }, (_, dscp) => ({ family, dscp, protocol: 17, sourcePort: 50000, destinationPort: 50001 })),
  ...PORTS.flatMap((port) => [6, 17].map((protocol) => ({ family, protocol, sourcePort: 50000, destinationPort: port }))),
  ...HOSTS[family].flatMap((source) => [0, 46].map((dscp) => ({ family, dscp, source, protocol: 17, sourcePort: 50000, destinationPort: 50001 }))),
  { family, protocol: 89 },
]); // prettier-ignore

onEach(KERNELS, 'the template', ({ kernel, alone, network, place: placeOf, attempt }) => {
  let operator: Operator;
  let place: Place;
  beforeAll(async () => {
    operator = await Operator.start();
    place = placeOf(await network.make());
  });
  afterAll(async () => operator?.stop());

  const counts = async (): Promise<Map<string, number>> =>
    new Map(
      (await readCounters(place, DEVICE)).map((item) => [
        item.classid.split(':')[1]!,
        item.packets + item.drops + item.backlogPackets,
      ])
    );

  /** One of each kind where another kernel has them all: many rules, classes within classes, prefixes. */
  const here = listTemplates().filter(
    ({ name }) => alone || kernel.name === 'own' || ['rfc4594', 'campus-4', 'isp-subscriber'].includes(name)
  );
  it.each(here)(
    '$name is in force as compiled, and gives every frame to the class that the document says',
    { timeout: 60_000 },
    async ({ source }) => {
      const { allocation } = await operator.apply(place, source);
      expect(await operator.lines(place, source)).toEqual([]);
      const minors = (JSON.parse(allocation) as Allocation).classes;
      const { classes } = intentOf(place, source).policy;
      const expected: Record<string, number> = {};
      for (const frame of [...FRAMES, {}]) {
        const { path } = classify(classes, packetOf(frame));
        expected[path] = (expected[path] ?? 0) + 1;
      }
      const before = await counts();
      // A few at a time: what a queue has no room for is refused to the sender.
      for (let at = 0; at <= FRAMES.length; at += 24) {
        const lines = [...FRAMES, {}].slice(at, at + 24).map((frame) => `${frameOf(frame)}\n`);
        const sent = await attempt(['ip', 'netns', 'exec', place.namespace!, 'perl', SEND, DEVICE], lines.join(''));
        expect(sent.stderr).toBe('');
      }
      const after = await counts();
      const inner = new Set(Object.keys(minors).flatMap((path) => path.split('/').slice(0, -1)));
      const taken = Object.entries(minors)
        .map(([path, minor]) => [path, minor.toString(16)] as const)
        .filter(([path]) => !inner.has(path))
        .map(([path, minor]) => [path, (after.get(minor) ?? 0) - (before.get(minor) ?? 0)] as const);
      expect(Object.fromEntries(taken.filter(([, count]) => count > 0))).toEqual(expected);
    }
  );
});
