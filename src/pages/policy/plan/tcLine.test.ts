import fc from 'fast-check';
import { expect, it } from 'vitest';
import { operation } from '../../../testing/index.ts';
import { cutAtVerb } from './tcLine.ts';

it('cuts a line at its verb', () => {
  expect(cutAtVerb(operation({ command: 'qdisc replace dev add0 root', verb: 'replace' }))).toEqual({
    before: 'qdisc ',
    verb: 'replace',
    after: ' dev add0 root',
  });
});

it('never adds or loses a character', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('add', 'change', 'replace', 'del' as const), (command, verb) => {
      const { before, verb: middle, after } = cutAtVerb(operation({ command, verb }));
      expect(before + middle + after).toBe(command);
    })
  );
});
