/** The folder tree is the architecture: which room may know which other, and which may touch the world. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importsBelow, importsOf, type Import } from './imports.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Room {
  /** Other rooms whose code it may load. */
  rooms: readonly string[];
  /** Packages it may load; `node:` stands for Node's own modules. */
  packages: readonly string[];
}
/** Pure rooms have no `node:`: plain functions over plain data. */
const ROOMS: Record<string, Room> = {
  policy: { rooms: [], packages: ['zod', 'yaml'] },
  compile: { rooms: ['policy'], packages: [] },
  sla: { rooms: [], packages: ['@datadog/sketches-js'] },
  target: { rooms: ['compile'], packages: ['node:'] },
  store: { rooms: ['sla'], packages: ['node:', 'kysely', 'ulid'] },
  deploy: { rooms: ['policy', 'compile', 'target', 'store'], packages: ['node:', 'ulid'] },
  measure: { rooms: ['sla'], packages: ['node:', 'ulid'] },
  api: {
    rooms: ['policy', 'compile', 'target', 'store', 'deploy', 'measure', 'sla'],
    packages: ['node:', 'fastify', '@fastify/', 'fastify-type-provider-zod', 'kysely', 'prom-client', 'zod'],
  },
  daemon: {
    rooms: ['policy', 'compile', 'target', 'store', 'deploy', 'measure', 'sla', 'api'],
    packages: ['node:', 'pino'],
  },
  cli: { rooms: ['policy', 'compile', 'target', 'store', 'deploy', 'daemon'], packages: ['node:'] },
};

const roomOf = (file: string) => /^backend\/([^/]+)\//.exec(file)?.[1];
const within = (name: string, allowed: readonly string[]) =>
  allowed.some((each) => (/[:/]$/.test(each) ? name.startsWith(each) : name === each || name.startsWith(`${each}/`)));

/** Why an import is against the rules, or undefined. Types alone load nothing and may come from anywhere in the backend. */
function fault({ file, target, typeOnly }: Import): string | undefined {
  const room = roomOf(file)!;
  const rules = ROOMS[room];
  if (!rules) return `${file}: there is no rule for the room "${room}"`;
  if (typeOnly && (target.startsWith('backend/') || within(target, rules.packages))) return undefined;
  if (target.startsWith('backend/')) {
    const other = roomOf(target);
    return other === room || (other !== undefined && rules.rooms.includes(other))
      ? undefined
      : `${file} loads ${target}`;
  }
  return typeOnly || within(target, rules.packages) ? undefined : `${file} loads ${target}`;
}

describe('the rooms of the sidecar', () => {
  it.each(Object.keys(ROOMS))('%s/ loads only what it may', (room) => {
    const imports = importsBelow(ROOT, `backend/${room}`);
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.map(fault).filter(Boolean)).toEqual([]);
  });

  it('has no room without a rule', () => {
    const rooms = new Set(
      importsBelow(ROOT, 'backend')
        .map(({ file }) => roomOf(file))
        .filter((room) => room !== undefined && room !== 'bridge')
    );
    expect([...rooms].filter((room) => !(room! in ROOMS))).toEqual([]);
  });

  it('would notice a pure room that reads a file, and a room that reaches over another', () => {
    const bad = (file: string, text: string) => importsOf(file, text).map(fault).filter(Boolean);
    expect(bad('backend/policy/x.ts', `import { readFileSync } from 'node:fs';`)).toHaveLength(1);
    expect(bad('backend/compile/tc/x.ts', `export * from '../../store/index.ts';`)).toHaveLength(1);
    expect(bad('backend/sla/x.ts', `const a = await import('../measure/index.ts');`)).toHaveLength(1);
    expect(bad('backend/sla/x.ts', `import type { A } from '../api/contract.ts';`)).toEqual([]);
  });
});

/** Where the front end meets the sidecar: types from the contract, and nothing that runs. */
const CONTRACT = ['backend/api/contract.ts', 'backend/policy/finding.ts'];
const REACHES_BACKEND = /^src\/(data|datasource|sla-panel|queues-panel|panels)\//;

function pageFault({ file, target, typeOnly }: Import): string | undefined {
  if (!target.startsWith('backend/')) return undefined;
  if (!typeOnly) return `${file} would bundle ${target}`;
  return REACHES_BACKEND.test(file) && CONTRACT.includes(target) ? undefined : `${file} reaches ${target}`;
}

describe('the front end', () => {
  const imports = importsBelow(ROOT, 'src');

  it('knows the sidecar by the types of its contract alone, and only where data is handled', () => {
    expect(imports.map(pageFault).filter(Boolean)).toEqual([]);
  });

  it('calls the sidecar only from src/data', () => {
    const callers = imports
      .filter(({ target, typeOnly }) => target === '@grafana/runtime' && !typeOnly)
      .map(({ file }) => file);
    expect(callers.length).toBeGreaterThan(0);
    const offenders = importsWith(/\bgetBackendSrv\b|\bfetch\(/).filter((file) => !file.startsWith('src/data/'));
    expect(offenders).toEqual([]);
  });

  it('would notice a page that loads code of the sidecar', () => {
    expect(
      importsOf('src/pages/x.tsx', `import { judge } from '../../backend/policy/index.ts';`)
        .map(pageFault)
        .filter(Boolean)
    ).toHaveLength(1);
  });
});

/** Files of the front end whose code has a pattern. */
function importsWith(pattern: RegExp): string[] {
  return [...new Set(importsBelow(ROOT, 'src').map(({ file }) => file))].filter((file) => pattern.test(codeOf(file)));
}

const codeOf = (file: string) => readFileSync(`${ROOT}/${file}`, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
