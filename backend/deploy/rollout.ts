/**
 * One binding on many interfaces, changed wave by wave. Where a roll-out stands is written down after each wave, and a
 * program that drives it says so every few seconds: one that has died is followed by another, which begins its wave again.
 */
import { ulid } from 'ulid';
import { hasErrors } from '../policy/index.ts';
import type { RolloutRow, Store } from '../store/index.ts';
import { placeKey } from '../target/index.ts';
import type { Catalog } from './catalog.ts';
import type { Engine } from './engine.ts';
import { DeployFailure } from './failure.ts';
import type { Actor } from './model.ts';
import {
  interfaces,
  linksIn,
  planned,
  settingsIn,
  tally,
  wordOf,
  type RolloutLink,
  type RolloutSettings,
} from './rollout-links.ts';
import { applyWave, cameOf, takeBack, type WaveContext } from './rollout-wave.ts';

const ALIVE_EVERY_MS = 5_000;
/** Who has not said so for as long does not drive any more. */
const DEAD_AFTER_MS = 30_000;
const LOOK_EVERY_MS = 500;

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export interface RolloutOptions {
  store: Store;
  engine: Engine;
  catalog: Catalog;
  onChange?: (row: RolloutRow) => Promise<void> | void;
}

export class Rollouts {
  private readonly options: RolloutOptions;
  private readonly driving = new Map<string, Promise<void>>();
  private closed = false;
  private readonly context: WaveContext;
  constructor(options: RolloutOptions) {
    this.options = options;
    this.context = { ...options, audit: (...entry) => this.audit(...entry) };
  }

  /**
   * @param confirm seconds in which each wave is to be confirmed; by default the binding's, 0 for none
   * @throws DeployFailure when there is nothing to roll out, or the last one of this binding is still under way
   */
  async start(
    tenant: string,
    name: string,
    actor: Actor,
    { replaceForeign = false, confirm }: { replaceForeign?: boolean | undefined; confirm?: number | undefined } = {}
  ): Promise<RolloutRow> {
    const { catalog, store } = this.options;
    const bounds = await catalog.interfacesOf(tenant, name);
    const first = bounds[0];
    if (!first?.policy || bounds.every((bound) => hasErrors(bound.findings))) {
      const why = first ? first.findings.find(({ severity }) => severity === 'error')?.message : `There is no binding "${name}".`; // prettier-ignore
      throw new DeployFailure('CP-FINDINGS', `${why ?? 'The binding has errors.'} Nothing was started.`);
    }
    const last = (await store.rollouts.list(tenant, { binding: name, limit: 1 }))[0];
    if (last && (last.state === 'running' || last.state === 'paused')) {
      throw new DeployFailure(
        'CP-ROLLOUT',
        `The roll-out ${last.id} of "${name}" is still ${last.state}; nothing was started. Stop it, or let it end, first.`
      );
    }
    const places = await store.deployments.places(
      tenant,
      bounds.map(({ place, device }) => placeKey(place, device))
    );
    const links = planned(bounds).map((link, index): RolloutLink => {
      const { place, device } = bounds[index]!;
      return { ...link, before: places.get(placeKey(place, device))?.deployment ?? null };
    });
    const { pause, onFailure } = first.binding.spec.rollout ?? {};
    const seconds = confirm ?? Math.ceil((first.binding.spec.confirm ?? 0) / 1e6);
    const settings: RolloutSettings = { pause, onFailure, replaceForeign, confirm: seconds || undefined };
    const now = Date.now();
    const row: RolloutRow = {
      id: ulid(), tenant, binding: name, binding_revision: first.revision, policy: first.binding.spec.policy, revision: first.policy.stored.revision,
      state: 'running', by: actor.login, role: actor.role, started_at: now, finished_at: null, next_at: now, driven_at: now,
      message: `${interfaces(links.length)} in ${1 + Math.max(...links.map(({ wave }) => wave))} waves.`,
      settings: JSON.stringify(settings), links: JSON.stringify(links),
    }; // prettier-ignore
    await store.rollouts.add(row);
    await this.audit(row, actor, 'rollout.start', row.message);
    this.drive(row);
    return row;
  }

