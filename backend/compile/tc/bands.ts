/** PRIO and ETS: bands that are served in their order, below a shaper. ETS divides the last of them by weight. */
import type { ResolvedClass } from '../../policy/resolve.ts';
import { addLeaf, type Ground } from './builder.ts';
import type { Qdisc } from './model.ts';
import type { Level } from './rules.ts';
import { addShaper } from './shaper.ts';
import { fairQuanta, roundTime } from './weights.ts';

/** Priorities that a packet brings (TC_PRIO_MAX): all of them lead to one band, so that rules alone decide. */
const PRIORITIES = 16;

const byPriority = (classes: readonly ResolvedClass[]) => [...classes].sort((a, b) => b.priority - a.priority);

function addBands(
  ground: Ground,
  kind: 'prio' | 'ets',
  title: string,
  options: Qdisc['options'],
  why: string
): Level[] {
  const { policy, builder } = ground;
  const { parent, handle } = addShaper(ground, title);
  const classes = byPriority(policy.classes);
  const priomap = Array.from({ length: PRIORITIES }, () => classes.findIndex((item) => item.default)).join(' ');
  const value = { handle, parent, kind, options: { bands: classes.length, ...options, priomap } };
  builder.add({ type: 'qdisc', value }, { path: 'spec.scheduler', why });
  const idOf = (item: ResolvedClass) => `${handle}${(classes.indexOf(item) + 1).toString(16)}`;
  for (const item of classes) {
    addLeaf(ground, item, idOf(item));
  }
  return [{ parent: handle, holder: undefined, classes: policy.classes, idOf }];
}

/** The kernel has no fewer than two bands (TCQ_MIN_PRIO_BANDS); the second is then without packets. */
export const buildPrio = (ground: Ground): Level[] =>
  addBands(
    ground,
    'prio',
    'PRIO',
    ground.policy.classes.length < 2 ? { bands: 2 } : {},
    `bands by priority: ${byPriority(ground.policy.classes).map((item) => item.path).join(', ')}`
  ); // prettier-ignore

export function buildEts(ground: Ground): Level[] {
  const { classes, bandwidth } = ground.policy;
  const least = Math.min(...classes.map((item) => item.priority));
  const shared = byPriority(classes).filter((item) => item.priority === least);
  const quanta = fairQuanta(shared, bandwidth);
  if (shared.length > 1) {
    const round = roundTime(quanta, bandwidth);
    ground.builder.notes.add(`ETS: a packet of a shared band may wait for a round of them, ${round.toFixed(1)} ms when all are busy.`); // prettier-ignore
  }
  const figures = shared.map((item) => quanta.get(item)!);
  return addBands(
    ground,
    'ets',
    'ETS',
    { strict: classes.length - shared.length, quanta: figures.join(' ') },
    `${classes.length - shared.length} bands by priority, then ${shared.map((item, i) => `${item.path} ${figures[i]} B`).join(', ')} a turn`
  );
}
