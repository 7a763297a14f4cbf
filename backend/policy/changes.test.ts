import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changes, documentChanges } from './changes.ts';
import { classify } from './classify.ts';
import { parseDocuments } from './document.ts';
import { reclassified } from './reclassify.ts';
import { flatten, resolve } from './resolve.ts';
import type { Clause, PolicyDocument, PolicySpec, TrafficClass } from './schema.ts';
import { clauses, packets } from './testing-packets.ts';
import { classesText, policyText, specOf } from './testing.ts';

const said = (before: string, after: string) => changes(specOf(before), specOf(after)).map(({ text }) => text);
const at = (before: string, after: string) => changes(specOf(before), specOf(after)).map(({ path, kind }) => `${kind} ${path}`); // prettier-ignore

const voice = '{name: voice, match: [{dscp: [ef, va]}], guarantee: 10%}';
const control = '{name: control, match: [{dscp: cs6}]}';
const rest = '{name: rest, default: true}';
const base = classesText(voice, control, rest);

describe('in words', () => {
  it('are figures, from the old to the new, with what stands for nothing said', () => {
    expect(said(base, classesText(voice.replace('10%', '15%'), control, rest))).toEqual(['voice: guarantee 10% → 15%']);
    expect(said(base, classesText(voice.replace('guarantee: 10%', 'guarantee: 10%, ceiling: 1500kbit'), control, rest))).toEqual(['voice: ceiling all that the parent has → 1.5 Mbit/s']); // prettier-ignore
    expect(said(base, classesText(voice.replace(', guarantee: 10%', ''), control, rest))).toEqual(['voice: guarantee 10% → none']); // prettier-ignore
    expect(said(policyText('{bandwidth: 10mbit}'), policyText('{scheduler: htb}'))).toEqual([
      'policy: bandwidth 10 Mbit/s → that of the interface',
      'policy: scheduler auto → htb',
    ]);
    expect(said(base, classesText(voice, control, '{name: rest, default: true, priority: 1, queue: {algorithm: fq_codel, target: 5ms, limit: 200p}, objective: {latency: {p95: 20ms}, loss: 1%}}'))).toEqual([
      'rest: priority 3 → 1',
      'rest: queue algorithm auto → fq_codel',
      'rest: queue limit not set → 200 packets',
      'rest: queue target not set → 5 ms',
      'rest: objective latency P95 not set → 20 ms',
      'rest: objective loss not set → 1 %',
    ]); // prettier-ignore
  });
  it('are figures exactly where rounding would hide them', () => {
    const figure = (bits: string) => classesText(voice.replace('10%', bits), control, rest);
    expect(said(figure('1234567bit'), figure('1234568bit'))).toEqual([
      'voice: guarantee {"bits":1234567,"kind":"absolute"} → {"bits":1234568,"kind":"absolute"}',
    ]);
  });
  it('are classes that came and went, and where', () => {
    expect(said(base, classesText(voice, control, '{name: bulk, match: [{dscp: cs1}]}', rest))).toEqual(['class bulk added after control', 'DSCP CS1: from rest to bulk']); // prettier-ignore
    expect(said(base, classesText(control, rest))).toEqual([
      'class voice removed as the first',
      'DSCP EF, VA: from voice to rest',
    ]);
    const nested = classesText(voice.replace('}]', '}], classes: [{name: g711, match: [{ports: 5004}]}, {name: other, default: true}]').replace('], classes', '], classes'), control, rest); // prettier-ignore
    expect(said(base, nested)).toEqual([
      'class voice/g711 added as the first',
      'class voice/other added after g711',
      'DSCP EF, VA · port 5004: from voice to voice/g711',
      'DSCP EF, VA (but for what voice/g711 takes): from voice to voice/other',
    ]);
    expect(at(base, nested)).toEqual(['added spec.classes[0].classes[0]', 'added spec.classes[0].classes[1]', 'reclassified spec.classes[0].classes[0]', 'reclassified spec.classes[0].classes[1]']); // prettier-ignore
  });
  it('are what a match takes no longer, or as well', () => {
    expect(said(base, classesText(voice.replace('[ef, va]', 'ef'), control, rest))).toEqual(['match of voice: DSCP VA no longer', 'DSCP VA: from voice to rest']); // prettier-ignore
    expect(said(base, classesText(voice.replace('va', 'cs5'), control, rest))).toEqual(['match of voice: DSCP VA no longer', 'match of voice: DSCP CS5 as well', 'DSCP VA: from voice to rest', 'DSCP CS5: from rest to voice']); // prettier-ignore
    expect(said(base, classesText(voice.replace('[{dscp: [ef, va]}]', '[{dscp: [ef, va]}, {protocol: udp, ports: 5060}]'), control, rest))).toEqual(['match of voice: UDP · port 5060 as well', 'DSCP CS6 · UDP · port 5060: from control to voice', 'UDP · port 5060 (but for what control takes): from rest to voice']); // prettier-ignore
    expect(said(base, classesText(voice.replace('dscp: [ef, va]', 'dscp: [ef, va], ipVersion: 4'), control, rest))).toEqual([
      'match of voice: DSCP EF, VA no longer',
      'match of voice: DSCP EF, VA · IPv4 as well',
      'DSCP EF, VA · IPv6: from voice to rest',
    ]); // prettier-ignore
  });
  it('are an order that matters, and not one that does not', () => {
    const sip = '{name: sip, match: [{ports: 5060}]}';
    expect(said(classesText(voice, sip, rest), classesText(sip, voice, rest))).toEqual(['sip moved before voice', 'DSCP EF, VA · port 5060: from voice to sip']); // prettier-ignore
    expect(said(classesText(voice, control, rest), classesText(control, voice, rest))).toEqual([]);
    expect(at(classesText(voice, sip, rest), classesText(sip, voice, rest))).toEqual([
      'moved spec.classes[0]',
      'reclassified spec.classes[0]',
    ]);
  });
  it('are strictness and the default class', () => {
    expect(said(base, classesText(voice.replace('name: voice', 'name: voice, strict: true'), control, rest))).toEqual(['voice: priority 3 → that of strict', 'voice: now strict']); // prettier-ignore
    expect(said(base, classesText(voice, control.replace('match: [{dscp: cs6}]', 'default: true'), '{name: rest, match: [{dscp: cs6}]}'))).toEqual([
      'control: now the class of what nothing else matches',
      'match of control: DSCP CS6 no longer',
      'rest: the class of what nothing else matches no longer',
      'match of rest: DSCP CS6 as well',
      'DSCP CS6: from control to rest',
      'everything else: from rest to control',
    ]); // prettier-ignore
  });
  it('are none where only the spelling differs', () => {
    const spelt = policyText(`# a comment
      { scheduler: auto, bandwidth: 10000kbit, classes: [
      { match: [ { dscp: [ 44, 46, ef ] } ], description: of the branch, guarantee: 10.0%, name: voice, priority: 3, default: false },
      { name: control, match: [ { dscp: [ CS6 ] } ], queue: { algorithm: auto } }, ${rest} ] }`);
    expect(said(base, spelt)).toEqual([]);
    const ranges = (ports: string) => classesText(`{name: a, match: [{ports: ${ports}}]}`, rest);
    expect(said(ranges('[80, 81-90, 85]'), ranges('80-90'))).toEqual([]);
    const strict = (more: string) => classesText(`{name: a, match: [{dscp: ef}], strict: true, ${more}}`, rest);
    expect(said(strict('guarantee: 1mbit'), strict('guarantee: 1mbit, ceiling: 1mbit, priority: 2'))).toEqual([]);
    expect(said(strict('ceiling: 1mbit'), strict('guarantee: 1mbit'))).toEqual([]);
    expect(said(policyText('{}'), policyText('{classes: [{name: default, default: true}]}'))).toEqual([]);
  });
});

