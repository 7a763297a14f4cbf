import { describe, expect, it } from 'vitest';
import { parseDocuments } from './document.ts';
import { classesText, findingsOf, placesOf, policyText } from './testing.ts';

const target = (name: string) =>
  `apiVersion: clearpath/v1\nkind: Target\nmetadata: { name: ${name} }\nspec: { platform: linux }\n`;
const said = (source: string) => placesOf(parseDocuments(source).findings);
const messages = (source: string) => parseDocuments(source).findings.map(({ message }) => message);

describe('reading YAML', () => {
  it('says at which line a text is not YAML', () => {
    const { documents, findings } = parseDocuments('kind: Policy\nspec: { classes: [ }\n');
    expect(documents).toEqual([]);
    expect(findings[0]).toMatchObject({ code: 'CP-YAML', severity: 'error', line: 2 });
    expect(findings[0]!.message).toMatch(/^This is not YAML: .*\.$/);
  });
  it('refuses aliases at the place where one is used', () => {
    expect(parseDocuments('a: &x 1\nb: *x\n').findings).toEqual([
      {
        code: 'CP-YAML',
        severity: 'error',
        path: '',
        message: 'YAML aliases (*name) are not part of the policy language. Write the value out.',
        line: 2,
        column: 4,
      },
    ]);
  });
  it('does not merge keys: "<<" is a key that nobody knows', () => {
    expect(said(`${target('a')}<<: { metadata: { name: b } }\n`)).toEqual(['CP-UNKNOWN-KEY 5 <<']);
  });
  it('refuses a key that stands twice, at its second place', () => {
    expect(parseDocuments('kind: Policy\nkind: Target\n').findings).toEqual([
      {
        code: 'CP-YAML',
        severity: 'error',
        path: '',
        message: '"kind" stands twice here. Keep one.',
        line: 2,
        column: 1,
      },
    ]);
  });
  it('refuses tags instead of ignoring them', () => {
    expect(messages('kind: !secret Policy')).toEqual(['This is not YAML: Unresolved tag: !secret.']);
  });
  it.each(['', '# only a comment\n', '---\n', '---\n---\n...\n'])('says that %j holds no document', (source) => {
    expect(parseDocuments(source).findings).toEqual([
      { code: 'CP-EMPTY', severity: 'error', path: '', message: 'The text holds no document.' },
    ]);
  });
  it('takes a million characters and not one more', () => {
    const long = (length: number) => `${target('a')}#${'x'.repeat(length - target('a').length - 1)}`;
    expect(parseDocuments(long(1_000_000)).documents).toHaveLength(1);
    expect(messages(long(1_000_001))).toEqual([
      'The text is longer than a million characters. Divide it into several files.',
    ]);
  });
  it.each([
    ['lists', '['.repeat(400_000)],
    ['maps', '{a: '.repeat(200_000)],
    ['sequences', '- '.repeat(400_000)],
    ['closed lists', `a: ${'['.repeat(100)}${']'.repeat(100)}`],
  ])('refuses %s nested without end, at once', (_, source) => {
    const began = performance.now();
    expect(messages(source)).toEqual(['This nests more than 64 levels deep.']);
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe('finding documents in a text', () => {
  it('reads several, each with its own text and its own places', () => {
    const text = `# of a\n${target('a')}---\n# of b\n${target('b')}--- # of c\n${target('c')}`;
    const { documents, findings } = parseDocuments(text);
    expect(findings).toEqual([]);
    expect(documents.map(({ document }) => document.metadata.name)).toEqual(['a', 'b', 'c']);
    expect(documents.map(({ source }) => source)).toEqual([
      `# of a\n${target('a')}`,
      `# of b\n${target('b')}`,
      `--- # of c\n${target('c')}`,
    ]);
    expect(documents.map(({ locate }) => locate(['metadata', 'name'])?.line)).toEqual([4, 10, 15]);
    expect(documents.map(({ source }) => parseDocuments(source).documents[0]!.document)).toEqual(
      documents.map(({ document }) => document)
    );
  });
  it('keeps the good ones beside a bad one, and names the bad one', () => {
    const { documents, findings } = parseDocuments(`${target('a')}---\n${target('b').replace('linux', 'plan9')}`);
    expect(documents.map(({ document }) => document.metadata.name)).toEqual(['a']);
    expect(findings).toMatchObject([{ code: 'CP-INVALID', document: 'Target/b', line: 9, path: 'spec.platform' }]);
  });
  it('refuses one name twice, at the second', () => {
    expect(parseDocuments(`${target('a')}---\n${target('a')}`).findings).toEqual([
      {
        code: 'CP-DUPLICATE',
        severity: 'error',
        path: 'metadata.name',
        message: 'Target/a stands twice in this text. Keep one.',
        document: 'Target/a',
        line: 8,
        column: 13,
      },
    ]);
  });
  it('does not mind a byte that ends the lines in another way', () => {
    expect(said(target('a').replaceAll('\n', '\r\n'))).toEqual([]);
  });
});

describe('kinds', () => {
  const kind = (word: string) => parseDocuments(`apiVersion: clearpath/v1\nkind: ${word}\n`).findings[0];
  it.each(['Objective', 'Application', 'Intent', 'Trial', 'Slice', 'Site'])(
    'refuses the later kind %s by name',
    (word) => {
      expect(kind(word)).toEqual({
        code: 'CP-NOT-YET',
        severity: 'error',
        path: 'kind',
        message: `Documents of kind ${word} are part of the language, but this version does not read them yet.`,
        line: 2,
        column: 1,
      });
    }
  );
  it('suggests the nearest kind', () => {
    expect(kind('Polcy')).toMatchObject({
      code: 'CP-INVALID',
      message: '"Polcy" is not a kind of document. It is Policy, Target or Binding.',
      hint: 'Did you mean "Policy"?',
    });
  });
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', '5', '[Policy]', '{Policy: 1}'])(
    'takes %s for no kind, whatever JavaScript knows by that name',
    (word) => expect(kind(word)).toMatchObject({ code: 'CP-INVALID', path: 'kind', line: 2 })
  );
  it.each(['5', 'null', 'text', '[a, b]'])('says of the document %s that it has no kind', (source) => {
    expect(messages(`--- ${source}`)).toEqual(['The document has no kind. It is Policy, Target or Binding.']);
  });
});

describe('shapes', () => {
  const at = (path: string, source: string) => parseDocuments(source).findings.find((item) => item.path === path);

  it('suggests the nearest known key, and lists them where none is near', () => {
    const text = classesText('{name: a, guarante: 1mbit, match: [{dcsp: ef}]}', '{name: b, zebra: 1, default: true}');
    expect(findingsOf(text)).toMatchObject([
      { code: 'CP-UNKNOWN-KEY', line: 5, path: 'spec.classes[0].guarante', message: '"guarante" is not a key here.', hint: 'Did you mean "guarantee"?' },
      { code: 'CP-UNKNOWN-KEY', line: 5, path: 'spec.classes[0].match[0].dcsp', hint: 'Did you mean "dscp"?' },
      { code: 'CP-UNKNOWN-KEY', line: 6, path: 'spec.classes[1].zebra', hint: expect.stringMatching(/^Known keys: name, description, match, default/) as string },
    ]); // prettier-ignore
  });
  it('knows the keys of every level', () => {
    expect(at('spec.classes[0].classes[0].queue.flow', classesText('{name: a, classes: [{name: b, queue: {flow: 1}}]}'))?.hint).toBe('Did you mean "flows"?'); // prettier-ignore
    expect(at('spec.classes[0].objective.latency.p96', classesText('{name: a, objective: {latency: {p96: 1ms}}}'))?.hint).toBe('Did you mean "p95"?'); // prettier-ignore
    expect(at('metadata.label', `${target('a').replace('{ name: a }', '{ name: a, label: {} }')}`)?.hint).toBe('Did you mean "labels"?'); // prettier-ignore
  });
  it.each(['__proto__', 'constructor', 'prototype', 'toString'])('refuses the key %s at every level', (key) => {
    for (const text of [
      `${target('a')}${key}: 1\n`,
      target('a').replace('platform', `${key}: 1, platform`),
      classesText(`{name: a, ${key}: {default: true}}`),
      classesText(`{name: a, match: [{${key}: ef}]}`),
    ]) {
      expect(parseDocuments(text).findings[0]).toMatchObject({
        severity: 'error',
        message: `"${key}" is not a key here.`,
      });
    }
    expect(messages(target('a').replace('{ name: a }', `{ name: a, labels: { __proto__: x } }`))).toEqual(['"__proto__" is not a key here.']); // prettier-ignore
    expect(({} as Record<string, unknown>).default).toBeUndefined();
  });
  it('says what is required, what it expected and what it found', () => {
    expect(findingsOf('kind: Policy')).toMatchObject([
      { path: 'apiVersion', message: 'apiVersion is clearpath/v1.' },
      { path: 'metadata', message: 'This key is required.' },
      { path: 'spec', message: 'This key is required.' },
    ]);
    expect(at('metadata.description', target('a').replace('name: a', 'name: a, description: 5'))?.message).toBe('Expected text, found number 5.'); // prettier-ignore
    expect(at('spec.classes', policyText('{classes: {}}'))?.message).toBe('Expected a list, found keys with values.');
    expect(at('spec.classes[0]', classesText('5'))?.message).toBe('Expected keys with values, found number 5.');
    expect(at('spec', policyText('null'))?.message).toBe('Expected keys with values, found nothing.');
    expect(at('spec.scheduler', policyText('{scheduler: htp}'))?.message).toMatch(/^"htp" is none of auto, htb, hfsc/);
    expect(at('spec.classes[0].queue.flows', classesText('{name: a, queue: {flows: 0}}'))?.message).toBe('Expected at least 1, found number 0.'); // prettier-ignore
    expect(at('spec.classes[0].priority', classesText('{name: a, priority: 7}'))?.message).toBe('priority is 0 to 6, 6 the most important.'); // prettier-ignore
    expect(at('spec.classes[0].guarantee', classesText('{name: a, guarantee: }'))?.message).toBe('null is not a rate; write a number with its unit, e.g. 19mbit or 10%.'); // prettier-ignore
    expect(at('spec.classes[0].match[0].dscp[1]', classesText('{name: a, match: [{dscp: [ef, 64]}]}'))?.message).toMatch(/^"64" is not a DSCP/); // prettier-ignore
    expect(at('metadata.name', target('Branch'))?.message).toMatch(/^"Branch" is not a name. A name starts with a small letter/); // prettier-ignore
    expect(at('metadata.labels.Site', target('a').replace('name: a', 'name: a, labels: {Site: x}'))?.message).toBe('A label is named by small letters, digits and underscores.'); // prettier-ignore
  });
  it('refuses empty lists and clauses, which would match nothing or everything', () => {
    expect(at('spec.classes[0].match[0].dscp', classesText('{name: a, match: [{dscp: []}]}'))?.message).toBe('An empty list matches nothing. Remove the key or list at least one value.'); // prettier-ignore
    expect(at('spec.classes[0].match[0]', classesText('{name: a, match: [{}]}'))?.message).toBe('An empty clause would match everything. Name at least one condition.'); // prettier-ignore
    expect(at('spec.classes[0].match', classesText('{name: a, match: []}'))?.message).toBe('An empty match selects nothing. Remove the class or say what belongs to it.'); // prettier-ignore
    expect(at('spec.classes', policyText('{classes: []}'))?.message).toBe('An empty list of classes holds no traffic. Remove the key to get one default class.'); // prettier-ignore
  });
  it('lists at most 500 findings, and says that there are more', () => {
    const many = classesText(...Array.from({ length: 2000 }, (_, i) => `{name: a${i}, zebra: 1}`));
    const { findings } = parseDocuments(many);
    expect(findings).toHaveLength(501);
    expect(findings.at(-1)).toEqual({ code: 'CP-MORE', severity: 'info', path: '', message: 'There are further findings, which are not listed. Correct these first.' }); // prettier-ignore
  });
});

describe('names that reach a command', () => {
  const binding = (name: string) =>
    parseDocuments(`{apiVersion: clearpath/v1, kind: Binding, metadata: {name: b}, spec: {policy: p, target: t, interfaces: [${JSON.stringify(name)}]}}`).findings; // prettier-ignore
  it.each(['wan0', 'eth0.100', 'br-lan', 'enp3s0f0np0', '_x', 'vlan@eth0'])('takes the interface %s', (name) => {
    expect(binding(name)).toEqual([]);
  });
  it.each([
    'eth0#',
    'eth0;reboot',
    '$(reboot)',
    '`id`',
    'a b',
    'a\nb',
    "a'b",
    'a"b',
    'a\\',
    '-batch',
    '.',
    '..',
    '',
    'x'.repeat(16),
    'a/b',
    'a:b',
    'a\0b',
    'a|b',
    'ä',
  ])('refuses the interface %j', (name) => {
    expect(binding(name)).toMatchObject([{ code: 'CP-INVALID', path: 'spec.interfaces[0]' }]);
  });
  it.each(['../../etc', 'a b', '-n', '$(id)', 'a;b', ''])('refuses the network namespace %j', (name) => {
    expect(said(target('a').replace('platform', `namespace: ${JSON.stringify(name)}, platform`))).toEqual([
      'CP-INVALID 4 spec.namespace',
    ]);
  });
  it.each(['10.0.0.1:x', 'host', 'a b:1', '$(id):1', '-x:1', 'a:123456'])('refuses the reflector %j', (reflector) => {
    const text = `{apiVersion: clearpath/v1, kind: Binding, metadata: {name: b}, spec: {policy: p, target: t, interfaces: [a], probe: {reflector: ${JSON.stringify(reflector)}}}}`;
    expect(said(text)).toEqual(['CP-INVALID 1 spec.probe.reflector']);
  });
  it.each(['1us', '100h'])('refuses a probe every %s', (interval) => {
    const text = `{apiVersion: clearpath/v1, kind: Binding, metadata: {name: b}, spec: {policy: p, target: t, interfaces: [a], probe: {reflector: 'h:1', interval: ${interval}}}}`;
    expect(messages(text)).toEqual(['interval is 1ms to 10s between two probe packets.']);
  });
});
