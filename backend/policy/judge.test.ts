import { describe, expect, it } from 'vitest';
import { CODES } from './codes.ts';
import { capped, type Finding } from './finding.ts';
import { judge } from './judge.ts';
import {
  LATER_CLASS_KEYS,
  LATER_CONDITIONS,
  LATER_KINDS,
  LATER_POLICY_KEYS,
  QUEUE_ALGORITHMS,
  SCHEDULERS,
} from './schema.ts';
import { classesText, findingsOf, placesOf, policyText, specOf } from './testing.ts';

const DEFAULT = '{name: rest, default: true}';
const EF = 'match: [{dscp: ef}]';

/** A policy with exactly one thing wrong with it, and exactly what is said of that. */
const samples: Array<[title: string, source: string, said: Partial<Finding>]> = [
  [
    'a percent as bandwidth',
    policyText(`{bandwidth: 10%, classes: [\n${DEFAULT}]}`),
    { code: 'CP-BANDWIDTH', severity: 'error', line: 4, column: 2, path: 'spec.bandwidth', message: 'The bandwidth of a link is a rate of its own, not a percent.', hint: 'Write e.g. bandwidth: 19mbit.' },
  ],
  [
    'a link of nothing',
    policyText(`{bandwidth: 0mbit, classes: [\n${DEFAULT}]}`),
    { code: 'CP-BANDWIDTH', line: 4, path: 'spec.bandwidth', message: 'A link of 0 bit/s carries nothing.' },
  ],
  [
    'a link of less than the kernel counts',
    policyText(`{bandwidth: 7bit, classes: [\n${DEFAULT}]}`),
    { code: 'CP-BANDWIDTH', line: 4, path: 'spec.bandwidth', message: 'A link of 7 bit/s carries nothing.' },
  ],
  [
    'no bandwidth',
    policyText(`{classes: [\n${DEFAULT}]}`),
    { code: 'CP-BANDWIDTH-UNKNOWN', severity: 'info', line: 3, path: 'spec.bandwidth', message: 'The policy names no bandwidth: sums are judged when a binding or an interface gives one.' },
  ],
  [
    'one name twice',
    classesText(`{name: a, ${EF}}`, DEFAULT, '{name: b, match: [{dscp: le}], classes: [{name: a, default: true}]}'),
    { code: 'CP-NAME-TWICE', severity: 'error', line: 7, path: 'spec.classes[2].classes[0].name', message: '"a" is already the name of spec.classes[0]; a class is known by its name.' },
  ],
  [
    'a level without default',
    classesText(`{name: a, ${EF}, classes: [{name: b, match: [{ipVersion: 4}]}]}`, DEFAULT),
    { code: 'CP-DEFAULT-MISSING', severity: 'error', line: 5, path: 'spec.classes[0].classes', message: 'No class of this level is the default, so packets that match nothing would leave unshaped.', hint: 'Add a class with default: true.' },
  ],
  [
    'two defaults',
    classesText(DEFAULT, '{name: more,\ndefault: true}'),
    { code: 'CP-DEFAULT-TWICE', severity: 'error', line: 7, path: 'spec.classes[1].default', message: '"rest" is already the default of this level.' },
  ],
  [
    'a default with a match',
    classesText(`{name: rest, default: true, ${EF}}`),
    { code: 'CP-DEFAULT-MATCH', severity: 'error', line: 5, column: 29, path: 'spec.classes[0].match', message: '"rest" is the default: it takes what no other class matched, so it has no match of its own.' },
  ],
  [
    'a class that nothing reaches',
    classesText('{name: a}', DEFAULT),
    { code: 'CP-MATCH-MISSING', severity: 'error', line: 5, column: 1, path: 'spec.classes[0]', message: '"a" says neither what matches nor that it is the default: no packet would reach it.', hint: 'Add match, or default: true.' },
  ],
  [
    'addresses of two IP versions in one clause',
    classesText("{name: a, match: [{dscp: ef}, {source: 192.0.2.0/24, destination: '2001:db8::/32'}]}", DEFAULT),
    { code: 'CP-MATCH-IMPOSSIBLE', severity: 'error', line: 5, column: 31, path: 'spec.classes[0].match[1]', message: 'No packet can satisfy this clause: it asks for IPv4 and IPv6 in one packet.' },
  ],
  [
    'a protocol of the other IP version',
    classesText('{name: a, match: [{protocol: icmp, ipVersion: 6}]}', DEFAULT),
    { code: 'CP-MATCH-IMPOSSIBLE', path: 'spec.classes[0].match[0]', message: 'No packet can satisfy this clause: it asks for IPv4 and IPv6 in one packet.' },
  ],
  [
    'ports of a protocol without ports',
    classesText('{name: a, match: [{protocol: [gre, esp], ports: 53}]}', DEFAULT),
    { code: 'CP-MATCH-IMPOSSIBLE', line: 5, path: 'spec.classes[0].match[0]', message: 'No packet can satisfy this clause: it asks for ports of a protocol that has none.' },
  ],
  [
    'ports that neither side may have',
    classesText('{name: a, match: [{ports: 53, sourcePorts: 1-52, destinationPorts: 54-60}]}', DEFAULT),
    { code: 'CP-MATCH-IMPOSSIBLE', path: 'spec.classes[0].match[0]', message: 'No packet can satisfy this clause: its ports are neither among its source ports nor among its destination ports.' },
  ],
  [
    'a clause behind a wider one',
    classesText('{name: a, match: [{dscp: [ef, va]}]}', '{name: b, match: [{dscp: le}, {dscp: ef, protocol: udp}]}', DEFAULT),
    { code: 'CP-MATCH-HIDDEN', severity: 'warning', line: 6, path: 'spec.classes[1].match[1]', message: '"a" stands earlier and takes every packet of this clause, so none reaches "b".', hint: 'Move "b" before "a", or narrow the earlier match.' },
  ],
  [
    'more promised than there is',
    classesText(`{name: a, strict: true, ${EF}, guarantee: 20%}`, '{name: b, match: [{dscp: le}],\nguarantee: 5mbit}', '{name: rest, default: true, guarantee: 4mbit}'),
    { code: 'CP-GUARANTEE-SUM', severity: 'error', line: 7, column: 1, path: 'spec.classes[1].guarantee', message: 'Guarantees add up to 11 Mbit/s, but the link has 10 Mbit/s: when everything is full, 1 Mbit/s of what was promised does not exist (a 2 Mbit/s + b 5 Mbit/s + rest 4 Mbit/s).', hint: 'Lower guarantees by 1 Mbit/s in all.' },
  ],
  [
    'more promised than the parent has',
    classesText(`{name: a, ${EF}, guarantee: 1mbit, classes: [{name: b, default: true, guarantee: 2mbit}]}`, DEFAULT),
    { code: 'CP-GUARANTEE-SUM', path: 'spec.classes[0].classes[0].guarantee', message: 'Guarantees add up to 2 Mbit/s, but "a" has 1 Mbit/s: when everything is full, 1 Mbit/s of what was promised does not exist (b 2 Mbit/s).' },
  ],
  [
    'a guarantee above its ceiling',
    classesText('{name: rest, default: true, guarantee: 50%, ceiling: 4mbit}'),
    { code: 'CP-GUARANTEE-CEILING', severity: 'error', line: 5, path: 'spec.classes[0].guarantee', message: '"rest" is guaranteed 5 Mbit/s but may never exceed 4 Mbit/s.' },
  ],
  [
    'a percent of a guarantee that is not there',
    classesText(`{name: a, ${EF}, classes: [{name: b, default: true, guarantee: 50%}]}`, DEFAULT),
    { code: 'CP-GUARANTEE-PARENT', severity: 'error', line: 5, path: 'spec.classes[0].classes[0].guarantee', message: '"b" is guaranteed a percent of "a", which has no guarantee itself.', hint: 'Give "a" a guarantee, or write this one as a rate.' },
  ],
  [
    'a ceiling above the parent’s',
    classesText(`{name: a, ${EF}, ceiling: 2mbit, classes: [{name: b, default: true, ceiling: 3mbit}]}`, DEFAULT),
    { code: 'CP-CEILING-PARENT', severity: 'error', line: 5, path: 'spec.classes[0].classes[0].ceiling', message: '"b" may send 3 Mbit/s, but "a" carries at most 2 Mbit/s.' },
  ],
  [
    'a class that may send nothing',
    classesText(`{name: a, ${EF}, ceiling: 0%}`, DEFAULT),
    { code: 'CP-CEILING-ZERO', severity: 'error', line: 5, path: 'spec.classes[0]', message: '"a" has a ceiling of 0 bit/s: none of its packets would ever leave.' },
  ],
  [
    'a class that may send less than the kernel counts',
    classesText(`{name: a, ${EF}, ceiling: 7bit}`, DEFAULT),
    { code: 'CP-CEILING-ZERO', path: 'spec.classes[0]', message: '"a" has a ceiling of 7 bit/s: none of its packets would ever leave.' },
  ],
  [
    'a strict class without a rate',
    classesText(`{name: a, strict: true, ${EF}}`, DEFAULT),
    { code: 'CP-STRICT-RATE', severity: 'error', line: 5, path: 'spec.classes[0]', message: '"a" is strict and has no guarantee: without a rate of its own it could starve every other class.', hint: 'Add guarantee, e.g. guarantee: 10%.' },
  ],
  [
    'a strict class with two rates',
    classesText(`{name: a, strict: true, ${EF}, guarantee: 10%, ceiling: 20%}`, DEFAULT),
    { code: 'CP-STRICT-FIGURES', severity: 'error', line: 5, path: 'spec.classes[0].ceiling', message: '"a" is strict: guarantee (1 Mbit/s) and ceiling (2 Mbit/s) are one figure.', hint: 'Remove one of them.' },
  ],
  [
    'a strict class with a priority',
    classesText(`{name: a, strict: true, ${EF}, guarantee: 10%, priority: 6}`, DEFAULT),
    { code: 'CP-STRICT-PRIORITY', severity: 'error', line: 5, path: 'spec.classes[0].priority', message: '"a" is strict: it is served before every priority.', hint: 'Remove priority.' },
  ],
  [
    'a strict class with children',
    classesText(`{name: a, strict: true, ${EF}, guarantee: 10%, classes: [${DEFAULT}]}`, '{name: b, default: true}'),
    { code: 'CP-STRICT-CHILDREN', severity: 'error', line: 5, path: 'spec.classes[0].classes', message: '"a" is strict and cannot be divided: the kernel ignores the priority of a class that has children.', hint: 'Make each child a strict class of the level above.' },
  ],
  [
    'a strict default',
    classesText('{name: rest, default: true, strict: true, guarantee: 10%}'),
    { code: 'CP-STRICT-DEFAULT', severity: 'error', line: 5, path: 'spec.classes[0].strict', message: '"rest" takes all unknown traffic; served before all others it would let anyone starve the link.', hint: 'Remove strict or choose another default.' },
  ],
  [
    'too much of the link strict',
    classesText(DEFAULT, `{name: a, strict: true, ${EF}, guarantee: 34%}`),
    { code: 'CP-STRICT-SHARE', severity: 'warning', line: 6, path: 'spec.classes[1]', message: 'Strict classes may take 34 % of the link before anyone else is served. Cisco recommends at most 33 %, so that the others are not starved in a burst.' },
  ],
  [
    'a queue above queues',
    classesText(`{name: a, ${EF}, queue: {limit: 10p}, classes: [${DEFAULT}]}`, '{name: b, default: true}'),
    { code: 'CP-QUEUE-INNER', severity: 'error', line: 5, path: 'spec.classes[0].queue', message: '"a" has children, so its packets wait in their queues and not in one of its own.', hint: 'Give the queue to the children.' },
  ],
  [
    'a figure that the queue does not have',
    classesText('{name: rest, default: true, queue: {algorithm: pfifo, target: 5ms}}'),
    { code: 'CP-QUEUE-FIGURE', severity: 'error', line: 5, path: 'spec.classes[0].queue.target', message: 'The queue pfifo has no target, so it would be ignored.', hint: 'Remove target, or choose fq_codel.' },
  ],
  [
    'a limit in bytes of a queue that counts packets',
    classesText('{name: rest, default: true, queue: {algorithm: sfq, limit: 32KiB}}'),
    { code: 'CP-QUEUE-FIGURE', path: 'spec.classes[0].queue.limit', message: 'The queue sfq counts packets, not bytes.', hint: 'Write e.g. limit: 127p.' },
  ],
  [
    'a priority above leaves',
    classesText(`{name: a, ${EF}, priority: 5, classes: [${DEFAULT}]}`, '{name: b, default: true}'),
    { code: 'CP-INNER-SHARING', severity: 'warning', line: 5, path: 'spec.classes[0].priority', message: '"a" has children: what is left over goes to leaves, and the kernel ignores the priority of a class above them.', hint: 'Give priority to the children.' },
  ],
  [
    'a share above leaves',
    classesText(`{name: a, ${EF}, share: 5, classes: [${DEFAULT}]}`, '{name: b, default: true}'),
    { code: 'CP-INNER-SHARING', path: 'spec.classes[0].share' },
  ],
  [
    'an eighth level',
    classesText(Array.from({ length: 8 }, (_, i) => `{name: d${i}, default: true, classes: [`).join('') + DEFAULT + ']}'.repeat(8)),
    { code: 'CP-TOO-DEEP', severity: 'error', line: 5, path: `spec${'.classes[0]'.repeat(7)}.classes`, message: 'Classes nest 8 deep here; the kernel holds 7 below the link.' },
  ],
  [
    'more classes than a tree holds',
    policyText(`{bandwidth: 10mbit, classes: [${Array.from({ length: 8001 }, (_, i) => `{name: c${i}}`).join(', ')}]}`),
    { code: 'CP-TOO-MANY', severity: 'error', line: 4, path: 'spec.classes', message: '8001 classes: one tree holds at most 8000.' },
  ],
  ...(['latency: {oneWay: true, p95: 1ms}', 'queueDepth: 10p', 'availability: 99%', 'mos: 4', 'period: 30d', 'target: 95%', 'contract: {loss: 1%}']).map((term): [string, string, Partial<Finding>] => {
    const key = term.startsWith('latency') ? 'latency.oneWay' : term.slice(0, term.indexOf(':'));
    return [
      `the objective ${key}, which is not measured`,
      classesText(`{name: rest, default: true, objective: {${term}}}`),
      { code: 'CP-OBJECTIVE-UNMEASURED', severity: 'info', line: 5, path: `spec.classes[0].objective.${key}`, message: `"${key}" is kept, but this version does not measure it: the panel shows it as not measured, never as met.` },
    ];
  }),
]; // prettier-ignore