describe('of variables', () => {
  const document = (source: string) => {
    const parsed = parseDocuments(source).documents[0]!;
    return { document: parsed.document as PolicyDocument, source: parsed.source };
  };
  const words = (before: string, after: string) => documentChanges(document(before), document(after)).map(({ text }) => text); // prettier-ignore
  const withVariable = (guarantee: string, variables = 'v: {type: percent, default: 10%}') =>
    policyText(`{bandwidth: 10mbit, variables: {${variables}}, classes: [{name: voice, match: [{dscp: ef}], guarantee: "${guarantee}"}, {name: rest, default: true, ceiling: "\${v}"}]}`); // prettier-ignore
  it('are said where one stands in the place of the value that it has', () => {
    expect(words(withVariable('10%'), withVariable('${v}'))).toEqual(['voice: guarantee now given as ${v}']);
    expect(words(withVariable('${v}'), withVariable('10%'))).toEqual(['voice: guarantee no longer given as ${v}']);
    expect(words(withVariable('${v}'), withVariable('${v}'))).toEqual([]);
  });
  it('are said at their declaration, and with the value that they give', () => {
    expect(words(withVariable('10%'), withVariable('10%', 'v: {type: percent, default: 20%}'))).toEqual([
      'variable v: default 10% → 20%',
      'rest: ceiling 10% → 20%',
    ]);
    expect(words(withVariable('10%'), withVariable('10%', 'v: {type: percent, default: 10%}, w: {type: percent, example: 5%}'))).toEqual(['variable w added']); // prettier-ignore
  });
});

