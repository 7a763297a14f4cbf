import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../backend/api/contract.ts';
import { readObjectives } from './objectives.ts';
import { byClass, bySite, contextOf, countByVerdict, worstFirst } from './order.ts';
import { objective, slaFrame } from './testing.ts';

const read = (...rows: Array<Parameters<typeof objective>[0]>) => readObjectives([slaFrame(rows.map(objective))]) ?? [];

describe('the order of objectives', () => {
  it('puts violations first and what nobody measures before what is well', () => {
    const verdicts: Verdict[] = ['not-measured', 'compliant', 'insufficient', 'no-data', 'violated'];
    const ordered = worstFirst(read(...verdicts.map((verdict) => ({ verdict }))));
    expect(ordered.map(({ verdict }) => verdict)).toEqual([
      'violated',
      'no-data',
      'insufficient',
      'compliant',
      'not-measured',
    ]);
  });

  it('puts strict classes before others of the same verdict, else keeps the order of the policy', () => {
    const ordered = worstFirst(
      read(
        { trafficClass: 'bulk', severity: 'warning' },
        { trafficClass: 'voice', severity: 'critical' },
        { trafficClass: 'video', severity: 'warning' }
      )
    );
    expect(ordered.map(({ trafficClass }) => trafficClass)).toEqual(['voice', 'bulk', 'video']);
  });

  it('puts the site with the worst objective first', () => {
    const sites = bySite(
      read({ site: 'branch' }, { site: 'dc', verdict: 'violated' }, { site: 'branch', verdict: 'insufficient' })
    );
    expect(sites.map(({ name, objectives }) => [name, objectives.length])).toEqual([
      ['dc', 1],
      ['branch', 2],
    ]);
  });

  it('keeps classes of the same name on two bindings apart', () => {
    expect(byClass(read({ binding: 'a' }, { binding: 'b' }))).toHaveLength(2);
  });
});

it('counts verdicts, worst first, without those that do not occur', () => {
  expect(countByVerdict(read({}, { verdict: 'violated' }, {}))).toEqual([
    { verdict: 'violated', count: 1 },
    { verdict: 'compliant', count: 2 },
  ]);
});

describe('what stands beside a class', () => {
  it('is nothing for one binding', () => {
    const all = read({}, { objective: 'loss' });
    expect(contextOf(all, false)(all[0])).toBe('');
  });

  it('is the site where there are several and no headings', () => {
    const all = read({ site: 'branch', binding: 'a' }, { site: 'dc', binding: 'b' });
    expect(contextOf(all, false)(all[1])).toBe('dc');
    expect(contextOf(all, true)(all[1])).toBe('');
  });

  it('is the binding where one site has several', () => {
    const all = read({ binding: 'up' }, { binding: 'down' });
    expect(contextOf(all, false)(all[0])).toBe('up');
  });
});
