import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nearest } from './suggest.ts';

const known = ['guarantee', 'ceiling', 'dscp', 'queue', 'strict'];

it('knows a word with a letter missing, added, changed or two the wrong way round, in any case', () => {
  expect(['guarante', 'guaranteee', 'guarantoe', 'gaurantee', 'Guarantee', 'dcsp', 'que'].map((word) => nearest(word, known))).toEqual([
    'guarantee', 'guarantee', 'guarantee', 'guarantee', 'guarantee', 'dscp', undefined,
  ]); // prettier-ignore
});
it('suggests nothing where nothing is near, and does not compare endless words', () => {
  expect(nearest('zebra', known)).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
  expect(nearest('guarantee'.repeat(100_000), known)).toBeUndefined();
});
it('suggests a known word for itself', () => {
  fc.assert(fc.property(fc.constantFrom(...known), (word) => nearest(word, known) === word));
});
