import { describe, expect, it } from 'vitest';
import { binding, compliance, violation } from '../../testing/index.ts';
import { byClass, byPlace, byUrgency, summarise } from './summary.ts';

describe('the summary', () => {
  it('never counts an objective without evidence as met', () => {
    const rows = (['compliant', 'violated', 'insufficient', 'no-data', 'not-measured'] as const).map((verdict) =>
      compliance({ verdict })
    );
    expect(summarise([], rows, [])).toMatchObject({ compliant: 1, measured: 4, unjudged: 2 });
  });

  it('counts only what is in force as in force', () => {
    const bindings = (['in-force', 'not-applied', 'drifted', 'unreachable'] as const).map((state) =>
      binding({ state })
    );
    expect(summarise(bindings, [], [])).toMatchObject({ inForce: 1, bindings: 4 });
  });
});

it('violations stand worst first, then longest first', () => {
  const young = violation({ id: 'young', startedAt: 2 });
  const old = violation({ id: 'old', startedAt: 1 });
  const warning = violation({ id: 'warning', severity: 'warning', startedAt: 0 });
  expect(byUrgency([warning, young, old]).map((item) => item.id)).toEqual(['old', 'young', 'warning']);
});

it('classes keep the policy’s order', () => {
  const rows = ['voice', 'video', 'voice'].map((trafficClass) => compliance({ trafficClass }));
  expect(byClass(rows).map((group) => [group.trafficClass, group.rows.length])).toEqual([
    ['voice', 2],
    ['video', 1],
  ]);
});

it('places keep their place whatever their state', () => {
  const names = (list: Array<{ site: string }>) => list.map((item) => item.site);
  const a = binding({ site: 'a', state: 'drifted' });
  const b = binding({ site: 'b' });
  expect(names(byPlace([b, a]))).toEqual(['a', 'b']);
});
