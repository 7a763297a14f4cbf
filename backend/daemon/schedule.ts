/**
 * The clock as an actor: at the boundaries of a schedule its policy comes into force, and what was there before returns.
 * What is to be done is worked out anew each time from the journal, so that a restart or a clock that jumps loses nothing.
 */
import { dutyOf, intentMaker, type Actor, type Bound, type Catalog, type Duty, type Engine } from '../deploy/index.ts';
import { standing } from '../policy/index.ts';
import type { Store } from '../store/index.ts';
import { placeKey } from '../target/index.ts';
import { Rounds } from './rounds.ts';

export const CLOCK: Actor = { login: 'schedule', role: 'system' };
/** The wall clock may be set at any time: it is looked at as often. */
const LOOK_EVERY_MS = 20_000;
/** What was refused is tried again as often. */
const AGAIN_AFTER_MS = 60_000;

interface Surroundings {
  store: Store;
  engine: Engine;
  catalog: Catalog;
  changed: (tenant: string) => Promise<void>;
  trouble: (message: string) => void;
  now?: () => number;
}

export class Scheduler {
  private readonly around: Surroundings;
  private readonly tenant: string;
  private readonly refused = new Map<string, { at: number; message: string }>();
  private readonly rounds: Rounds;
  constructor(tenant: string, around: Surroundings) {
    this.tenant = tenant;
    this.around = around;
    this.rounds = new Rounds(() => this.act(), around.trouble, LOOK_EVERY_MS);
  }

  /** Looks now, and again at the next boundary. Called when documents were saved, too. */
  look(): Promise<void> {
    return this.rounds.look();
  }

  close(): Promise<void> {
    return this.rounds.close();
  }

  private now(): number {
    return this.around.now?.() ?? Date.now();
  }

  /** @returns how long until something changes by itself */
  private async act(): Promise<number> {
    const bounds = await this.around.catalog.bindings(this.tenant);
    if (this.rounds.closed || !bounds.some(({ binding }) => binding.spec.schedule)) {
      return LOOK_EVERY_MS;
    }
    const now = this.now();
    const duties = dutyOf(bounds, now);
    let acted = false;
    // First what ends, so that what begins stands on what was there before.
    for (const [bound, duty] of [...duties].sort(([, a], [, b]) => Number(a.on) - Number(b.on))) {
      if (duty.scheduled) {
        acted = (await this.guarded(bound, () => (duty.on ? this.begin(bound, duty) : this.end(bound)))) || acted;
      }
    }
    if (acted) {
      await this.around.changed(this.tenant);
    }
    const next = [...duties.values()].flatMap(({ changes }) => changes ?? []);
    return next.length > 0 ? Math.min(...next) - this.now() : LOOK_EVERY_MS;
  }

  private async guarded(bound: Bound, work: () => Promise<boolean>): Promise<boolean> {
    const last = this.refused.get(bound.name);
    if (last && this.now() - last.at < AGAIN_AFTER_MS && this.now() >= last.at) {
      return false;
    }
    try {
      const acted = await work();
      this.refused.delete(bound.name);
      return acted;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.refused.set(bound.name, { at: this.now(), message });
      // The same again is no news.
      if (last?.message !== message) {
        this.around.trouble(`${bound.name}: ${message}`);
        await this.around.store.audit.add({
          tenant: this.tenant, by: CLOCK.login, role: CLOCK.role, action: 'schedule', subject: `Binding/${bound.name} on ${bound.targetName}/${bound.device}`,
          outcome: 'failed', detail: message,
        }); // prettier-ignore
      }
      return false;
    }
  }

  /** Once in each of its times: what a person does after that counts until the next boundary. */
  private async begin(bound: Bound, { since }: Duty): Promise<boolean> {
    const { store, engine } = this.around;
    const place = placeKey(bound.place, bound.device);
    const rows = await store.deployments.list(this.tenant, { place, from: since ?? 0, limit: 1000 });
    const done = rows.some((row) => row.binding === bound.name && row.action === 'apply' && row.state !== 'failed');
    const standing = await store.deployments.place(this.tenant, place);
    const inForce = standing.deployment ? await store.deployments.get(this.tenant, standing.deployment) : undefined;
    if (done || inForce?.binding === bound.name || !bound.policy) {
      return false;
    }
    const { intent, judged } = await intentMaker()(bound, this.tenant, bound.policy.stored.source);
    if (!intent) {
      throw new Error(
        judged.findings.find(({ severity }) => severity === 'error')?.message ?? 'The policy has errors.'
      );
    }
    await engine.audit(this.tenant, CLOCK, 'apply', await engine.apply(intent, CLOCK));
    return true;
  }

  /** Back to what was there before, as long as what is in force came in one of its times. */
  private async end(bound: Bound): Promise<boolean> {
    const { store, engine } = this.around;
    const { schedule } = bound.binding.spec;
    let acted = false;
    for (;;) {
      const { deployment } = await store.deployments.place(this.tenant, placeKey(bound.place, bound.device));
      const row = deployment ? await store.deployments.get(this.tenant, deployment) : undefined;
      if (row?.binding !== bound.name || !schedule || !standing(schedule, Number(row.started_at)).holds) {
        return acted;
      }
      const undone = await engine.rollback(this.tenant, bound.place, bound.device, CLOCK, row.id);
      await engine.audit(this.tenant, CLOCK, 'rollback', undone);
      acted = true;
    }
  }
}
