/** The import rules between the rooms, over every file there is; and that the rules can be broken. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { breachesOfPage } from './page.ts';
import { breachesOfRoom, ROOMS, wayRound } from './rooms.ts';
import { globalsOf, importsOf } from './source.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Tests start servers, kernels and browsers wherever they stand. */
const isTest = (path: string) => /\.test\.tsx?$|(^|\/)testing[^/]*\.tsx?$|(^|\/)(testing|__mocks__)\//.test(path);

function filesBelow(folder: string): Array<[path: string, text: string]> {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules') && !isTest(path))
    .map((path) => [path, readFileSync(join(ROOT, folder, path), 'utf8')]);
}
const backend = filesBelow('backend');
const page = filesBelow('src').map(([path, text]): [string, string] => [`src/${path}`, text]);

describe('the rooms of the sidecar', () => {
  it('are those of the table', () => {
    const folders = new Set(backend.filter(([path]) => path.includes('/')).map(([path]) => path.split('/')[0]!));
    expect([...folders].sort()).toEqual(Object.keys(ROOMS).sort());
  });
  it('stand above one another, with no way round', () => {
    expect(wayRound()).toBeUndefined();
  });
  it.each(Object.keys(ROOMS))('%s takes only what it may know', (room) => {
    const files = backend.filter(([path]) => path.startsWith(`${room}/`));
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap(([path, text]) => breachesOfRoom(path, text))).toEqual([]);
  });
  it('are put together by the daemon and the command line alone', () => {
    const loose = backend.filter(([path]) => !path.includes('/'));
    const taken = loose.flatMap(([path, text]) => importsOf(path, text).map(({ from }) => from));
    expect(taken.filter((from) => from.startsWith('./')).map((from) => from.split('/')[1])).toEqual(
      taken.filter((from) => from.startsWith('./')).map((from) => (/daemon|store/.exec(from) ?? ['daemon or store'])[0])
    );
  });
  it('take from the table nothing that it does not offer to someone', () => {
    for (const [name, { rooms, packages, types = [] }] of Object.entries(ROOMS)) {
      const taken = backend
        .filter(([path]) => path.startsWith(`${name}/`))
        .flatMap(([path, text]) => importsOf(path, text).map(({ from }) => from));
      const idle = [
        ...rooms.filter((room) => !taken.some((from) => from.includes(`../${room}/`))),
        ...types.filter((file) => !taken.some((from) => from.endsWith(file))),
      ];
      expect([name, idle.filter((room) => !(name === 'daemon' && room === 'sla'))]).toEqual([name, []]);
      expect([name, packages.filter((item) => !item.startsWith('node:') && !taken.includes(item))]).toEqual([name, []]);
    }
  });
});

describe('Grafana’s page', () => {
  it('knows the sidecar by the types of its contract, and calls it through its data folder', () => {
    expect(page.length).toBeGreaterThan(50);
    expect(page.flatMap(([path, text]) => breachesOfPage(path, text))).toEqual([]);
  });
});

describe('the reader of imports', () => {
  const read = (text: string) =>
    importsOf('x.tsx', text).map(({ from, typesOnly, line }) => `${line} ${from}${typesOnly ? ' (types)' : ''}`);
  it('sees every way to import', () => {
    expect(
      read(`import a from 'a';
import type { B } from 'b';
import { type C, type D } from 'c';
import { type E, f } from 'd';
import * as g from 'e';
import 'f';
export * from 'g';
export type { H } from 'h';
export { type I } from 'i';
const j = await import('j');
const k = require('k');
type L = import('l').L;
const m = await import(\`m/\${j}\`);
const element = <p>import 'n'</p>;
// import 'o';
import p = require('p');`)
    ).toEqual([
      '1 a',
      '2 b (types)',
      '3 c (types)',
      '4 d',
      '5 e',
      '6 f',
      '7 g',
      '8 h (types)',
      '9 i (types)',
      '10 j',
      '11 k',
      '12 l (types)',
      '13 `m/${j}`',
    ]);
  });
  it('sees globals that are used, and not names that only look like them', () => {
    const names = new Set(['fetch', 'Date.now', 'process', 'setTimeout']);
    const used = (text: string) => globalsOf('x.ts', text, names).map(({ name }) => name);
    expect(used('fetch("x"); window.fetch("y"); const f = fetch; run(fetch); globalThis.setTimeout(f)')).toEqual([
      'fetch',
      'fetch',
      'fetch',
      'fetch',
      'setTimeout',
    ]);
    expect(used('const at = Date.now(); process.env.X; new Date(5)')).toEqual(['Date.now', 'process']);
    expect(
      used('api.fetch("x"); const o = { fetch: 1 }; function process(fetch: () => void) { fetch(); } process(o)')
    ).toEqual([]);
  });
});