// ------------------------------------------------------------------------------------------------ algebra
const rate = fc.oneof(
  fc.integer({ min: 1, max: 100 }).map((percent) => ({ kind: 'percent' as const, percent })),
  fc.integer({ min: 8_000, max: 9e6 }).map((bits) => ({ kind: 'absolute' as const, bits }))
);
const option = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const body = fc.record({
  match: option(fc.array(clauses, { minLength: 1, maxLength: 3 })),
  strict: option(fc.boolean()),
  priority: option(fc.integer({ min: 0, max: 6 })),
  guarantee: option(rate),
  ceiling: option(rate),
  share: option(fc.integer({ min: 1, max: 100 })),
  burst: option(fc.integer({ min: 1, max: 1e6 })),
  queue: option(fc.record({ algorithm: option(fc.constantFrom('auto' as const, 'sfq' as const)), ecn: option(fc.boolean()) })),
  objective: option(fc.record({ latency: option(fc.record({ p95: fc.integer({ min: 1, max: 1e6 }) })), loss: option(fc.constantFrom(1, 2)) })),
}); // prettier-ignore
const named = (names: readonly string[], bodies: readonly object[]): TrafficClass[] => [
  ...bodies.map((item, index): TrafficClass => ({ name: names[index]!, ...item })),
  { name: 'rest', default: true },
];
const names = fc.shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 4, maxLength: 4 });
const classesOf = (inner: fc.Arbitrary<TrafficClass[] | undefined>) =>
  fc
    .tuple(names, fc.array(fc.tuple(body, inner), { maxLength: 4 }))
    .map(([given, items]) => named(given, items.map(([item, classes]) => ({ ...item, classes })))); // prettier-ignore
const specs: fc.Arbitrary<PolicySpec> = classesOf(option(classesOf(fc.constant(undefined)))).map((classes) => ({ classes })); // prettier-ignore

/** What the language says about both: figures by class, and where packets go. */
const figures = (spec: PolicySpec, bandwidth: number) =>
  Object.fromEntries(
    flatten(resolve('p', spec, bandwidth).classes).map(({ path, default: fallback, strict, priority, guarantee, ceiling, share, burst, queue, objective }) => [
      path,
      { fallback, strict, priority, guarantee, ceiling, share, burst, queue: { ecn: queue.ecn, algorithm: queue.algorithm ?? 'auto' }, p95: objective?.latency?.p95, loss: objective?.loss },
    ])
  ); // prettier-ignore

