/** How Grafana's page may know the sidecar: by the words of the contract, and through its data folder alone. */
import { dirname, join, normalize } from 'node:path';
import type { Breach } from './rooms.ts';
import { globalsOf, importsOf } from './source.ts';

/** Of the sidecar the page knows the contract's types, and the findings that the contract carries. */
const WORDS = ['backend/api/contract.ts', 'backend/policy/finding.ts'];
/** Where those words are spoken: by the pages' data, by the datasource, and by the panel that shows compliance rows. */
const SPEAKERS = ['src/data/', 'src/datasource/', 'src/sla-panel/'];
/** Ways to a server. The datasource goes by Grafana's own DataSourceWithBackend and Live. */
const ROADS = new Set([
  'fetch',
  'XMLHttpRequest',
  'EventSource',
  'WebSocket',
  'navigator.sendBeacon',
  'Worker',
  'SharedWorker',
]);
const CALLERS = new Set(['getBackendSrv', 'BackendSrv']);
const WITH_ROADS = ['src/data/'];

const within = (path: string, folders: readonly string[]) => folders.some((folder) => path.startsWith(folder));

/** @param path of the file, e.g. src/pages/App.tsx; @returns what it takes that the page may not have */
export function breachesOfPage(path: string, text: string): Breach[] {
  const found: Breach[] = [];
  const add = (line: number, what: string) =>
    found.push({ where: `${path}:${line}`, what: `the page may not ${what}` });
  for (const { from, typesOnly, names, line } of importsOf(path, text)) {
    if (from.startsWith('node:')) {
      add(line, `import ${from}`);
    }
    const caller = names.find((name) => CALLERS.has(name));
    if (from === '@grafana/runtime' && caller && !within(path, WITH_ROADS)) {
      add(line, `call ${caller} outside src/data`);
    }
    const target = from.startsWith('.') ? normalize(join(dirname(path), from)) : from;
    if (!target.startsWith('backend/') && !target.startsWith('@clearpath/')) {
      continue;
    }
    if (!WORDS.includes(target)) {
      add(line, `import ${target}`);
    } else if (!typesOnly) {
      add(line, `import more than types of ${target}`);
    } else if (!within(path, SPEAKERS)) {
      add(line, `speak of ${target} outside ${SPEAKERS.join(', ')}`);
    }
  }
  for (const { name, line } of within(path, WITH_ROADS) ? [] : globalsOf(path, text, ROADS)) {
    add(line, `use ${name} outside src/data`);
  }
  return found;
}
