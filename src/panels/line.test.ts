import { describe, expect, it } from 'vitest';
import { paths } from './line.ts';

const same = (value: number) => value;
const points = (...values: Array<number | null>) => values.map((value, at) => ({ at, value }));

describe('a line of measured points', () => {
  it('breaks where a value is missing instead of bridging the gap', () => {
    expect(paths(points(1, 2, null, 4, 5), same, same, 10).line).toBe('M0,1L1,2M3,4L4,5');
  });

  it('draws a point alone between two gaps as a dot', () => {
    expect(paths(points(null, 7, null), same, same, 10).line).toBe('M1,7h0');
  });

  it('is empty when nothing was measured', () => {
    expect(paths(points(null, null), same, same, 10)).toEqual({ line: '', area: '' });
  });

  it('closes its area at the floor, run by run', () => {
    expect(paths(points(1, 2, null, 4, 5), same, same, 10).area).toBe('M0,10L0,1L1,2L1,10ZM3,10L3,4L4,5L4,10Z');
  });
});