/** A few edits of one class, or none. */
const edited = (spec: PolicySpec): fc.Arbitrary<PolicySpec> =>
  fc
    .tuple(fc.nat(), fc.nat(), body, fc.constantFrom('none', 'swap', 'body', 'match', 'remove', 'figure'))
    .map(([i, j, other, how]) => {
      const list = [...spec.classes!];
      const [a, b] = [i % list.length, j % list.length];
      const item = list[a]!;
      switch (how) {
        case 'swap':
          [list[a], list[b]] = [list[b]!, list[a]!];
          break;
        case 'body':
          list[a] = { ...item, ...other, match: item.match };
          break;
        case 'match':
          list[a] = { ...item, match: other.match };
          break;
        case 'figure':
          list[a] = { ...item, guarantee: other.guarantee };
          break;
        case 'remove':
          list.splice(a, item.name === 'rest' ? 0 : 1);
          break;
      }
      return { classes: list };
    });
const pairs = specs.chain((before) => fc.tuple(fc.constant(before), edited(before).chain(edited)));

/** The same meaning in another spelling. */
const respelt = (classes: readonly TrafficClass[], random: (length: number) => number): TrafficClass[] =>
  classes.map(({ match, classes: inner, ...item }) => ({
    ...(inner && { classes: respelt(inner, random) }),
    ...item,
    description: 'another',
    default: item.default ?? false,
    priority: item.priority ?? 3,
    ...(match && { match: match.map(shuffled).sort(() => random(3) - 1) }),
  }));
const shuffled = (clause: Clause): Clause =>
  Object.fromEntries(
    Object.entries(clause).reverse().map(([key, value]) => [key, Array.isArray(value) ? [...value, value[0]].reverse() : value]) // prettier-ignore
  );

describe('between any two policies', () => {
  it('are none when one says the same in other words', () => {
    fc.assert(
      fc.property(specs, fc.infiniteStream(fc.nat()), (spec, stream) => {
        const random = (length: number) => (stream.next().value as number) % length;
        expect(changes(spec, { classes: respelt(spec.classes!, random) })).toEqual([]);
      }),
      { numRuns: 300 }
    );
  });
  it('are none only where every figure is the same and every packet goes where it went', () => {
    let none = 0;
    fc.assert(
      fc.property(pairs, fc.array(packets, { minLength: 20, maxLength: 20 }), ([before, after], sent) => {
        if (changes(before, after).length > 0) {
          return;
        }
        none++;
        expect(figures(after, 7_654_321)).toEqual(figures(before, 7_654_321));
        const where = (spec: PolicySpec) => {
          const { classes } = resolve('p', spec, 1e7);
          return sent.map((packet) => classify(classes, packet).path);
        };
        expect(where(after)).toEqual(where(before));
      }),
      { numRuns: 600 }
    );
    expect(none).toBeGreaterThan(20);
  });
  it('are as many the other way round, of the same classes, with what came being what went', () => {
    const turned = {
      added: 'removed',
      removed: 'added',
      changed: 'changed',
      moved: 'moved',
      reclassified: 'reclassified',
    } as const;
    const twoClasses = (kind: string) => kind === 'moved' || kind === 'reclassified';
    fc.assert(
      fc.property(fc.oneof(pairs, fc.tuple(specs, specs)), ([before, after]) => {
        fc.pre(reclassified(before.classes!, after.classes!).complete && reclassified(after.classes!, before.classes!).complete); // prettier-ignore
        const forth = changes(before, after).map(({ kind, class: of }) => `${turned[kind]} ${twoClasses(kind) ? '' : of}`); // prettier-ignore
        const back = changes(after, before).map(({ kind, class: of }) => `${kind} ${twoClasses(kind) ? '' : of}`);
        expect(back.sort()).toEqual(forth.sort());
      }),
      { numRuns: 150 }
    );
  });
});
