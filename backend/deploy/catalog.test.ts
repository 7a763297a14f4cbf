import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bindingText, policyText, targetText } from '../daemon/testing.ts';
import { parseDocuments, type BindingDocument, type PolicyDocument } from '../policy/index.ts';
import { openStore, revisionOf, type Store } from '../store/index.ts';
import { bandwidthFor, Catalog } from './catalog.ts';
import { DeployFailure } from './failure.ts';
import { intentMaker } from './intent.ts';
import { judgeSource } from './judged.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clearpath-catalog-'));
  store = await openStore(folder);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});
const save = async (...sources: string[]) => {
  for (const source of sources) {
    const { kind, metadata } = parseDocuments(source).documents[0]!.document;
    await store.documents.save('main', kind, metadata.name, source, 'ann', undefined);
  }
};
const bindings = () => new Catalog(store, ['enter']).bindings('main');
const said = (findings: ReadonlyArray<{ code: string; path: string }>) =>
  findings.map(({ code, path }) => `${code} ${path}`);

describe('the judgement of a text', () => {
  it('has the document, its revision, its resolution and the way back to its lines', () => {
    const judged = judgeSource(policyText());
    expect(judged).toMatchObject({
      revision: revisionOf(policyText()),
      findings: [],
      resolved: { name: 'branch', bandwidth: 10e6 },
    });
    expect(judged.document?.metadata.name).toBe('branch');
    expect([
      judged.line('spec.classes[1].default'),
      judged.line('spec.classes[0].queue.target'),
      judged.line('spec.classes[9]'),
    ]).toEqual([8, 7, 6]);
  });
  it('is for the link that it is asked about', () => {
    expect(judgeSource(policyText(), 500_000).findings.map(({ code, line }) => `${code} ${line}`)).toEqual([
      'CP-CEILING-PARENT 7',
      'CP-GUARANTEE-SUM 7',
      'CP-STRICT-SHARE 7',
    ]);
    expect(judgeSource(policyText('branch', 'scheduler: auto'))).toMatchObject({
      findings: [{ code: 'CP-BANDWIDTH-UNKNOWN' }],
      resolved: undefined,
    });
    expect(judgeSource(policyText('branch', 'scheduler: auto'), 1e9).resolved?.bandwidth).toBe(1e9);
  });
  it('has no document of a text that cannot be read, or that holds another or several', () => {
    for (const [text, path] of [
      ['{', ''],
      ['', ''],
      [targetText('t'), 'kind'],
      [`${policyText()}---\n${policyText('b')}`, 'kind'],
      [`${policyText()}---\n${targetText('t')}`, 'kind'],
    ]) {
      const judged = judgeSource(text!);
      expect([judged.document, judged.resolved, judged.findings[0]?.path, judged.findings[0]?.severity]).toEqual([
        undefined,
        undefined,
        path,
        'error',
      ]);
      expect(judged.line('spec')).toBeUndefined();
    }
  });
  it('keeps the errors of a broken document beside a good one', () => {
    expect(
      judgeSource(`${policyText()}---\nkind: Target\n`).findings.some(({ severity }) => severity === 'error')
    ).toBe(true);
  });
});

