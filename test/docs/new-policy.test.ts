/** The document that a new policy starts from on the page, judged as an operator's. */
import { expect, it } from 'vitest';
import { judge, parseDocuments } from '../../backend/policy/index.ts';
import { blank } from '../../src/pages/policies/newDocument.ts';

it('starts with a class for control traffic, and nothing to complain of', () => {
  const { documents, findings } = parseDocuments(blank('edge'));
  expect(findings).toEqual([]);
  const [{ document }] = documents as [(typeof documents)[number]];
  expect(document.kind === 'Policy' && judge(document.metadata.name, document.spec)).toEqual([]);
  expect(document.kind === 'Policy' && document.spec.classes!.map(({ name }) => name)).toEqual(['control', 'default']);
});
