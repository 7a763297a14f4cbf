/** The documents of the demo: a Target, a Binding and the policy, naming the namespaces of a given prefix. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_PREFIX } from './topology.ts';

const HERE = fileURLToPath(new URL('documents/', import.meta.url));
const POLICY = fileURLToPath(new URL('../examples/branch-edge.yaml', import.meta.url));

/**
 * Files to import, as `CLEARPATH_DOCUMENTS` lists them. Another prefix than the default has its namespaces under other
 * names, so its documents are written to `folder` first.
 */
export function documentFiles(prefix: string, folder: string): string[] {
  if (prefix === DEFAULT_PREFIX) {
    return [
      POLICY,
      ...readdirSync(HERE)
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => path.join(HERE, name)),
    ];
  }
  mkdirSync(folder, { recursive: true });
  const policy = path.join(folder, path.basename(POLICY));
  copyFileSync(POLICY, policy);
  const rendered = readdirSync(HERE)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => {
      const file = path.join(folder, name);
      writeFileSync(
        file,
        readFileSync(path.join(HERE, name), 'utf8').replaceAll(`namespace: ${DEFAULT_PREFIX}-`, `namespace: ${prefix}-`)
      );
      return file;
    });
  return [policy, ...rendered];
}