/** Everything that the language has and this version does not compile, each alone in a sound policy. */
const notYet: Array<[what: string, source: string, path: string]> = [
  ...LATER_POLICY_KEYS.map((key): [string, string, string] => [`"${key}"`, policyText(`{bandwidth: 10mbit, ${key}: {}, classes: [\n${DEFAULT}]}`), `spec.${key}`]),
  ...LATER_CLASS_KEYS.map((key): [string, string, string] => [`"${key}"`, classesText(`{name: rest, default: true, ${key}: {}}`), `spec.classes[0].${key}`]),
  ...LATER_CONDITIONS.map((key): [string, string, string] => [`"${key}"`, classesText(DEFAULT, `{name: a, match: [{dscp: le}, {${key}: 1}]}`), `spec.classes[1].match[1].${key}`]),
  ...['isolation', 'drop'].map((key): [string, string, string] => [`"${key}"`, classesText(`{name: rest, default: true, queue: {${key}: 1}}`), `spec.classes[0].queue.${key}`]),
  ...QUEUE_ALGORITHMS.filter((name) => !['auto', 'fq_codel', 'sfq', 'pfifo'].includes(name)).map((name): [string, string, string] => [`The queue "${name}"`, classesText(`{name: rest, default: true, queue: {algorithm: ${name}}}`), 'spec.classes[0].queue.algorithm']),
  ...SCHEDULERS.filter((name) => !['auto', 'htb'].includes(name)).map((name): [string, string, string] => [`The scheduler "${name}"`, policyText(`{bandwidth: 10mbit, scheduler: ${name}, classes: [\n${DEFAULT}]}`), 'spec.scheduler']),
]; // prettier-ignore

