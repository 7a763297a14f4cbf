/** Templates proved by real traffic through their twins: one of them here, all where CLEARPATH_TEMPLATES is "all". */
import { beforeAll, expect, it } from 'vitest';
import { judgeSource } from '../../backend/deploy/index.ts';
import { prove, slowerOf } from '../../backend/prove/index.ts';
import { listTemplates } from '../../backend/templates/index.ts';
import { onEach, OWN, type Kernel } from './kernel.ts';
import { haveTraffic, NO_TRAFFIC } from './traffic.ts';

const kernels: Kernel[] = [{ ...OWN, missing: OWN.missing ?? NO_TRAFFIC }];
const chosen = listTemplates().filter(
  ({ name }) =>
    (process.env.CLEARPATH_TEMPLATES === 'all' && (OWN.whole || name !== 'home-cake')) || name === 'small-branch-voice'
);

onEach(kernels, 'the template', ({ place }) => {
  beforeAll(haveTraffic, 60_000);
  it.each(chosen)('$name keeps each of its promises', { timeout: 600_000 }, async ({ source }) => {
    const { resolved, document } = judgeSource(source);
    const report = await prove(resolved!, { enter: place(undefined).enter, slower: slowerOf(document!) });
    const told = report.promises
      .filter(({ verdict }) => verdict === 'broken')
      .map((each) => `${each.kind} ${each.class}: ${each.measured} ${each.side} ${each.bound}. ${each.reason}`);
    expect(told).toEqual([]);
    expect(report.verdict).toBe('held');
  });
});
