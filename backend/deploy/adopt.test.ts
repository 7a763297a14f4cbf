/** Adopting drift: the document says afterwards what is live, and everything else in it stays as it was written. */
import { expect, it } from 'vitest';
import { adopt } from './adopt.ts';
import type { Drifted } from './drift.ts';
import { judgeSource } from './judged.ts';

const SOURCE = `apiVersion: clearpath/v1
kind: Policy
metadata: { name: edge }
spec:
  # The provider's rate, less a little.
  bandwidth: 19mbit
  classes:
    - { name: voice, match: [{ dscp: [ef] }], guarantee: 10%, strict: true }
    - name: video   # cameras
      match: [{ dscp: [af41] }]
      guarantee: 30%
      ceiling: 60%  # as agreed
    - { name: default, default: true, guarantee: 50% }
`;
const drifted = (path: string, value?: string | number): Drifted => ({ path, words: `${path} changed`, value });

it('writes figures where they stand, adds what is missing, and lists what the language cannot say', () => {
  const { source, adopted, left } = adopt(SOURCE, 'edge', [
    drifted('spec.classes[1].ceiling', '5mbit'),
    drifted('spec.classes[2].burst', '20000B'),
    drifted('spec.classes[1].queue.limit', '100p'),
    drifted('spec.classes[1].queue.target', '4000us'),
    drifted('spec.bandwidth', '18mbit'),
    drifted('spec.classes[0]'),
    drifted(''),
  ]);
  const judged = judgeSource(source);
  expect(judged.document?.spec).toMatchObject({
    bandwidth: { bits: 18e6 },
    classes: [
      {},
      { ceiling: { bits: 5e6 }, queue: { limit: { packets: 100 }, target: 4000 } },
      { burst: 20000, guarantee: { percent: 50 } },
    ],
  });
  expect([adopted.length, left.map(({ path }) => path)]).toEqual([5, ['spec.classes[0]', '']]);
  for (const kept of ["# The provider's rate, less a little.", '- name: video   # cameras', '# as agreed']) {
    expect(source).toContain(kept);
  }
  expect(source.split('\n').filter((line) => SOURCE.split('\n').includes(line)).length).toBeGreaterThan(9);
});

it('writes the ceiling of a strict class at its guarantee, which is the same figure', () => {
  const ceiling = drifted('spec.classes[0].ceiling', '3mbit');
  const guarantee = (source: string) => adopt(source, 'edge', [ceiling]).source;
  expect(guarantee(SOURCE)).toBe(SOURCE.replace('guarantee: 10%, strict', 'guarantee: 3mbit, strict'));
  const both = SOURCE.replace('guarantee: 10%, strict', 'guarantee: 10%, ceiling: 10%, strict');
  expect(guarantee(both)).toBe(both.replace('10%, ceiling: 10%', '3mbit, ceiling: 3mbit'));
  const twice = adopt(SOURCE, 'edge', [drifted('spec.classes[0].guarantee', '3mbit'), ceiling]);
  expect(twice.adopted.map(({ path }) => path)).toEqual(['spec.classes[0].guarantee']);
});

it('leaves a bandwidth to the binding where the document states none', () => {
  const bare = SOURCE.replace('  bandwidth: 19mbit\n', '');
  const { source, left } = adopt(bare, 'edge', [drifted('spec.bandwidth', '18mbit')]);
  expect([source, left.length]).toEqual([bare, 1]);
});

it('leaves what belongs to the binding or to a variable where it is, and says so', () => {
  const shared = SOURCE.replace('ceiling: 60%', 'ceiling: ${cap}').replace(
    'spec:\n',
    'spec:\n  variables: { cap: { type: rate, default: 60% } }\n'
  );
  expect(judgeSource(shared).findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  const { source, adopted, left } = adopt(
    shared,
    'edge',
    [
      drifted('spec.bandwidth', '18mbit'),
      drifted('spec.classes[1].ceiling', '5mbit'),
      drifted('spec.classes[1].guarantee', '3mbit'),
    ],
    true
  );
  expect(adopted.map(({ path }) => path)).toEqual(['spec.classes[1].guarantee']);
  expect(left.map(({ reason }) => reason)).toEqual([
    'The Binding states the bandwidth of this link; change it there.',
    expect.stringContaining('a variable (${cap})'),
  ]);
  expect(source).toBe(shared.replace('guarantee: 30%', 'guarantee: 3mbit'));
});
