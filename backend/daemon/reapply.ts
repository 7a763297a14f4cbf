/**
 * Bindings with `reapply`: what was in force and is gone, as after a restart of the machine, is put back. Tried again
 * ever more rarely, also where it works and something takes it away each time.
 */
import type { Actor, Bound, Catalog, Engine } from '../deploy/index.ts';
import { isLost } from '../deploy/index.ts';
import { hasErrors } from '../policy/index.ts';
import type { Store } from '../store/index.ts';
import { placeKey } from '../target/index.ts';
import { Rounds } from './rounds.ts';

export const RESTORER: Actor = { login: 'clearpathd', role: 'reapply' };
const LOOK_EVERY_MS = 10_000;
const LONGEST_MS = 600_000;

interface Surroundings {
  store: Store;
  engine: Engine;
  catalog: Catalog;
  changed: (tenant: string) => Promise<void>;
  trouble: (message: string) => void;
  now?: () => number;
}

interface Tried {
  times: number;
  at: number;
  message: string;
}

export class Reapplier {
  private readonly around: Surroundings;
  private readonly tenant: string;
  private readonly tried = new Map<string, Tried>();
  private readonly rounds: Rounds;
  constructor(tenant: string, around: Surroundings) {
    this.tenant = tenant;
    this.around = around;
    this.rounds = new Rounds(() => this.act(), around.trouble, LOOK_EVERY_MS);
  }

  /** Looks now, and again every few seconds. */
  look(): Promise<void> {
    return this.rounds.look();
  }

  close(): Promise<void> {
    return this.rounds.close();
  }

  private now(): number {
    return this.around.now?.() ?? Date.now();
  }

  /** @returns how long until it looks again */
  private async act(): Promise<number> {
    const bounds = (await this.around.catalog.bindings(this.tenant)).filter(
      ({ binding, device, findings }) => binding.spec.reapply && device !== '' && !hasErrors(findings)
    );
    let acted = false;
    for (const group of Map.groupBy(bounds, ({ place }) => JSON.stringify(place)).values()) {
      const devices = group.map(({ device }) => device);
      const standings = await this.around.engine.liveAll(this.tenant, group[0]!.place, devices).catch(() => []);
      for (const [index, outcome] of standings.entries()) {
        const bound = group[index]!;
        // An interface that is not there yet is looked for again.
        if (this.rounds.closed || outcome.status === 'rejected' || outcome.value.inForce?.binding !== bound.name) {
          continue;
        }
        if (!isLost(outcome.value)) {
          this.forget(bound);
        } else if (this.isDue(bound)) {
          acted = (await this.putBack(bound)) || acted;
        }
      }
    }
    if (acted) {
      await this.around.changed(this.tenant);
    }
    return LOOK_EVERY_MS;
  }

  private isDue({ name }: Bound): boolean {
    const last = this.tried.get(name);
    // A clock that was set back holds nobody up.
    return !last || this.now() < last.at || this.now() - last.at >= Math.min(LONGEST_MS, LOOK_EVERY_MS * 2 ** (last.times - 1)); // prettier-ignore
  }

  /** What has stayed for as long as the longest wait begins anew. */
  private forget({ name }: Bound): void {
    const last = this.tried.get(name);
    if (last && Math.abs(this.now() - last.at) >= LONGEST_MS) {
      this.tried.delete(name);
    }
  }

  private async putBack(bound: Bound): Promise<boolean> {
    const { engine, store } = this.around;
    const last = this.tried.get(bound.name);
    const tried = (message: string) =>
      this.tried.set(bound.name, { times: (last?.times ?? 0) + 1, at: this.now(), message });
    try {
      const row = await engine.putBack(this.tenant, bound.place, bound.device, RESTORER);
      if (row) {
        tried('');
        await engine.audit(this.tenant, RESTORER, 'reapply', row);
      }
      return row !== undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      tried(message);
      // The same again is no news.
      if (last?.message !== message) {
        this.around.trouble(`${bound.name}: ${message}`);
        await store.audit.add({
          tenant: this.tenant, by: RESTORER.login, role: RESTORER.role, action: 'reapply', subject: `${bound.name} on ${placeKey(bound.place, bound.device)}`,
          outcome: 'failed', detail: message,
        }); // prettier-ignore
      }
      return false;
    }
  }
}
