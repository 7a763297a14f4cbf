import { expect, it } from 'vitest';
import { compareSources } from './compare.ts';

const binding = (spec: string, metadata = '') =>
  `apiVersion: clearpath/v1\nkind: Binding\nmetadata: { name: uplinks${metadata} }\nspec:\n  policy: branch\n  target: site\n${spec}`;
const said = (before: string, after: string) =>
  compareSources('Binding', binding(before), binding(after)).changes?.map(({ text }) => text);

it('says what changed in the words that it is written in, both ways', () => {
  const [old, now] = ['  confirm: 60s\n  bandwidth: 19mbit\n', '  bandwidth: 30mbit\n  reapply: true\n'];
  expect(said(old, now)).toEqual(['confirm 60s → without', 'bandwidth 19mbit → 30mbit', 'reapply no → yes']);
  expect(said(now, old)).toEqual(['bandwidth 30mbit → 19mbit', 'reapply yes → no', 'confirm without → 60s']);
});
it('says of a list what came and what went', () => {
  expect(said('  interfaces: [wan0, wan1]\n', '  interfaces: [wan1, wan2]\n')).toEqual([
    'interfaces: wan0 no longer',
    'interfaces: wan2 as well',
  ]);
});
it('says windows of a schedule, each as a whole', () => {
  const window = (from: string) => `  schedule:\n    - { days: [mon, tue], from: "${from}", to: "18:00", zone: UTC }\n`;
  expect(said('', window('08:00'))).toEqual(['schedule: mon, tue 08:00 to 18:00 UTC as well']);
  expect(said(window('08:00'), window('09:00'))).toEqual([
    'schedule: mon, tue 08:00 to 18:00 UTC no longer',
    'schedule: mon, tue 09:00 to 18:00 UTC as well',
  ]);
});
it('says values of variables, labels and steps of a roll-out by their names', () => {
  const [old, now] = ['  variables: { voice: 2mbit }\n', '  rollout: { canary: 2, waves: [25%, 50%] }\n'];
  expect(said(old, now)).toEqual([
    'variable voice 2mbit → as the policy says',
    'rollout canary not set → 2',
    'rollout waves not set → 25%, 50%',
  ]);
  expect(said(now, now.replace('25%, 50%', '50%'))).toEqual(['rollout waves 25%, 50% → 50%']);
  const target = (site: string) => `apiVersion: clearpath/v1\nkind: Target\nmetadata: { name: site, labels: { site: ${site} } }\nspec: { platform: linux }\n`; // prettier-ignore
  expect(compareSources('Target', target('graz'), target('wien')).changes).toEqual([
    { kind: 'changed', path: 'metadata.labels.site', class: null, text: 'label site graz → wien' },
  ]);
});
it('says nothing of other spellings, defaults that are written out, comments and descriptions', () => {
  const old = binding('  confirm: 60s\n  interfaces: [wan0, wan1]\n');
  const now = binding('  # as before\n  interfaces: [wan1, wan0]\n  confirm: 1m\n  direction: egress\n  reapply: false\n', ', description: other words'); // prettier-ignore
  expect(compareSources('Binding', old, now)).toEqual({ changes: [], unreadable: [] });
});
it('names the text that is no document of the kind', () => {
  expect(compareSources('Binding', binding(''), 'kind: Binding\n')).toEqual({ changes: null, unreadable: ['after'] });
});
