import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { editData } from './edit-data.ts';
import { applyEdits, EditError } from './edit.ts';
import type { Edit } from './finding.ts';

const BLOCK = `# The branch
apiVersion: clearpath/v1
kind: Policy
metadata: { name: edge } # its name
spec:
  bandwidth: 19mbit
  classes:
    # Telephones
    - name: voice # EF
      match: [ { dscp: [ef, va] } ]
      strict: true
      guarantee: 10%

    # Everything that pays
    - name: web
      match:
        - ports: [80, 443]
        - { dscp: af21,   protocol: tcp }
      guarantee: 40%   # as sold
    - { name: rest, default: true }
`;

describe('an edit of a text', () => {
  it.each<[string, Edit[], (text: string) => string]>([
    ['sets a value in its place', [{ op: 'set', path: 'spec.classes[1].guarantee', value: '35%' }], (text) => text.replace('40%', '35%')],
    ['adds a key behind the other figures', [{ op: 'set', path: 'spec.classes[1].priority', value: 5 }], (text) => text.replace('# as sold\n', '# as sold\n      priority: 5\n')],
    ['adds a key within braces', [{ op: 'set', path: 'spec.classes[2].guarantee', value: '5%' }], (text) => text.replace('default: true }', 'default: true, guarantee: 5% }')],
    ['takes a line out', [{ op: 'remove', path: 'spec.classes[0].strict' }], (text) => text.replace('      strict: true\n', '')],
    ['takes a part of a line out', [{ op: 'remove', path: 'spec.classes[1].match[1].dscp' }], (text) => text.replace('dscp: af21,   ', '')],
    ['takes an element out with its comment', [{ op: 'remove', path: 'spec.classes[1]' }], (text) => text.replace(/ {4}# Everything[\s\S]*sold\n/, '')],
    ['puts an element in, a key a line where the others are', [{ op: 'insert', path: 'spec.classes[0]', value: { name: 'control', match: [{ dscp: ['cs6'] }] } }], (text) => text.replace('    # Telephones', '    - name: control\n      match: [ { dscp: [ cs6 ] } ]\n    # Telephones')],
    ['puts an element at the end', [{ op: 'insert', path: 'spec.classes[3]', value: { name: 'more' } }], (text) => `${text}    - name: more\n`],
    ['moves an element with its comment', [{ op: 'move', from: 'spec.classes[1]', path: 'spec.classes[0]' }], (text) => {
      const web = /( {4}# Everything[\s\S]*sold\n)/.exec(text)![1]!;
      return text.replace(web, '').replace('    # Telephones', `${web}    # Telephones`);
    }],
    ['names a key otherwise', [{ op: 'move', from: 'spec.classes[1].guarantee', path: 'spec.classes[1].ceiling' }], (text) => text.replace('guarantee: 40%', 'ceiling: 40%')],
    ['does one after the other', [{ op: 'insert', path: 'spec.classes[0]', value: { name: 'a' } }, { op: 'set', path: 'spec.classes[0].name', value: 'b' }], (text) => text.replace('    # Telephones', '    - name: b\n    # Telephones')],
  ])('%s, and leaves every other character alone', (_, edits, wanted) => {
    expect(applyEdits(BLOCK, edits)).toBe(wanted(BLOCK));
  }); // prettier-ignore

  it('means one document of several by kind and name', () => {
    const both = `${BLOCK}---\n${BLOCK.replace('name: edge', 'name: core')}`;
    const edited = applyEdits(both, [{ op: 'set', path: 'spec.bandwidth', value: '1gbit' }], 'Policy/core');
    expect(edited).toBe(`${BLOCK}---\n${BLOCK.replace('name: edge', 'name: core').replace('19mbit', '1gbit')}`);
  });
  it('works on a last line without a line break', () => {
    const text = 'spec:\n  classes:\n    - name: a';
    expect(applyEdits(text, [{ op: 'set', path: 'spec.classes[0].ceiling', value: '5%' }])).toBe(`${text}\n      ceiling: 5%`); // prettier-ignore
    expect(applyEdits(text, [{ op: 'insert', path: 'spec.classes[1]', value: { name: 'b' } }])).toBe(`${text}\n    - name: b`); // prettier-ignore
  });
  it.each<[Edit]>([
    [{ op: 'remove', path: 'spec.classes[7]' }],
    [{ op: 'remove', path: 'spec.classes[0].queue' }],
    [{ op: 'insert', path: 'spec.classes[9]', value: 1 }],
    [{ op: 'set', path: 'spec.none.below', value: 1 }],
    [{ op: 'move', from: 'spec.classes[0]', path: 'spec.bandwidth' }],
    [{ op: 'move', from: 'spec.classes[0].name', path: 'spec.classes[0].strict' }],
  ])('refuses a place that is not there: %o', (edit) => {
    expect(() => applyEdits(BLOCK, [edit])).toThrow(EditError);
  });
  it('refuses a text that is no YAML', () => {
    expect(() => applyEdits('{', [{ op: 'set', path: 'a', value: 1 }])).toThrow(/cannot be read as YAML/);
  });
});

/** A policy's shape: maps and lists of them, with scalars of every kind of quoting. */
const scalar = fc.constantFrom<string | number | boolean>('10%', '19mbit', 'ef', 5, true, 'a: b', "it's", '# no comment', '- x', ''); // prettier-ignore
const key = fc.constantFrom('name', 'match', 'guarantee', 'ceiling', 'classes', 'queue');
const tree = fc.letrec<{ map: object; list: unknown[]; value: unknown }>((tie) => ({
  map: fc.dictionary(key, tie('value'), { minKeys: 1, maxKeys: 4 }),
  list: fc.oneof(
    fc.array(tie('map'), { minLength: 1, maxLength: 4 }),
    fc.array(scalar, { minLength: 1, maxLength: 3 })
  ),
  value: fc.oneof({ depthSize: 'small' }, scalar, tie('map'), tie('list')),
}));
const places = (value: unknown, at = ''): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([part, below]) => {
        const path = Array.isArray(value) ? `${at}[${part}]` : at ? `${at}.${part}` : part;
        return [path, ...places(below, path)];
      });
/** A comment above every line that begins an element or a key in a block, and behind some. */
const commented = (text: string) =>
  text
    .split('\n')
    .flatMap((line, i) =>
      /^\s*(- )?[a-z]+:/.test(line) && i % 2 === 0 ? [`${/^ */.exec(line)![0]}# line ${i}`, line] : [line]
    ) // prettier-ignore
    .join('\n');

describe('an edit of any document', () => {
  const edits = fc.record({ op: fc.constantFrom<Edit['op']>('set', 'insert', 'remove', 'move'), at: fc.nat(), to: fc.nat(3), value: fc.oneof(scalar, tree.map) }); // prettier-ignore
  it('comes out as the data says, whatever the style of the text, and loses no comment but of what it takes out', () => {
    let kept = 0;
    fc.assert(
      fc.property(tree.map, fc.constantFrom('block', 'flow', 'any'), edits, (data, style, { op, at, to, value }) => {
        const text = commented(stringify(data, { collectionStyle: style as 'any', lineWidth: 60 }));
        const all = places(data);
        const path = all[at % all.length]!;
        const sibling = path.replace(/(\d+)\]$/, `${to}]`);
        const edit: Edit = op === 'move' ? { op, from: path, path: sibling === path ? `${path}x` : sibling } : op === 'remove' ? { op, path } : { op, path, value: value as string }; // prettier-ignore
        let wanted: unknown;
        try {
          wanted = editData(data, edit);
        } catch {
          expect(() => applyEdits(text, [edit])).toThrow(EditError);
          return;
        }
        const edited = applyEdits(text, [edit]);
        expect(parse(edited)).toEqual(wanted);
        if (op !== 'remove' && op !== 'set') {
          const comments = (from: string) => from.match(/# line \d+/g)?.length ?? 0;
          expect(comments(edited)).toBe(comments(text));
          kept++;
        }
      }),
      { numRuns: 400 }
    );
    expect(kept).toBeGreaterThan(25);
  });
});
