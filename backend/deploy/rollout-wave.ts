/** One wave of a roll-out: its interfaces changed together, or what a roll-out changed taken back. */
import { hasErrors } from '../policy/index.ts';
import type { RolloutRow, Store } from '../store/index.ts';
import { oneByOne, onward } from '../target/index.ts';
import type { Catalog } from './catalog.ts';
import { TIMER } from './confirmation.ts';
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
    engine.applyMany(intents, actor, {
      replaceForeign: settingsIn(row).replaceForeign,
      confirm: settingsIn(row).confirm,
    })
  );
  for (const [index, outcome] of outcomes.entries()) {
    const link = links[index]!;
    if (outcome.status === 'rejected') {
      Object.assign(link, { state: 'failed', message: wordOf(outcome.reason) });
      await audit(row, actor, 'apply', `${link.name}: ${link.message}`, 'failed');
      continue;
    }
    const { id, message, state: reached } = outcome.value;
    const state = id === link.before ? 'unchanged' : reached === 'awaiting-confirmation' ? 'awaiting' : 'changed';
    Object.assign(link, { state, deployment: id, message });
    if (state !== 'unchanged') {
      await engine.audit(tenant, actor, 'apply', outcome.value);
    }
  }
}

/**
 * What came of a wave that awaits confirmation: one interface that went back takes the others along.
 * Whoever drives looks after the deadlines too: there may be no sidecar.
 */
export async function cameOf(
  { store, catalog, engine }: WaveContext,
  { tenant }: RolloutRow,
  links: readonly RolloutLink[]
): Promise<'waiting' | 'confirmed' | 'reverted'> {
  const overdue = await engine.revertOverdue(({ place }) => catalog.placeOf(place.includes('/') ? place.split('/')[0] : undefined)); // prettier-ignore
  for (const { row, done } of overdue) {
    await (done ? engine.audit(row.tenant, TIMER, 'rollback', row) : undefined);
  }
  const rows = await store.deployments.getAll(tenant, links.map(({ deployment }) => deployment!)); // prettier-ignore
  const states = links.map(({ deployment }) => rows.get(deployment!)?.state);
  if (states.some((state) => state === 'rolled-back' || state === 'failed' || state === undefined)) {
    return 'reverted';
  }
  return states.includes('awaiting-confirmation') ? 'waiting' : 'confirmed';
}

/** What this roll-out changed gets back what it had, the last first; what could not go back says so. */
export async function takeBack(
  { store, catalog, engine }: WaveContext,
  row: RolloutRow,
  links: readonly RolloutLink[],
  states: ReadonlyArray<RolloutLink['state']> = ['changed', 'awaiting']
): Promise<void> {
  const actor = { login: row.by, role: row.role };
  const bounds = new Map((await catalog.interfacesOf(row.tenant, row.binding)).map((bound) => [bound.name, bound]));
  for (const link of links.filter(({ state }) => states.includes(state)).reverse()) {
    try {
      const made = await store.deployments.get(row.tenant, link.deployment!);
      if (made?.state === 'rolled-back') {
        Object.assign(link, { state: 'rolled-back', message: made.message });
        continue;
      }
      const { place, device } = bounds.get(link.name)!;
      const undone = await engine.rollback(row.tenant, place, device, actor, link.deployment!);
      Object.assign(link, { state: 'rolled-back', message: undone.message });
      await engine.audit(row.tenant, actor, 'rollback', undone);
    } catch (error) {
      link.message = `Not rolled back: ${wordOf(error)}`;
    }
  }
}
