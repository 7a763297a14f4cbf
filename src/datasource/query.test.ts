import { expect, it } from 'vitest';
import { ofType } from './query.ts';

it('keeps the binding and drops what another type of query does not read', () => {
  const query = {
    refId: 'A',
    type: 'class-statistics' as const,
    binding: 'branch-uplink',
    metric: 'drops' as const,
    live: true,
  };
  expect(ofType(query, 'sla-compliance')).toEqual({
    refId: 'A',
    type: 'sla-compliance',
    binding: 'branch-uplink',
    format: 'table',
  });
});