  /** The wave that is under way ends; no further one begins. */
  async stop(tenant: string, id: string, actor: Actor): Promise<RolloutRow> {
    const row = await this.known(tenant, id);
    const message = `Stopped by ${actor.login}: no further interface is changed. What is changed stays.`;
    const end = { state: 'stopped', finished_at: Date.now(), message } as const;
    const { rollouts } = this.options.store;
    if (!(await rollouts.change(id, end, { state: 'running' })) && !(await rollouts.change(id, end, { state: 'paused' }))) {
      throw new DeployFailure('CP-ROLLOUT', `The roll-out ${id} is ${row.state}; there is nothing to stop.`);
    } // prettier-ignore
    await this.audit(row, actor, 'rollout.stop', message);
    const links = linksIn(await this.known(tenant, id));
    if (links.some(({ state }) => state === 'awaiting')) {
      await takeBack(this.context, row, links, ['awaiting']);
      await rollouts.change(id, { links: JSON.stringify(links) });
    }
    return this.told(tenant, id);
  }

  /** The network still works: the wave that awaits confirmation stays, and the next may begin. */
  async confirm(tenant: string, id: string, actor: Actor): Promise<RolloutRow> {
    const row = await this.known(tenant, id);
    const { catalog, engine } = this.options;
    const awaiting = row.state === 'running' ? linksIn(row).filter(({ state }) => state === 'awaiting') : [];
    if (awaiting.length === 0) {
      throw new DeployFailure('CP-ROLLOUT', `No wave of the roll-out ${id} awaits confirmation.`);
    }
    const bounds = new Map((await catalog.interfacesOf(tenant, row.binding)).map((bound) => [bound.name, bound]));
    for (const { name, deployment } of awaiting) {
      const bound = bounds.get(name);
      if (bound) {
        const kept = await engine.confirm(tenant, bound.place, bound.device, actor, deployment!);
        await engine.audit(tenant, actor, 'confirm', kept);
      }
    }
    await this.audit(row, actor, 'rollout.confirm', `${interfaces(awaiting.length)} confirmed.`);
    return this.told(tenant, id);
  }

  /** Goes on after a pause, a stop or a failure, with the interfaces that have not been changed yet. */
  async resume(tenant: string, id: string, actor: Actor): Promise<RolloutRow> {
    const row = await this.known(tenant, id);
    const links = linksIn(row).map((link) => (link.state === 'failed' ? { ...link, state: 'waiting' as const } : link));
    const now = Date.now();
    const going = {
      state: 'running',
      finished_at: null,
      next_at: now,
      driven_at: now,
      links: JSON.stringify(links),
    } as const;
    const undone = links.some(({ state }) => state === 'rolled-back');
    const open = links.some(({ state }) => state === 'waiting') && !undone && row.state !== 'running';
    if (!open || !(await this.options.store.rollouts.change(id, going, { state: row.state }))) {
      throw new DeployFailure('CP-ROLLOUT', `The roll-out ${id} is ${row.state}; there is nothing to go on with.`);
    }
    await this.audit(row, actor, 'rollout.resume', `${tally(links)}.`);
    const resumed = await this.told(tenant, id);
    this.drive(resumed);
    return resumed;
  }

  /** Seconds that are left to confirm the wave under way, 0 when they are over; undefined where none awaits anybody. */
  async secondsToConfirm(row: RolloutRow): Promise<number | undefined> {
    const { store, engine } = this.options;
    const awaiting = linksIn(row).flatMap(({ state, deployment }) => (state === 'awaiting' ? deployment! : [])); // prettier-ignore
    const left = [...(await store.deployments.getAll(row.tenant, awaiting)).values()].flatMap((one) => engine.secondsToConfirm(one) ?? []); // prettier-ignore
    return left.length > 0 ? Math.min(...left) : undefined;
  }

