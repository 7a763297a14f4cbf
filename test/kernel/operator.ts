/** An operator at a kernel: a store of its own, an engine, and policies as documents. */
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TcTree } from '../../backend/compile/tc/index.ts';
import { Engine, judgeSource, type ApplyOptions, type EngineOptions, type Intent } from '../../backend/deploy/index.ts';
import { hasErrors } from '../../backend/policy/index.ts';
import { openStore, type Store } from '../../backend/store/index.ts';
import { readTree, type Place } from '../../backend/target/index.ts';
import { DEVICE } from './network.ts';

export const TENANT = 'main';
export const ACTOR = { login: 'ann', role: 'Admin' };
export const BRANCH_EDGE = readFileSync(new URL('../../examples/branch-edge.yaml', import.meta.url), 'utf8');

/** A policy document from its spec; JSON is YAML. */
export const policyOf = (spec: unknown, name = 'edge'): string =>
  JSON.stringify({ apiVersion: 'clearpath/v1', kind: 'Policy', metadata: { name }, spec });

/** What a policy means for an interface. @throws with the findings when it has errors */
export function intentOf(place: Place, source: string, device = DEVICE): Intent {
  const judged = judgeSource(source);
  if (hasErrors(judged.findings) || !judged.resolved) {
    throw new Error(judged.findings.map((item) => `${item.code} ${item.path}: ${item.message}`).join('\n'));
  }
  return {
    tenant: TENANT,
    place,
    device,
    binding: 'uplink',
    target: 'branch',
    policy: judged.resolved,
    revision: judged.revision,
  };
}

export class Operator {
  readonly directory: string;
  readonly store: Store;
  readonly engine: Engine;
  private constructor(directory: string, store: Store, options: EngineOptions) {
    this.directory = directory;
    this.store = store;
    this.engine = new Engine(store, options);
  }

  /** @param directory of another operator, to carry on with its state */
  static async start(
    options: EngineOptions = {},
    directory = mkdtempSync(join(tmpdir(), 'clearpath-state-'))
  ): Promise<Operator> {
    return new Operator(directory, await openStore(directory), options);
  }

  plan(place: Place, source: string, device = DEVICE) {
    return this.engine.plan(intentOf(place, source, device));
  }
  apply(place: Place, source: string, options?: ApplyOptions & { expected?: string }, device = DEVICE) {
    return this.engine.apply(intentOf(place, source, device), ACTOR, options);
  }
  rollback(place: Place, device = DEVICE) {
    return this.engine.rollback(TENANT, place, device, ACTOR);
  }
  /** The operations of a plan as tc lines. */
  async lines(place: Place, source: string, device = DEVICE): Promise<string[]> {
    return (await this.plan(place, source, device)).operations.map((operation) => operation.line);
  }

  async stop(): Promise<void> {
    await this.store.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/**
 * A tree by names instead of identities: what two trees of one policy share, however each came to be.
 * Rules of one parent stand in the order of their preferences.
 */
export async function shapeOf(
  place: Place,
  minors: Readonly<Record<string, number>>,
  device = DEVICE
): Promise<TcTree> {
  const { qdiscs, classes, filters, tables = [] } = await readTree(place, device);
  const names = new Map(Object.entries(minors).map(([path, minor]) => [minor.toString(16), path]));
  const name = (id: string) => (id === 'root' ? id : (names.get(id.slice(id.indexOf(':') + 1)) ?? 'link'));
  const bySelf = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  const chainName = (chain: number) => `${names.get((chain & 0xffff).toString(16))} ${chain >> 16}`;
  // Preferences by their place among those of the parent; which handle a rule has within one says nothing.
  const places = new Map<string, number[]>();
  for (const { parent, pref } of filters) {
    places.set(
      parent,
      [...new Set([...(places.get(parent) ?? []), pref])].sort((x, y) => x - y)
    );
  }
  return {
    qdiscs: qdiscs
      .map(({ parent, kind, options: { default: fallback, ...options } }) => ({
        handle: typeof fallback === 'number' ? name(`:${fallback.toString(16)}`) : '',
        parent: name(parent),
        kind,
        options,
      }))
      .sort(bySelf),
    classes: classes.map((item) => ({ ...item, classid: name(item.classid), parent: name(item.parent) })).sort(bySelf),
    filters: filters
      .map(({ handle: _, ...filter }) => ({
        ...filter,
        parent: name(filter.parent),
        classid: filter.classid && name(filter.classid),
        pref: places.get(filter.parent)!.indexOf(filter.pref),
        chain: filter.chain && chainName(filter.chain),
        actions: JSON.parse(
          JSON.stringify(filter.actions ?? [], (key, value: unknown) =>
            key === 'chain' && typeof value === 'number' ? chainName(value) : value
          )
        ) as [],
      }))
      .sort(bySelf) as unknown as TcTree['filters'],
    tables: tables.map((table) => ({
      ...table,
      parent: name(table.parent),
      pref: places.get(table.parent)!.indexOf(table.pref),
    })),
  };
}
