import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { actingPolicies, policies } from '../../test/kernel/policies.ts';
import { specOf } from './testing.ts';
import { writePolicy } from './write.ts';

describe('a policy that is written', () => {
  it('reads as what was written', () => {
    const random = actingPolicies(policies(['auto', 'fq_codel', 'sfq', 'pfifo']));
    fc.assert(
      fc.property(random, (drawn) => {
        const spec = specOf(JSON.stringify({ apiVersion: 'clearpath/v1', kind: 'Policy', metadata: { name: 'p' }, spec: drawn })); // prettier-ignore
        expect(specOf(writePolicy('p', spec, 'a: description', 'a\ncomment: of two lines'))).toEqual(spec);
      }),
      { numRuns: 100 }
    );
  });
});