  /** Takes up what a program that died was driving. */
  async adopt(): Promise<void> {
    for (const row of await this.options.store.rollouts.running()) {
      const dead = Number(row.driven_at) < Date.now() - DEAD_AFTER_MS && !this.driving.has(row.id);
      const as = { state: 'running', driven_at: row.driven_at } as const;
      if (dead && (await this.options.store.rollouts.change(row.id, { driven_at: Date.now() }, as))) {
        this.drive(row);
      }
    }
  }

  /** Until the roll-out rests: done, paused, stopped or failed. */
  async rest(id: string): Promise<void> {
    await this.driving.get(id);
  }

  /** Ends after the waves under way; another program takes the rest up at once. */
  async close(): Promise<void> {
    this.closed = true;
    const ids = [...this.driving.keys()];
    await Promise.all(this.driving.values());
    await Promise.all(ids.map((id) => this.options.store.rollouts.change(id, { driven_at: 0 }, { state: 'running' })));
  }

  private async known(tenant: string, id: string): Promise<RolloutRow> {
    const row = await this.options.store.rollouts.get(tenant, id);
    if (!row) {
      throw new DeployFailure('CP-ROLLOUT', `There is no roll-out ${id}.`);
    }
    return row;
  }

  private async told(tenant: string, id: string): Promise<RolloutRow> {
    const row = await this.known(tenant, id);
    await this.options.onChange?.(row);
    return row;
  }

  private async audit(row: RolloutRow, by: Actor, action: string, detail: string, outcome: 'done' | 'failed' = 'done') {
    await this.options.store.audit.add({
      tenant: row.tenant, by: by.login, role: by.role, action, subject: `Binding/${row.binding}`, outcome, detail: `${row.id} ${row.policy} ${row.revision}: ${detail}`,
    }); // prettier-ignore
  }

  private drive({ tenant, id }: RolloutRow): void {
    const { rollouts } = this.options.store;
    const alive = setInterval(() => {
      rollouts.change(id, { driven_at: Date.now() }, { state: 'running' }).catch(() => undefined);
    }, ALIVE_EVERY_MS);
    const driven = this.waves(tenant, id)
      // The store does not answer: whoever comes next finds it as it was written last.
      .catch(() => undefined)
      .finally(() => {
        clearInterval(alive);
        this.driving.delete(id);
      });
    this.driving.set(id, driven);
  }

  private async waves(tenant: string, id: string): Promise<void> {
    while (!this.closed) {
      const row = await this.told(tenant, id);
      if (row.state !== 'running') {
        return;
      }
      if (Number(row.next_at) > Date.now()) {
        await this.until(row);
        continue;
      }
      try {
        await this.wave(row);
      } catch (error) {
        await this.end(row, 'stopped', `${wordOf(error)} No further interface is changed.`);
      }
    }
  }

  /** Looks often whether it was stopped in the meantime, without telling anybody. */
  private async until({ tenant, id, next_at: at }: RolloutRow): Promise<void> {
    const { rollouts } = this.options.store;
    while (!this.closed && Number(at) > Date.now() && (await rollouts.get(tenant, id))?.state === 'running') {
      await delay(Math.min(LOOK_EVERY_MS, Math.max(1, Number(at) - Date.now())));
    }
  }

  private async end(row: RolloutRow, state: 'done' | 'failed' | 'stopped', message: string): Promise<void> {
    const change = { state, finished_at: Date.now(), message };
    if (await this.options.store.rollouts.change(row.id, change, { state: 'running' })) {
      const actor = { login: row.by, role: row.role };
      await this.audit(row, actor, 'rollout.end', message, state === 'done' ? 'done' : 'failed');
    }
  }

