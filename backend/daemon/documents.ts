/** Documents given as files: stored at first start, never over what an operator has saved since. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { judgeSource } from '../deploy/index.ts';
import { hasErrors, parseDocuments, type Finding } from '../policy/index.ts';
import type { Store } from '../store/index.ts';
import { SettingsError } from './settings.ts';

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) {
    return [path];
  }
  return readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

const say = (file: string, finding: Finding) =>
  `${file}${finding.line ? `:${finding.line}` : ''}: ${finding.path}: ${finding.message}`;

/** @throws SettingsError naming file, line and path of what is wrong; nothing of that file is stored. */
export async function importDocuments(store: Store, tenant: string, paths: readonly string[]): Promise<string[]> {
  const added: string[] = [];
  for (const file of paths.flatMap(filesOf)) {
    const source = readFileSync(file, 'utf8');
    const { documents, findings } = parseDocuments(source);
    const wrong = [
      ...findings,
      ...documents.filter((d) => d.document.kind === 'Policy').flatMap((d) => judgeSource(d.source).findings),
    ];
    if (hasErrors(wrong)) {throw new SettingsError(wrong.filter((f) => f.severity === 'error').map((f) => say(file, f)).join('\n'));} // prettier-ignore
    for (const parsed of documents) {
      const { kind, metadata } = parsed.document;
      if (await store.documents.head(tenant, kind, metadata.name)) {
        continue;
      }
      await store.documents.save(
        tenant,
        kind,
        metadata.name,
        documents.length === 1 ? source : parsed.source,
        'clearpathd',
        null
      );
      added.push(`${kind}/${metadata.name}`);
    }
  }
  return added;
}
