import { expect, it } from 'vitest';
import { finding } from '../../../testing/index.ts';
import { markersOf } from './markers.ts';

const lines = { getLineCount: () => 20, getLineMaxColumn: () => 30 };

it('a finding marks its line from its column on', () => {
  expect(markersOf([finding()], lines)).toMatchObject([
    { startLineNumber: 15, endLineNumber: 15, startColumn: 7, endColumn: 30, severity: 8, code: 'CP-GUARANTEE-SUM' },
  ]);
});

it('a finding without a line, or of a line that is gone, marks nothing', () => {
  expect(markersOf([finding({ line: undefined }), finding({ line: 21 })], lines)).toEqual([]);
});

it('a column beyond the line’s end still marks something', () => {
  expect(markersOf([finding({ column: 99 })], lines)[0]?.startColumn).toBe(30);
});
