import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocuments } from './document.ts';
import type { PolicyDocument } from './schema.ts';
import { placesOf } from './testing.ts';
import { VARIABLE_TYPES, type Value, type Values } from './variables.ts';

const text = (variables: string, ...classes: string[]): string =>
  [
    'apiVersion: clearpath/v1',
    'kind: Policy',
    'metadata: { name: p }',
    'spec:',
    '  variables:',
    ...variables.split('\n').map((line) => `    ${line}`),
    '  bandwidth: 10mbit',
    '  classes:',
    ...classes.map((item) => `    - ${item}`),
    '    - { name: rest, default: true }',
  ].join('\n');
const VOICE = '{ name: voice, match: [ { dscp: ["${mark}"] } ], guarantee: "${voice}" }';
const SAMPLE = text('voice: { type: rate, default: 10% }\nmark: { type: dscp, example: ef }', VOICE);

const read = (source: string, given?: Values) => parseDocuments(source, given);
const specOf = (source: string, given?: Values) => {
  const { documents, findings } = read(source, given);
  expect(findings).toEqual([]);
  return (documents[0]!.document as PolicyDocument).spec;
};
const places = (source: string, given?: Values) => placesOf(read(source, given).findings);

describe('a variable', () => {
  it('has its default, or the binding’s value', () => {
    expect(specOf(SAMPLE).classes![0]!.guarantee).toEqual({ kind: 'percent', percent: 10 });
    expect(specOf(SAMPLE, { voice: '2mbit', mark: 'va' }).classes![0]).toMatchObject({
      guarantee: { kind: 'absolute', bits: 2e6 },
      match: [{ dscp: [44] }],
    });
    expect(read(SAMPLE, { mark: 46 }).documents[0]!.variables).toEqual([
      { name: 'voice', type: 'rate', value: '10%', from: 'default' },
      { name: 'mark', type: 'dscp', value: 46, from: 'binding' },
    ]);
  });
  it('with an example only is judged by it, and asks every binding for a value', () => {
    expect(specOf(SAMPLE).classes![0]!.match).toEqual([{ dscp: [46] }]);
    expect(read(SAMPLE, {}).findings).toMatchObject([
      { code: 'CP-VARIABLE-MISSING', line: 7, path: 'spec.variables.mark', document: 'Policy/p' },
    ]);
  });
  it('stands within a text, as a list where a key takes one, and not where $${ is written', () => {
    const source = text(
      'from: { type: number, default: 5000 }\nnet: { type: prefix, default: [192.0.2.0/24, "2001:db8::/32"] }',
      '{ name: a, description: "$${from} of ${from}", match: [ { source: "${net}", ports: ["${from}-5009"] } ] }'
    );
    const [first] = specOf(source).classes!;
    expect(first!.description).toBe('${from} of 5000');
    expect(first!.match![0]).toMatchObject({
      source: [{ text: '192.0.2.0/24' }, { text: '2001:db8::/32' }],
      ports: [{ from: 5000, to: 5009 }],
    });
  });
  it('keeps numbers and flags what they are', () => {
    const source = text(
      'prio: { type: number, default: 6 }\necn: { type: flag, default: true }',
      '{ name: a, match: [ { dscp: [ef] } ], priority: "${prio}", queue: { algorithm: fq_codel, ecn: "${ecn}" } }'
    );
    expect(specOf(source).classes![0]).toMatchObject({ priority: 6, queue: { ecn: true } });
  });
});

