import fc from 'fast-check';
import { expect, it } from 'vitest';
import { changedLines } from './changedLines.ts';

it('names what goes and what comes, and nothing that stays', () => {
  expect(changedLines('a\nb: 1\nc\nd\ne', 'new\na\nb: 2\nc\ne')).toEqual([
    { kind: 'new', text: 'new' },
    { kind: 'gone', text: 'b: 1' },
    { kind: 'new', text: 'b: 2' },
    { kind: 'gone', text: 'd' },
  ]);
  expect(changedLines('a', 'a')).toEqual([]);
});

it('leaves as many lines as are neither gone nor new', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 }).map((lines) => lines.join('\n')); // prettier-ignore
  fc.assert(
    fc.property(text, text, (before, after) => {
      const count = (kind: string) => changedLines(before, after).filter((line) => line.kind === kind).length;
      return before.split('\n').length - count('gone') === after.split('\n').length - count('new');
    })
  );
});
