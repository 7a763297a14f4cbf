/** DRR: classes that take turns of so many bytes, below a shaper. */
import { formatRate } from '../../policy/quantities.ts';
import type { ResolvedClass } from '../../policy/resolve.ts';
import { addLeaf, type Ground } from './builder.ts';
import type { Level } from './rules.ts';
import { addShaper } from './shaper.ts';
import { fairQuanta, fairRates, roundTime } from './weights.ts';

export function buildDrr(ground: Ground): Level[] {
  const { policy, builder, minorOf } = ground;
  const { parent, handle } = addShaper(ground, 'DRR');
  builder.add(
    { type: 'qdisc', value: { handle, parent, kind: 'drr', options: {} } },
    { path: 'spec.scheduler', why: 'classes in turn' }
  );
  const quanta = fairQuanta(policy.classes, policy.bandwidth);
  const rates = fairRates(policy.classes, policy.bandwidth);
  const idOf = (item: ResolvedClass) => `${handle}${minorOf(item).toString(16)}`;
  for (const item of policy.classes) {
    const why = `${item.path}: ${quanta.get(item)!} B a turn, ${formatRate(Math.floor(rates.get(item)!))} when all are busy`;
    builder.add(
      { type: 'class', value: { kind: 'drr', classid: idOf(item), parent: 'root', quantum: quanta.get(item)! } },
      { path: item.source, why }
    );
    addLeaf(ground, item, idOf(item));
  }
  const round = roundTime(quanta, policy.bandwidth);
  builder.notes.add(`DRR: a packet may wait for a round of all classes, ${round.toFixed(1)} ms when all are busy.`);
  // DRR drops what no rule takes.
  return [{ parent: handle, holder: undefined, classes: policy.classes, idOf, needsLast: true }];
}
