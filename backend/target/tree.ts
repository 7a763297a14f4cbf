/** What is on one side of an interface now. */
import { isClassful, read, ruleHolders, sideOf, type LiveTree, type RuleHolder } from '../compile/tc/index.ts';
import { readReceived } from './ingress.ts';
import { filtersOf, linesOf, rulesAfterEach, rulesAtLines, show } from './listing.ts';
import type { Place } from './place.ts';

/** The rules of several holders in one process. */
async function rulesOf(place: Place, device: string, holders: readonly RuleHolder[]): Promise<Record<string, string>> {
  if (holders.length === 0) {
    return {};
  }
  const parts = rulesAfterEach(
    await show(
      place,
      holders.flatMap((holder) => rulesAtLines(device, holder))
    )
  );
  return Object.fromEntries(holders.map(({ parent }, index) => [parent, parts[index] ?? '']));
}

/** What is on a side of an interface now. @throws TargetError */
export async function readTree(place: Place, side: string): Promise<LiveTree> {
  const { interface: device, direction } = sideOf(side);
  if (direction === 'ingress') {
    return readReceived(place, device);
  }
  const first = await show(place, [
    `qdisc show dev ${device}`,
    `class show dev ${device}`,
    `filter show dev ${device}`,
  ]);
  const listing = { qdiscs: linesOf(first, 'qdisc'), classes: linesOf(first, 'class') };
  const filters = { '': filtersOf(first), ...(await rulesOf(place, device, ruleHolders(listing))) };
  return read({ ...listing, filters });
}

/** Rules at queues that have no classes (fq_codel takes some): ours never have any, so they are not part of a tree. */
export async function rulesAtQueues(place: Place, side: string, tree: LiveTree): Promise<string[]> {
  const device = sideOf(side).direction === 'egress' ? side : tree.ingress?.ifb?.name;
  const queues = tree.qdiscs.filter((qdisc) => qdisc.parent !== 'root' && qdisc.handle !== '0:' && !isClassful(qdisc));
  if (queues.length === 0) {
    return [];
  }
  const text = await show(
    place,
    queues.map((qdisc) => `filter show dev ${device} parent ${qdisc.handle}`)
  );
  return [
    ...new Set(
      [...text.matchAll(/^filter .*?pref (\d+) (\S+)/gm)].map(
        ([, pref, kind]) => `filter pref ${pref} ${kind} (at the queue of a class)`
      )
    ),
  ];
}