describe('a policy that is sound', () => {
  it('has nothing said of it', () => {
    const text = classesText(
      `{name: voice, strict: true, ${EF}, guarantee: 30%, objective: {latency: {p95: 20ms}, jitter: {p95: 5ms}, loss: 0.1%}}`,
      '{name: video, match: [{dscp: [af41, af42]}], guarantee: 30%, ceiling: 60%, classes: [{name: live, priority: 5, match: [{destinationPorts: 5004}], guarantee: 50%}, {name: recorded, default: true}]}',
      '{name: rest, default: true, guarantee: 40%, queue: {algorithm: sfq, limit: 100p, quantum: 1514B}}'
    );
    expect(findingsOf(text)).toEqual([]);
  });
  it('may be one default class', () => {
    expect(findingsOf(policyText('{bandwidth: 10mbit}'))).toEqual([]);
  });
  it('is allowed what rounding of percents adds', () => {
    const thirds = ['ef', 'le', 'af41'].map(
      (dscp, i) => `{name: a${i}, match: [{dscp: ${dscp}}], guarantee: 33.33333%}`
    );
    const text = classesText(...thirds, '{name: rest, default: true, guarantee: 0.00001%}');
    for (const bandwidth of [1e6 + 1, 1e6 + 2, 9_999_999, 123_456_789]) {
      expect(findingsOf(text, bandwidth)).toEqual([]);
    }
  });
});

