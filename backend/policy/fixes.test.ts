import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { applyEdits } from './edit.ts';
import type { Finding } from './finding.ts';
import { writeRate } from './fixes.ts';
import { parseRate } from './quantities.ts';
import { findingsOf } from './testing.ts';

/** Policies with everything in them that an operator gets wrong. */
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const rate = fc.constantFrom('0%', '5%', '20%', '50%', '90%', '1mbit', '4mbit', '12mbit', '64kbit', '3bit');
const clause = fc.oneof(
  fc.record({ dscp: fc.subarray(['ef', 'va', 'le', 'cs6'], { minLength: 1 }) }),
  fc.record({ dscp: fc.constantFrom('ef', 'le'), ipVersion: fc.constantFrom(4, 6) }),
  fc.record({ protocol: fc.constantFrom('udp', 'tcp', 'icmp', 'gre'), ports: fc.constantFrom(53, '1-100', '1-65535') }),
  fc.record({ protocol: fc.constantFrom('icmp', 'tcp', ['icmpv6', 'udp']) }),
  fc.record({ source: fc.constantFrom('10.0.0.0/8', '10.0.0.0/9', '2001:db8::/32', '0.0.0.0/0') })
);
const defined = <T extends object>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const level = (depth: number): fc.Arbitrary<object[]> =>
  fc.array(
    fc
      .record({
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'control', 'default'),
        match: sometimes(fc.array(clause, { minLength: 1, maxLength: 2 })),
        default: sometimes(fc.boolean()),
        strict: sometimes(fc.boolean()),
        priority: sometimes(fc.nat(6)),
        share: sometimes(fc.integer({ min: 1, max: 100 })),
        guarantee: sometimes(rate),
        ceiling: sometimes(rate),
        burst: sometimes(fc.constantFrom('100B', '100KiB')),
        queue: sometimes(fc.constantFrom({ algorithm: 'pfifo', limit: '1000p' }, { algorithm: 'pfifo', target: '5ms' }, { algorithm: 'sfq', limit: '32KiB' }, { target: '1s' })),
        objective: sometimes(fc.constantFrom({ latency: { p95: '20ms' } }, { throughput: '80%' }, { latency: { max: '1ms' }, availability: '99%' })),
        classes: depth > 1 ? sometimes(level(depth - 1)) : fc.constant(undefined),
      })
      .map(defined),
    { minLength: 1, maxLength: 4 }
  ); // prettier-ignore
const texts = fc
  .record({ classes: level(2), bandwidth: fc.constantFrom('10mbit', '100kbit', '1gbit'), oversubscribe: sometimes(fc.constant({ reason: 'r' })), style: fc.constantFrom('block', 'flow', 'any') })
  .map(({ style, ...spec }) => stringify({ apiVersion: 'clearpath/v1', kind: 'Policy', metadata: { name: 'p' }, spec: defined(spec) }, { collectionStyle: style as 'any' })); // prettier-ignore

/** What is wrong, whatever the sentence says of figures; a moved class has another place. */
const errors = (findings: readonly Finding[]) => findings.filter((item) => item.severity === 'error').map(({ code }) => code); // prettier-ignore
const count = (list: readonly string[], code: string) => list.filter((other) => other === code).length;

describe('a fix', () => {
  it('removes its finding and adds no error', () => {
    const tried = new Map<string, number>();
    fc.assert(
      fc.property(texts, (text) => {
        const before = findingsOf(text);
        for (const one of before.filter((item) => item.fix)) {
          tried.set(one.code, (tried.get(one.code) ?? 0) + 1);
          const after = findingsOf(applyEdits(text, one.fix!.edits, one.document));
          const said = `${one.code} ${one.path} ${one.fix!.title}\n${text}`;
          // A clause that is gone may have hidden another, which is then said to be something else.
          const kind = /^CP-(MATCH|CLASS)/.test(one.code)
            ? /^CP-(MATCH-(?!OVERLAP)|CLASS)/
            : new RegExp(`^${one.code}$`);
          const same = (list: readonly Finding[]) => list.filter((item) => kind.test(item.code)).length;
          expect(same(after), said).toBeLessThan(same(before));
          for (const code of new Set(errors(after))) {
            expect(count(errors(after), code), `${code} after ${said}`).toBeLessThanOrEqual(
              count(errors(before), code)
            );
          }
        }
      }),
      { numRuns: 60 }
    );
    expect(tried.size).toBeGreaterThan(15);
  });
});

it('a rate is written so that it reads back exactly', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), (bits) => {
      expect(parseRate(writeRate(bits))).toEqual({ kind: 'absolute', bits });
    })
  );
});
