import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../store/index.ts';
import { importDocuments } from './documents.ts';
import { SettingsError } from './settings.ts';
import { bindingText, policyText, targetText } from './testing.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clearpath-documents-'));
  store = await openStore(join(folder, 'state'));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const load = async (...paths: string[]) => (await importDocuments(store, 'main', paths)).stored;
const stored = async () =>
  (await Promise.all(['Policy', 'Target', 'Binding'].map((kind) => store.documents.list('main', kind)))).flat().map(({ kind, name }) => `${kind}/${name}`); // prettier-ignore

describe('documents given as files', () => {
  it('are stored as they stand, with their comments', async () => {
    const text = `# of the branch\n${policyText()}`;
    expect(await load(file('a.yaml', text))).toEqual(['Policy/branch']);
    expect(await store.documents.head('main', 'Policy', 'branch')).toMatchObject({
      source: text,
      savedBy: 'clearpathd',
    });
  });
  it('may be several in a file and several files in a folder, in the order of their names', async () => {
    mkdirSync(join(folder, 'd'));
    file('d/2.yaml', `${targetText('site')}---\n${bindingText('uplink', 'site')}`);
    file('d/1.yml', policyText());
    file('d/README.md', '{');
    expect(await load(join(folder, 'd'))).toEqual(['Policy/branch', 'Target/site', 'Binding/uplink']);
    expect((await store.documents.head('main', 'Binding', 'uplink'))?.source).toBe(bindingText('uplink', 'site'));
  });
  it('say what a target or a binding is at every start, with every version kept and the file in the audit', async () => {
    const path = file('a.yaml', targetText('site'));
    await load(path);
    expect(await load(path)).toEqual([]);
    file('a.yaml', targetText('site', 'other'));
    expect(await load(path)).toEqual(['Target/site']);
    expect((await store.documents.versions('main', 'Target', 'site')).map(({ number }) => number)).toEqual([2, 1]);
    expect((await store.audit.list('main'))[0]).toMatchObject({
      by: 'clearpathd',
      action: 'target.save',
      subject: 'Target/site',
      detail: expect.stringMatching(`^revision [0-9a-f]+, as ${path} says$`) as string,
    });
    expect((await importDocuments(store, 'main', [path])).files).toEqual(new Map([['Target/site', path]]));
  });
  it('never overwrite a policy that an operator has saved since', async () => {
    const path = file('a.yaml', policyText());
    await load(path);
    const edited = policyText('branch', 'bandwidth: 5mbit');
    await store.documents.save('main', 'Policy', 'branch', edited, 'ann', undefined);
    expect(await load(path, file('b.yaml', targetText('site')))).toEqual(['Target/site']);
    expect((await store.documents.head('main', 'Policy', 'branch'))?.source).toBe(edited);
  });
});

describe('documents that are wrong', () => {
  const refused = async (...paths: string[]): Promise<string[]> => {
    const error: unknown = await load(...paths).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SettingsError);
    expect(await stored()).toEqual([]);
    return (error as SettingsError).message.split('\n');
  };
  it('are named by file, line and path, all of them, and nothing is stored', async () => {
    const good = file('good.yaml', policyText('good'));
    const bad = file('bad.yaml', `${targetText('site')}---\n${policyText('bad', 'bandwidth: 1kbit')}`);
    const worse = file('worse.yaml', 'kind: Policy\nspec: {\n');
    expect(await refused(good, bad, worse)).toEqual([
      `${bad}:12: spec.classes[0].guarantee: "voice" may send 1 Mbit/s, but the link carries at most 1 kbit/s.`,
      `${bad}:12: spec.classes[0].guarantee: Guarantees add up to 1 Mbit/s, but the link has 1 kbit/s: when everything is full, 999 kbit/s of what was promised does not exist (voice 1 Mbit/s).`,
      expect.stringMatching(new RegExp(`^${worse}:3: This is not YAML: `)) as string,
    ]);
  });
  it('are refused too where they are targets and bindings that nothing would act on', async () => {
    const path = file('a.yaml', targetText('site').replace('linux', 'junos'));
    expect(await refused(path)).toEqual([
      `${path}:4: spec.platform: The platform "junos" is part of the language, but this version does not act on it yet.`,
    ]);
  });
  it('are refused when two files hold one of them', async () => {
    const [a, b] = [file('a.yaml', policyText()), file('b.yaml', policyText('branch', 'bandwidth: 7mbit'))];
    expect(await refused(a, b)).toEqual([`${b}: Policy/branch already stands in ${a}. Keep one.`]);
  });
  it('are refused when they are not there', async () => {
    const absent = join(folder, 'absent.yaml');
    expect(await refused(absent)).toEqual([
      `CLEARPATH_DOCUMENTS names ${absent}, which cannot be read: ENOENT: no such file or directory, stat '${absent}'.`,
    ]);
  });
});