describe('what is wrong with variables', () => {
  it('is named at its place: unknown, unused, of the wrong type', () => {
    const source = text(
      'voice: { type: rate, default: 20ms }\nspare: { type: text, default: x }',
      '{ name: a, match: [ { dscp: [ef] } ], guarantee: "${voise}" }'
    );
    expect(places(source)).toEqual([
      'CP-VARIABLE-UNUSED 6 spec.variables.voice',
      'CP-VARIABLE-TYPE 6 spec.variables.voice.default',
      'CP-VARIABLE-UNUSED 7 spec.variables.spare',
      'CP-VARIABLE-UNKNOWN 10 spec.classes[0].guarantee',
    ]);
    expect(read(source).findings.at(-1)!.hint).toBe('Did you mean "${voice}"?');
  });
  it('is a value that the binding gives in vain or in the wrong type', () => {
    expect(read(SAMPLE, { mark: 'ef', vioce: '1mbit' }).findings).toMatchObject([
      { code: 'CP-VARIABLE-UNKNOWN', path: 'spec.variables.vioce', hint: 'Did you mean "voice"?' },
    ]);
    expect(read(SAMPLE, { mark: 99, voice: ['1mbit'] }).findings.map(({ message }) => message)).toEqual([
      'A variable of the type rate holds one value, not a list.',
      '"99" is not a DSCP. Write a name such as ef, af41, cs6, le, df, va, or a number from 0 to 63.',
    ]);
  });
  it('is a declaration without a default or an example, or with both', () => {
    expect(places(text('voice: { type: rate }', VOICE))).toEqual(['CP-INVALID 6 spec.variables.voice']);
    expect(places(text('voice: { type: rate, default: 1%, example: 2% }', VOICE))).toEqual([
      'CP-INVALID 6 spec.variables.voice',
    ]);
    expect(places(text('Voice: { type: speed, default: 1% }', VOICE))).toEqual(['CP-INVALID 6 spec.variables.Voice']);
  });
  it('is a list inside another value', () => {
    const source = text(
      'marks: { type: dscp, default: [ef, va] }',
      '{ name: a, match: [ { dscp: ["${marks}", cs6] } ] }',
      '{ name: b, description: "of ${marks}", match: [ { dscp: "${marks}" } ] }'
    );
    expect(places(source)).toEqual([
      'CP-VARIABLE-TYPE 9 spec.classes[0].match[0].dscp[0]',
      'CP-VARIABLE-TYPE 10 spec.classes[1].description',
    ]);
  });
  it('shows at the place where a value does not fit, with the value', () => {
    const source = text('voice: { type: duration, default: 20ms }', '{ name: a, default: false, match: [ { dscp: [ef] } ], guarantee: "${voice}" }'); // prettier-ignore
    expect(read(source).findings).toMatchObject([
      { code: 'CP-INVALID', line: 9, path: 'spec.classes[0].guarantee', hint: '${voice} is 20ms here, by default.' },
    ]);
  });
  it('is told apart from YAML’s own braces', () => {
    expect(read(SAMPLE.replace('"${voice}"', '${voice}')).findings).toMatchObject([
      { code: 'CP-YAML', line: 10, message: 'Inside braces or brackets a variable is written in quotes: "${name}".' },
    ]);
    expect(read(SAMPLE.replace('["${mark}"]', '[${mark}]')).findings).toHaveLength(1);
  });
});

/** A value of each type, as an operator writes it. */
const valueOf: Record<string, fc.Arbitrary<Value>> = {
  rate: fc.oneof(fc.nat(1e6).map((n) => `${n}kbit`), fc.nat(100).map((n) => `${n}%`)),
  dscp: fc.oneof(fc.nat(63), fc.constantFrom('ef', 'af41'), fc.array(fc.nat(63), { minLength: 1, maxLength: 4 })),
  ports: fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.constant('1-65535'), fc.constant<Value>([80, '443-444'])),
  prefix: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant<Value>(['192.0.2.0/24', '::/0'])),
}; // prettier-ignore
const KEY: Record<string, string> = { rate: 'guarantee', dscp: 'dscp', ports: 'ports', prefix: 'source' };

describe('a policy with variables', () => {
  it('means what it means with the values written out, whoever gives them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(valueOf)).chain((type) => fc.tuple(fc.constant(type), valueOf[type]!)),
        fc.boolean(),
        ([type, value], byBinding) => {
          const clause = (content: string) =>
            type === 'rate'
              ? `{ name: a, match: [ { dscp: [ef] } ], guarantee: ${content} }`
              : `{ name: a, match: [ { ${KEY[type]}: ${content} } ] }`;
          const example = byBinding ? 'example' : 'default';
          const source = (content: string) =>
            text(
              `v: { type: ${type}, ${example}: ${JSON.stringify(value)} }\nw: { type: flag, default: true }`,
              clause(content),
              '{ name: b, match: [ { dscp: [le] } ], queue: { ecn: "${w}" } }'
            );
          const { variables: _, ...literal } = specOf(
            source(JSON.stringify(value)).replace(/ {4}v: .*\n/, ''),
            byBinding ? {} : undefined
          );
          const { variables: __, ...filled } = specOf(source('"${v}"'), byBinding ? { v: value } : undefined);
          expect(filled).toEqual(literal);
        }
      )
    );
  });
  it('is never read with a value that is none of the type', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...VARIABLE_TYPES.filter((type) => type !== 'text')),
        fc.string({ unit: 'grapheme-ascii', minLength: 1 }).filter((value) => !/^[\da-f:./%]/i.test(value.trim()) && !/^(cs|ef|af|le|df|va|tcp|udp|sctp|[a-z0-9]+$)/i.test(value.trim())), // prettier-ignore
        (type, value) => {
          const source = text(`v: { type: ${type}, example: ${JSON.stringify('x')} }`, VOICE);
          return read(source, { v: value }).documents.length === 0;
        }
      )
    );
  });
});