describe('the rules', () => {
  const room = (path: string, text: string) => breachesOfRoom(path, text).map(({ where, what }) => `${where} ${what}`);
  it('are broken by I/O in a pure room, however it is reached', () => {
    expect(room('policy/x.ts', `import { readFileSync } from 'node:fs';`)).toEqual([
      'policy/x.ts:1 policy may not import node:fs',
    ]);
    expect(room('policy/x.ts', `import fs from 'fs';`)).toEqual(['policy/x.ts:1 policy may not import fs']);
    expect(room('compile/tc/x.ts', `\nimport { run } from '../../target/run.ts';`)).toEqual([
      'compile/tc/x.ts:2 compile may not import target/run.ts',
    ]);
    expect(room('compile/tc/x.ts', `import type { Place } from '../../target/place.ts';`)).toEqual([
      'compile/tc/x.ts:1 compile may not import target/place.ts',
    ]);
    expect(room('sla/x.ts', `export const now = () => Date.now();`)).toEqual(['sla/x.ts:1 sla may not touch Date.now']);
    expect(room('sla/x.ts', `export const any = Math.random();`)).toEqual(['sla/x.ts:1 sla may not touch Math.random']);
    expect(room('policy/x.ts', `const fs = await import('node:fs');`)).toEqual([
      'policy/x.ts:1 policy may not import node:fs',
    ]);
    expect(room('policy/x.ts', `export const home = process.env.HOME;`)).toEqual([
      'policy/x.ts:1 policy may not touch process',
    ]);
  });
  it('are broken by a room that reaches above itself', () => {
    expect(room('store/x.ts', `import { Engine } from '../deploy/index.ts';`)).toEqual([
      'store/x.ts:1 store may not import deploy/index.ts',
    ]);
    expect(room('measure/x.ts', `import { Verdict } from '../api/contract.ts';`)).toEqual([
      'measure/x.ts:1 measure may not import api/contract.ts',
    ]);
    expect(room('deploy/x.ts', `export * from '../api/index.ts';`)).toEqual([
      'deploy/x.ts:1 deploy may not import api/index.ts',
    ]);
    expect(room('utils/x.ts', '')).toEqual(['utils/x.ts "utils" is a room that the table does not know']);
    expect(
      wayRound({
        a: { rooms: ['b'], packages: [] },
        b: { rooms: ['c'], packages: [] },
        c: { rooms: ['b'], packages: [] },
      })
    ).toEqual(['b', 'c', 'b']);
  });
  it('are kept by what a room may know', () => {
    expect(room('policy/x.ts', `import { z } from 'zod';\nimport type { Finding } from './finding.ts';`)).toEqual([]);
    expect(room('compile/tc/x.ts', `import { resolve } from '../../policy/resolve.ts';`)).toEqual([]);
    expect(room('measure/x.ts', `import type { Verdict } from '../api/contract.ts';`)).toEqual([]);
    expect(room('target/x.ts', `export const at = Date.now();`)).toEqual([]);
  });
  const seen = (path: string, text: string) => breachesOfPage(path, text).map(({ where, what }) => `${where} ${what}`);
  it('are broken by a page that reaches past its data folder', () => {
    expect(seen('src/pages/x.tsx', `import { getBackendSrv } from '@grafana/runtime';`)).toEqual([
      'src/pages/x.tsx:1 the page may not call getBackendSrv outside src/data',
    ]);
    expect(seen('src/pages/x.tsx', `const x = await fetch('/api');`)).toEqual([
      'src/pages/x.tsx:1 the page may not use fetch outside src/data',
    ]);
    expect(seen('src/components/x.tsx', `new EventSource('/api');`)).toEqual([
      'src/components/x.tsx:1 the page may not use EventSource outside src/data',
    ]);
    expect(seen('src/data/x.ts', `import { Plan } from '../../backend/api/contract.ts';`)).toEqual([
      'src/data/x.ts:1 the page may not import more than types of backend/api/contract.ts',
    ]);
    expect(seen('src/data/x.ts', `import type { Policy } from '../../backend/policy/schema.ts';`)).toEqual([
      'src/data/x.ts:1 the page may not import backend/policy/schema.ts',
    ]);
    expect(seen('src/pages/a/x.tsx', `import type { Plan } from '../../../backend/api/contract.ts';`)).toEqual([
      'src/pages/a/x.tsx:1 the page may not speak of backend/api/contract.ts outside src/data/, src/datasource/, src/sla-panel/',
    ]);
    expect(seen('src/data/x.ts', `import { join } from 'node:path';`)).toEqual([
      'src/data/x.ts:1 the page may not import node:path',
    ]);
  });
  it('are kept by a page that does not', () => {
    expect(
      seen(
        'src/data/x.ts',
        `import { getBackendSrv } from '@grafana/runtime';\nimport type { Plan } from '../../backend/api/contract.ts';`
      )
    ).toEqual([]);
    expect(seen('src/pages/x.tsx', `import { usePlan } from '../data/index.ts';\nquery.fetch();`)).toEqual([]);
    expect(
      seen(
        'src/datasource/x.ts',
        `import { DataSourceWithBackend } from '@grafana/runtime';\nexport type { Query } from '../../backend/api/contract.ts';`
      )
    ).toEqual([]);
  });
});