  /** The next wave, and what follows from it. */
  private async wave(row: RolloutRow): Promise<void> {
    const { store } = this.options;
    const settings = settingsIn(row);
    const links = linksIn(row);
    const awaiting = links.filter(({ state }) => state === 'awaiting');
    if (awaiting.length > 0) {
      return this.awaited(row, links, awaiting);
    }
    const waiting = links.filter(({ state }) => state === 'waiting');
    const number = Math.min(...waiting.map(({ wave }) => wave));
    if (waiting.length === 0) {
      return this.end(row, 'done', `${tally(links)}.`);
    }
    const own = waiting.filter(({ wave }) => wave === number);
    await applyWave(this.context, row, own);
    const failed = own.filter(({ state }) => state === 'failed');
    if (failed.length > 0 && settings.onFailure === 'rollback') {
      await takeBack(this.context, row, links);
    } else if (failed.length > 0) {
      // Nobody is asked to confirm a wave that failed.
      await takeBack(this.context, row, own, ['awaiting']);
    }
    await store.rollouts.change(row.id, { links: JSON.stringify(links) });
    const left = links.filter(({ state }) => state === 'waiting').length;
    if (failed.length > 0) {
      const first = `${failed[0]!.name}: ${failed[0]!.message}`;
      const rest = `${interfaces(left)} not touched`;
      return this.end(row, 'failed', `Wave ${number + 1} failed on ${interfaces(failed.length)}, ${rest}. ${first}`);
    }
    const now = own.filter(({ state }) => state === 'awaiting').length;
    if (now > 0) {
      const until = new Date(Date.now() + settings.confirm! * 1000).toISOString();
      const message = `Wave ${number + 1} is in force on ${interfaces(now)} and awaits confirmation until ${until}; else all of it goes back.`;
      await store.rollouts.change(row.id, { message }, { state: 'running' });
      return;
    }
    await this.goOn(row, links, number);
  }

  /** Until the wave is confirmed, or one of its interfaces goes back and takes the others along. */
  private async awaited(row: RolloutRow, links: RolloutLink[], awaiting: readonly RolloutLink[]): Promise<void> {
    const { rollouts } = this.options.store;
    let came: Awaited<ReturnType<typeof cameOf>>;
    while ((came = await cameOf(this.context, row, awaiting)) === 'waiting') {
      await delay(LOOK_EVERY_MS);
      if (this.closed || (await rollouts.get(row.tenant, row.id))?.state !== 'running') {
        return;
      }
    }
    const number = awaiting[0]!.wave;
    if (came === 'reverted') {
      await takeBack(this.context, row, links, settingsIn(row).onFailure === 'rollback' ? undefined : ['awaiting']);
      await rollouts.change(row.id, { links: JSON.stringify(links) });
      const left = links.filter(({ state }) => state === 'waiting').length;
      return this.end(row, 'failed', `Wave ${number + 1} was not confirmed in time and went back, ${interfaces(left)} not touched.`); // prettier-ignore
    }
    awaiting.forEach((link) => Object.assign(link, { state: 'changed' }));
    await rollouts.change(row.id, { links: JSON.stringify(links) });
    return this.goOn(row, links, number);
  }

  /** After a wave: the end, a pause, or the next one. */
  private async goOn(row: RolloutRow, links: readonly RolloutLink[], number: number): Promise<void> {
    const { store } = this.options;
    const settings = settingsIn(row);
    const left = links.filter(({ state }) => state === 'waiting').length;
    if (left === 0) {
      return this.end(row, 'done', `${tally(links)}.`);
    }
    if (settings.pause === 'manual') {
      const message = `Wave ${number + 1} is done; ${interfaces(left)} wait for somebody to go on.`;
      await store.rollouts.change(row.id, { state: 'paused', message }, { state: 'running' });
      return;
    }
    const message = `Wave ${number + 1} is done: ${tally(links)}.`;
    const next = Date.now() + (settings.pause ?? 0) / 1000;
    await store.rollouts.change(row.id, { next_at: next, message }, { state: 'running' });
  }
}
