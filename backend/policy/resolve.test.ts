import { describe, expect, it } from 'vitest';
import { outline } from './outline.ts';
import { flatten, resolve, toBits } from './resolve.ts';
import { classesText, policyText, resolved, specOf } from './testing.ts';

const figures = (source: string, bandwidth?: number) =>
  Object.fromEntries(
    flatten(resolved(source, bandwidth).classes).map(({ path, guarantee, ceiling }) => [path, [guarantee, ceiling]])
  );

describe('percents', () => {
  it('are of the bandwidth at the first level, of the parent’s guarantee and ceiling below', () => {
    const text = classesText(
      '{name: a, match: [{dscp: ef}], guarantee: 40%, ceiling: 80%, classes: [{name: b, match: [{dscp: af41}], guarantee: 50%, ceiling: 25%}, {name: c, default: true}]}',
      '{name: d, default: true, guarantee: 1mbit}'
    );
    expect(figures(text)).toEqual({
      a: [4_000_000, 8_000_000],
      'a/b': [2_000_000, 2_000_000],
      'a/c': [0, 8_000_000],
      d: [1_000_000, 10_000_000],
    });
  });
  it('follow the binding’s bandwidth', () => {
    const text = classesText('{name: a, default: true, guarantee: 33%}');
    expect(figures(text, 100e6)).toEqual({ a: [33_000_000, 100_000_000] });
  });
  it('are whole bits', () => {
    expect(toBits({ kind: 'percent', percent: 33.333 }, 1_000_001)).toBe(333_330);
  });
});

describe('what is not said', () => {
  it('is a ceiling of the parent, a guarantee of nothing, priority 3, and a share by guarantee', () => {
    const classes = resolved(
      classesText('{name: a, match: [{dscp: ef}], guarantee: 30%}', '{name: b, match: [{dscp: le}]}', '{name: c, default: true, guarantee: 10%}')
    ).classes; // prettier-ignore
    expect(classes.map(({ guarantee, ceiling, priority, share }) => [guarantee, ceiling, priority, share])).toEqual([
      [3_000_000, 10_000_000, 3, 75],
      [0, 10_000_000, 3, 1],
      [1_000_000, 10_000_000, 3, 25],
    ]);
  });
  it('is one default class where the policy has none', () => {
    expect(resolve('p', specOf(policyText('{bandwidth: 10mbit}')), 10e6).classes).toMatchObject([
      { path: 'default', default: true, guarantee: 0, ceiling: 10e6, priority: 3 },
    ]);
  });
});

describe('a strict class', () => {
  it('has one figure, whichever of the two is said, and counts as priority 7', () => {
    const strict = (said: string) => resolved(classesText(`{name: a, strict: true, ${said}}`)).classes[0];
    for (const said of ['guarantee: 10%', 'ceiling: 10%', 'guarantee: 10%, ceiling: 1mbit']) {
      expect(strict(said)).toMatchObject({ guarantee: 1_000_000, ceiling: 1_000_000, priority: 7, strict: true });
    }
  });
});

it('names every class by its path, and says where it stands in the document', () => {
  const text = classesText('{name: a, classes: [{name: b, default: true}]}', '{name: c, default: true}');
  expect(flatten(resolved(text).classes).map(({ path, source }) => [path, source])).toEqual([
    ['a', 'spec.classes[0]'],
    ['a/b', 'spec.classes[0].classes[0]'],
    ['c', 'spec.classes[1]'],
  ]);
});

it('is shown with matches and objectives in words', () => {
  const { bandwidth, classes } = outline(
    resolved(
      classesText(
        "{name: a, match: [{dscp: [ef, 3], ipVersion: 4, protocol: [udp, 99]}, {ports: [53, 5060-5061], sourcePorts: 1, destinationPorts: 2}, {source: 192.0.2.0/24, destination: '2001:db8::/32'}], classes: [{name: b, default: true, objective: {latency: {p95: 20ms, max: 1s}, jitter: {p95: 5ms}, ipdv: {p50: 1ms}, pdv: {p99: 2ms}, rfc3550: {p95: 500us}, loss: 0.1%, throughput: 80%, queueDepth: 200p, availability: 99.9%, mos: 4}}]}",
        '{name: c, default: true, objective: {latency: {oneWay: true, p50: 1ms}, queueDepth: 3000B}}'
      )
    )
  );
  expect(bandwidth).toBe(10e6);
  expect(classes.map(({ path, depth }) => [path, depth])).toEqual([['a', 0], ['a/b', 1], ['c', 0]]); // prettier-ignore
  expect(classes[0]!.matches).toEqual([
    'DSCP EF, 3 · IPv4 · UDP, protocol 99',
    'port 53, 5060-5061 · from port 1 · to port 2',
    'from 192.0.2.0/24 · to 2001:db8::/32',
  ]);
  expect(classes[1]!.objectives).toEqual([
    'latency P95 ≤ 20 ms', 'latency maximum ≤ 1 s', 'jitter P95 ≤ 5 ms', 'jitter (RFC 3550) P95 ≤ 500 µs', 'IPDV P50 ≤ 1 ms', 'PDV P99 ≤ 2 ms',
    'loss ≤ 0.1 %', 'throughput ≥ 80 % of the guarantee', 'queue ≤ 200 packets', 'availability ≥ 99.9 %', 'MOS ≥ 4',
  ]); // prettier-ignore
  expect(classes[2]!.objectives).toEqual(['one-way latency P50 ≤ 1 ms', 'queue ≤ 3000 B']);
});
