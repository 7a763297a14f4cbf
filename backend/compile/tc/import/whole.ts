/** Disciplines that shape a link by themselves: TBF around one queue, and CAKE, whose tins are its classes. */
import { BEST_EFFORT, TINS, TIN_MODES } from '../../../policy/cake-tins.ts';
import { formatRate } from '../../../policy/quantities.ts';
import type { PolicySpec, TrafficClass } from '../../../policy/schema.ts';
import { CAKE_DEFAULTS } from '../cake-options.ts';
import { burstFor } from '../htb.ts';
import { rootOf, type LiveTree } from '../model.ts';
import { sameBurst } from '../units.ts';
import { absolute, queueOf, resolvedByPath } from './figures.ts';
import { ImportError, type Imported, type ImportOptions, type Remark } from './model.ts';

type Parts = Omit<Imported, 'source' | 'remarks'>;
const DEFAULT: TrafficClass = { name: 'default', default: true };

export function importTbf(tree: LiveTree, options: ImportOptions, remark: (item: Remark) => void): Parts {
  const { handle, options: given } = rootOf(tree)!;
  const rate = Number(given.rate);
  const object = `qdisc tbf ${handle}`;
  if (!sameBurst(Number(given.burst), burstFor(rate), rate)) {
    remark({ kind: 'approximate', object, message: `Its burst of ${given.burst} B is computed by the policy: ${burstFor(rate)} B for ${formatRate(rate)}.` }); // prettier-ignore
  }
  const spec: PolicySpec = { bandwidth: absolute(rate), scheduler: 'tbf', classes: [DEFAULT] };
  const inside = tree.qdiscs.find(({ parent }) => parent === `${handle}1`);
  if (!inside) {
    remark({ kind: 'approximate', object, message: 'Its own queue is one for all flows; the policy gives it the best that the kernel has.' }); // prettier-ignore
    return { spec, paths: new Map([[`${handle}1`, DEFAULT.name]]) };
  }
  const resolved = resolvedByPath(options.name, spec, rate).get(DEFAULT.name)!;
  const queue = queueOf(inside, `${handle}1`, resolved, options.capabilities, remark);
  const classes = [{ ...DEFAULT, ...(Object.keys(queue).length > 0 && { queue }) }];
  return { spec: { ...spec, classes }, paths: new Map([[`${handle}1`, DEFAULT.name]]) };
}

/** One queue that shapes nothing, on an interface that says its speed. */
export function importQueue(tree: LiveTree, options: ImportOptions, remark: (item: Remark) => void): Parts {
  const root = rootOf(tree)!;
  const { speed = 0 } = options;
  remark({ kind: 'approximate', object: `qdisc ${root.kind} ${root.handle}`, message: `It shapes nothing; the policy shapes to the interface’s speed, ${formatRate(speed)}. Set the bandwidth to the rate of the line.` }); // prettier-ignore
  const spec: PolicySpec = { bandwidth: absolute(speed), classes: [DEFAULT] };
  const resolved = resolvedByPath(options.name, spec, speed).get(DEFAULT.name)!;
  const queue = queueOf(root, 'root', resolved, options.capabilities, remark);
  return { spec: { ...spec, classes: [{ ...DEFAULT, ...(Object.keys(queue).length > 0 && { queue }) }] }, paths: new Map() };
} // prettier-ignore

/** Tins as classes: the code points of each, and what it is sure of when all are full. */
function tinClasses(mode: (typeof TIN_MODES)[number], bandwidth: number): TrafficClass[] {
  const classes = TINS[mode].map(({ name, dscp, share }, tin): TrafficClass => {
    const guarantee = Math.floor((share * bandwidth) / 1000) * 1000;
    return {
      ...(tin === BEST_EFFORT[mode] ? DEFAULT : { name: name.replaceAll(' ', '-'), match: [{ dscp: [...dscp] }] }),
      ...(guarantee > 0 && { guarantee: absolute(guarantee) }),
    };
  });
  return classes.sort((a, b) => Number(a.default ?? false) - Number(b.default ?? false));
}

export function importCake(tree: LiveTree, _options: ImportOptions, remark: (item: Remark) => void): Parts {
  const { handle, options: given } = rootOf(tree)!;
  const object = `qdisc cake ${handle}`;
  const bandwidth = Number(given.bandwidth ?? 0);
  if (bandwidth === 0) {
    throw new ImportError(`CAKE (${handle}) has no bandwidth: nothing is shaped. Write a policy with the rate of the link and scheduler: cake.`); // prettier-ignore
  }
  const mode = TIN_MODES.find((name) => name === given.tins);
  if (!mode && given.tins !== 'besteffort') {
    remark({ kind: 'left-out', object, message: `Its tins (${String(given.tins)}) have no classes in the policy, so that there is one for everything.` }); // prettier-ignore
  }
  // The framing, the overhead and the least size are the policy's link.
  const own = Object.entries(CAKE_DEFAULTS).filter(([name, value]) => name !== 'framing' && name !== 'overhead' && (given[name] ?? value) !== value); // prettier-ignore
  const more = ['memlimit', 'fwmark'].filter((name) => given[name] !== undefined).map((name) => [name] as const);
  for (const [name] of [...own, ...more]) {
    remark({ kind: 'left-out', object, message: `The policy does not say ${name} ${String(given[name])}.` });
  }
  return {
    spec: {
      bandwidth: absolute(bandwidth),
      scheduler: 'cake',
      classes: mode ? tinClasses(mode, bandwidth) : [DEFAULT],
    },
    paths: new Map(),
  };
}
