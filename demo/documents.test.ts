import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { DOCUMENTS } from '../backend/policy/schema.ts';
import { documentFiles } from './documents.ts';
import { ADDRESSES, DEFAULT_PREFIX, namespacesOf, REFLECTOR_PORT } from './topology.ts';

interface Read {
  kind: keyof typeof DOCUMENTS;
  spec: { namespace?: string; probe?: { reflector: string } };
}

function read(prefix: string): Read[] {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'clearpath-documents-'));
  try {
    return documentFiles(prefix, folder).flatMap((file) =>
      parseAllDocuments(readFileSync(file, 'utf8')).map((each) => each.toJS() as Read)
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it.each([DEFAULT_PREFIX, 'other'])('the documents of the prefix %s are valid and name its branch', (prefix) => {
  const documents = read(prefix);
  expect(documents.map(({ kind }) => kind).sort()).toEqual(['Binding', 'Policy', 'Target']);
  for (const each of documents) {
    expect(DOCUMENTS[each.kind].safeParse(each)).toMatchObject({ success: true });
  }
  expect(documents.find(({ kind }) => kind === 'Target')?.spec.namespace).toBe(namespacesOf(prefix).branch);
  expect(documents.find(({ kind }) => kind === 'Binding')?.spec.probe?.reflector).toBe(
    `${ADDRESSES.dc.v4}:${REFLECTOR_PORT}`
  );
});

it('the documents of docker-compose.yaml differ only in naming no namespace', () => {
  const container = parseAllDocuments(
    readFileSync(new URL('../docker/documents/branch.yaml', import.meta.url), 'utf8')
  );
  const specs = (documents: Read[]) =>
    documents.map(({ kind, spec }) => ({ kind, spec: { ...spec, namespace: null } }));
  expect(specs(container.map((each) => each.toJS() as Read))).toEqual(
    specs(read(DEFAULT_PREFIX).filter(({ kind }) => kind !== 'Policy'))
  );
});