describe('what is wrong with a policy', () => {
  it.each(samples)('says of %s what and where', (_, source, said) => {
    const found = findingsOf(source);
    expect(found.filter((item) => item.code === said.code)).toEqual([expect.objectContaining({ document: 'Policy/p', ...said })]); // prettier-ignore
    const beside = found
      .filter((item) => item.code !== said.code && item.severity === 'error')
      .map((item) => item.code);
    expect(beside).toEqual(said.code === 'CP-STRICT-DEFAULT' ? [] : beside.filter((code) => code === 'CP-TOO-DEEP'));
  });
  it.each(notYet)('refuses %s by name, at its path, and applies nothing', (what, source, path) => {
    expect(findingsOf(source).filter((item) => item.severity === 'error')).toMatchObject([
      {
        code: 'CP-NOT-YET',
        path,
        message: `${what} is part of the language, but this version does not compile it yet, so nothing is applied.`,
        hint: 'Remove it for now.',
        line: expect.any(Number) as number,
      },
    ]);
  });
  it('judges matches without a bandwidth too', () => {
    const text = policyText(`{classes: [\n{name: a, match: [{protocol: gre, ports: 1}]},\n${DEFAULT}]}`);
    expect(placesOf(findingsOf(text))).toEqual(['CP-MATCH-IMPOSSIBLE 5 spec.classes[0].match[0]', 'CP-BANDWIDTH-UNKNOWN 3 spec.bandwidth']); // prettier-ignore
  });
  it('judges sums for the link that it is asked about', () => {
    const spec = specOf(classesText('{name: rest, default: true, guarantee: 9mbit}'));
    expect(judge('p', spec)).toEqual([]);
    expect(judge('p', spec, 8e6).map((item) => item.code)).toEqual(['CP-GUARANTEE-CEILING', 'CP-GUARANTEE-SUM']);
  });
  it('counts strict guarantees whole', () => {
    const text = classesText(
      `{name: a, strict: true, ${EF}, guarantee: 30%}`,
      '{name: rest, default: true, guarantee: 80%}'
    );
    expect(findingsOf(text).map((item) => item.code)).toEqual(['CP-GUARANTEE-SUM']);
  });
  it('does not hold others up, however much there is to compare', () => {
    const clauses = (dscp: string) => `match: [${`{dscp: ${dscp}}, `.repeat(4000)}{dscp: 9}]`;
    const ports = Array.from({ length: 1024 }, (_, i) => i + 1).join(', ');
    const wide = Array.from(
      { length: 20 },
      (_, i) => `{name: w${i}, match: [{ports: [${ports}], sourcePorts: [${ports}]}]}`
    );
    const text = classesText(`{name: a, ${clauses('1')}}`, `{name: b, ${clauses('2')}}`, ...wide, DEFAULT);
    const began = performance.now();
    findingsOf(text);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe('the table of codes', () => {
  it('has every severity of a cut list ordered, errors first', () => {
    const many = ['info', 'warning', 'error'].flatMap((severity) => Array.from({ length: 300 }, (): Finding => ({ code: severity, severity: severity as Finding['severity'], path: '', message: '' }))); // prettier-ignore
    const cut = capped(many);
    expect([cut.length, cut[0]!.code, cut[299]!.code, cut[300]!.code, cut.at(-1)!.code]).toEqual([501, 'error', 'error', 'warning', 'CP-MORE']); // prettier-ignore
    expect(capped(many.slice(0, 500))).toEqual(many.slice(0, 500));
  });
  it('has no code that these tests do not make', () => {
    const made = new Set([
      ...samples.map(([, , said]) => said.code),
      ...(LATER_KINDS.length > 0 ? ['CP-NOT-YET'] : []),
      ...Object.keys(CODES).filter((code) => code.startsWith('CP-VARIABLE')), // variables.test.ts
      // Of targets and bindings: documents.test.ts. Of reading a text: document.test.ts.
      'CP-REFERENCE', 'CP-INTERFACE', 'CP-BINDING-CONFLICT', 'CP-SCHEDULE-OVERLAP', 'CP-MORE', 'CP-YAML', 'CP-EMPTY', 'CP-UNKNOWN-KEY', 'CP-INVALID', 'CP-DUPLICATE',
    ]); // prettier-ignore
    expect(Object.keys(CODES).filter((code) => !made.has(code))).toEqual([]);
    expect(samples.every(([, , said]) => said.severity === undefined || CODES[said.code as keyof typeof CODES].severity === said.severity)).toBe(true); // prettier-ignore
  });
});
