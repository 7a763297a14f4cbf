import { expect, it } from 'vitest';
import { binding } from '../testing/index.ts';
import { byBinding, countStates } from './byBinding.ts';

const link = (device: string, state: 'in-force' | 'drifted' | 'not-applied' | 'unreachable' = 'in-force') =>
  binding({ name: `many.${device}`, binding: 'many', interface: device, state });

it('interfaces of one binding stand together, the worst first', () => {
  const groups = byBinding([
    link('wan10'),
    binding(),
    link('wan2'),
    link('wan3', 'drifted'),
    link('wan4', 'unreachable'),
  ]);
  expect(groups.map(({ binding: name, worst, links }) => [name, worst, links.map((item) => item.interface)])).toEqual([
    ['many', 'unreachable', ['wan4', 'wan3', 'wan2', 'wan10']],
    ['branch', 'in-force', ['wan0']],
  ]);
});

it('states are counted, worst first', () => {
  expect(countStates([link('a'), link('b', 'drifted'), link('c')])).toEqual([
    ['drifted', 1],
    ['in-force', 2],
  ]);
});