describe('the catalog', () => {
  it('binds a policy to an interface, with site and service', async () => {
    await save(
      policyText(),
      targetText('edge', 'ns1').replace('site: edge', 'site: Graz'),
      bindingText('uplink', 'edge', 'wan0')
    );
    expect(await bindings()).toMatchObject([
      {
        name: 'uplink',
        device: 'wan0',
        place: { namespace: 'ns1', enter: ['enter'] },
        site: 'Graz',
        service: 'branch',
        findings: [],
        policy: { stored: { name: 'branch' } },
      },
    ]);
    await save(
      bindingText('uplink', 'edge', 'wan0').replace('interfaces', 'service: gold, interfaces'),
      targetText('edge').replace(', labels: { site: edge }', '')
    );
    expect(await bindings()).toMatchObject([{ place: { namespace: undefined }, site: 'edge', service: 'gold' }]);
  });
  it('asks for a proof, where the binding does, also of roll-outs and schedules', async () => {
    const requiring = bindingText('uplink', 'edge', 'wan0').replace('interfaces', 'requireProof: true, interfaces');
    await save(policyText(), targetText('edge'), requiring);
    const [bound] = await bindings();
    const { intent } = await intentMaker()(bound!, 'main', policyText());
    expect(intent).toMatchObject({ requiresProof: true, revision: revisionOf(policyText()) });
  });
  it('names what is missing, at the binding', async () => {
    await save(bindingText('uplink', 'nowhere', 'wan0', 'nothing'));
    const [bound] = await bindings();
    expect(said(bound!.findings)).toEqual(['CP-REFERENCE spec.policy', 'CP-REFERENCE spec.target']);
    expect(bound).toMatchObject({ policy: undefined, target: undefined, site: 'nowhere', service: 'nothing' });
  });
  it('names what this version does not act on, of the target too', async () => {
    await save(policyText(), targetText('edge').replace('linux', 'ios'), bindingText('uplink', 'edge'));
    expect(
      (await bindings())[0]!.findings.map(({ code, path, document }) => `${code} ${path} ${document ?? ''}`)
    ).toEqual(['CP-NOT-YET spec.platform Target/edge']);
  });
  it('reads the policy with the binding’s values, and judges those at the binding', async () => {
    const spec = 'variables: { line: { type: rate, example: 10mbit } }\n  bandwidth: ${line}';
    const given = (values: string) =>
      bindingText('a', 'edge').replace('interfaces', `variables: ${values}, interfaces`);
    await save(policyText('branch', spec), targetText('edge'), given('{ line: 7mbit }'));
    const [bound] = await bindings();
    expect([bound!.findings, bound!.policy!.document!.spec.bandwidth]).toEqual([[], { kind: 'absolute', bits: 7e6 }]);
    expect(judgeSource(bound!.policy!.stored.source, undefined, bound!.values).resolved?.bandwidth).toBe(7e6);
    await save(given('{ lime: 1 }'));
    expect(said((await bindings())[0]!.findings)).toEqual([
      'CP-VARIABLE-UNKNOWN spec.variables.lime',
      'CP-VARIABLE-MISSING spec.variables.line',
    ]);
    expect((await bindings())[0]!.policy!.document).toBeUndefined();
  });
  it('gives a conflict to the later of two bindings only', async () => {
    await save(policyText(), targetText('edge'), bindingText('a', 'edge'), bindingText('b', 'edge'));
    expect((await bindings()).map(({ name, findings }) => [name, said(findings)])).toEqual([
      ['a', []],
      ['b', ['CP-BINDING-CONFLICT spec.interfaces[0]']],
    ]);
  });
  it('knows who uses a policy, and one binding by its name', async () => {
    await save(
      policyText(),
      targetText('edge'),
      bindingText('a', 'edge'),
      bindingText('b', 'edge', 'wan1'),
      bindingText('c', 'edge', 'wan2', 'other')
    );
    const catalog = new Catalog(store, []);
    expect([...(await catalog.usedBy('main'))]).toEqual([
      ['branch', ['a', 'b']],
      ['other', ['c']],
    ]);
    expect((await catalog.binding('main', 'b'))?.device).toBe('wan1');
    expect(await catalog.binding('main', 'absent')).toBeUndefined();
    expect(await catalog.bindings('other')).toEqual([]);
  });
});

describe('the bandwidth of a link', () => {
  const place = { namespace: undefined, enter: [] };
  const policy = (spec?: string) => parseDocuments(policyText('branch', spec)).documents[0]!.document as PolicyDocument;
  const binding = (more: string) => parseDocuments(bindingText('a', 'edge').replace('interfaces', `${more}interfaces`)).documents[0]!.document as BindingDocument; // prettier-ignore
  it('is the binding’s, else the policy’s', async () => {
    expect(await bandwidthFor(place, 'lo', binding('bandwidth: 5mbit, '), policy())).toBe(5e6);
    expect(await bandwidthFor(place, 'lo', binding(''), policy())).toBe(10e6);
    expect(await bandwidthFor(place, 'lo', undefined, policy())).toBe(10e6);
  });
  it('is unknown where neither says it and the interface does not know it', async () => {
    const unknown = bandwidthFor(place, 'lo', binding(''), policy('scheduler: auto'));
    await expect(unknown).rejects.toThrow(DeployFailure);
    await expect(unknown).rejects.toMatchObject({
      code: 'CP-BANDWIDTH-UNKNOWN',
      path: 'spec.bandwidth',
      message:
        'Neither the policy nor the binding names a bandwidth, and lo is virtual or does not know its speed; nothing was planned. Add bandwidth, e.g. bandwidth: 19mbit.',
    });
  });
});
