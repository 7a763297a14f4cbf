/** What interfaces share is worked out once, and reads as if it had been worked out for each. */
import { expect, it } from 'vitest';
import { compile, diff, emptyAllocation } from '../compile/tc/index.ts';
import { operationsOf } from '../store/index.ts';
import { judgeSource } from './judged.ts';
import { Changes, onceFor, onceForPair, onceForText } from './shared.ts';

const SOURCE = `apiVersion: clearpath/v1
kind: Policy
metadata: { name: edge }
spec:
  bandwidth: 10mbit
  classes:
    - { name: voice, match: [{ dscp: [ef] }], guarantee: 1mbit, strict: true }
    - { name: default, default: true, guarantee: 2mbit }
`;
const KERNEL = { qdiscs: ['htb', 'fq_codel'], classifiers: ['flower'], kernel: 'any', mtu: 1500, gsoMaxSize: 1500 };
const nothing = { qdiscs: [], classes: [], filters: [] };
const { tree } = compile(judgeSource(SOURCE).resolved!, KERNEL, emptyAllocation());

it('makes the lines of each interface that the difference of its own would have', () => {
  const changes = Changes.between(nothing, tree, { origins: tree.origins });
  for (const device of ['wan0', 'eth0.100', 'a@b+c']) {
    const own = diff(nothing, tree, { device, origins: tree.origins });
    expect(own.length).toBeGreaterThan(4);
    expect(changes.on(device)).toEqual(own);
    expect(operationsOf({ operations: changes.journal, interface: device })).toEqual(
      own.map(({ object, line, ...rest }) => ({ command: line, ...rest, object: object.type }))
    );
  }
});

it('tells different changes apart by their digest, and no others', () => {
  const digest = (rebuild?: string) => Changes.between(nothing, tree, { origins: tree.origins, rebuild }).digest;
  expect(digest()).toBe(digest());
  expect(Changes.between(tree, nothing, {}).digest).not.toBe(digest());
});

it('does the work once for what is the same, also when nothing comes of it', () => {
  const done: unknown[] = [];
  const note = (...given: unknown[]): undefined => void done.push(given);
  const a = {};
  const b = {};
  const [one, pair, text] = [onceFor(note), onceForPair(note), onceForText(note)];
  for (const _ of [1, 2]) {
    one(a);
    pair(a, b);
    pair(b, a);
    text('x');
  }
  expect(done).toEqual([[a], [a, b], [b, a], ['x']]);
});
