/** One wave of a roll-out: its interfaces changed together, or what a roll-out changed taken back. */
import { hasErrors } from '../policy/index.ts';
import type { RolloutRow, Store } from '../store/index.ts';
import { oneByOne, onward } from '../target/index.ts';
import type { Catalog } from './catalog.ts';
import type { Engine } from './engine.ts';
import { intentMaker } from './intent.ts';
import type { Actor } from './model.ts';
import { settingsIn, wordOf, type RolloutLink } from './rollout-links.ts';

export interface WaveContext {
  store: Store;
  engine: Engine;
  catalog: Catalog;
  audit: (row: RolloutRow, by: Actor, action: string, detail: string, outcome?: 'done' | 'failed') => Promise<void>;
}

/** @throws when nothing can be applied at all, since the documents are no longer those it began with */
export async function applyWave(
  { store, catalog, engine, audit }: WaveContext,
  row: RolloutRow,
  links: readonly RolloutLink[]
): Promise<void> {
  const { tenant, policy, revision } = row;
  const bounds = new Map((await catalog.interfacesOf(tenant, row.binding)).map((bound) => [bound.name, bound]));
  if ([...bounds.values()].some((bound) => bound.revision !== row.binding_revision)) {
    throw new Error(`The binding "${row.binding}" was changed since the roll-out began. Start a new one.`);
  }
  const stored = await store.documents.revision(tenant, 'Policy', policy, revision);
  if (!stored) {
    throw new Error(`The revision ${revision} of the policy "${policy}" is not stored any more.`);
  }
  const make = intentMaker();
  const actor = { login: row.by, role: row.role };
  const meant = await oneByOne(links, async ({ name }) => {
    const bound = bounds.get(name);
    if (!bound || hasErrors(bound.findings)) {
      const wrong = bound?.findings.find(({ severity }) => severity === 'error');
      throw new Error(wrong?.message ?? 'The binding does not have this interface any more.');
    }
    const { intent, judged } = await make(bound, tenant, stored.source);
    if (!intent) {
      throw new Error(judged.findings.find(({ severity }) => severity === 'error')?.message);
    }
    return intent;
  });
  const outcomes = await onward(meant, (intents) =>
    engine.applyMany(intents, actor, { replaceForeign: settingsIn(row).replaceForeign })
  );
  for (const [index, outcome] of outcomes.entries()) {
    const link = links[index]!;
    if (outcome.status === 'rejected') {
      Object.assign(link, { state: 'failed', message: wordOf(outcome.reason) });
      await audit(row, actor, 'apply', `${link.name}: ${link.message}`, 'failed');
      continue;
    }
    const { id, message } = outcome.value;
    const state = id === link.before ? 'unchanged' : 'changed';
    Object.assign(link, { state, deployment: id, message });
    if (state === 'changed') {
      await engine.audit(tenant, actor, 'apply', outcome.value);
    }
  }
}

/** What this roll-out changed gets back what it had, the last first; what could not go back says so. */
export async function takeBack(
  { catalog, engine }: WaveContext,
  row: RolloutRow,
  links: readonly RolloutLink[]
): Promise<void> {
  const actor = { login: row.by, role: row.role };
  const bounds = new Map((await catalog.interfacesOf(row.tenant, row.binding)).map((bound) => [bound.name, bound]));
  for (const link of links.filter(({ state }) => state === 'changed').reverse()) {
    try {
      const { place, device } = bounds.get(link.name)!;
      const undone = await engine.rollback(row.tenant, place, device, actor, link.deployment!);
      Object.assign(link, { state: 'rolled-back', message: undone.message });
      await engine.audit(row.tenant, actor, 'rollback', undone);
    } catch (error) {
      link.message = `Not rolled back: ${wordOf(error)}`;
    }
  }
}
