/**
 * Few lines each on many interfaces, through one tc that is never without work: interfaces are planned, journalled and
 * confirmed while it is busy with others, and what the kernel announces of them is their read-back.
 */
import { Batch, type Lock, type Place } from '../target/index.ts';
import { afterRefusal, begin, conclude, confirm, isHeard, linesOf, openOf, undoAll, type Job } from './job.ts';
import type { EngineContext } from './model.ts';

/** How long what is announced meanwhile is left to gather, once nothing else is to be done */
const GATHER_MS = 5;

export class Stream {
  private readonly context: EngineContext;
  private readonly place: Place;
  private readonly lock: Lock;
  private readonly batch: Batch;
  /** Journalled, and given to tc in this order */
  private readonly jobs: Job[] = [];
  private readonly unconfirmed: Array<readonly Job[]> = [];

  constructor(context: EngineContext, place: Place, lock: Lock) {
    this.context = context;
    this.place = place;
    this.lock = lock;
    this.batch = new Batch(place, 'tc', lock);
  }

  /** Journals them and hands them to tc. Those that cannot be journalled have ended. */
  async add(jobs: readonly Job[]): Promise<void> {
    if (await begin(this.context, jobs)) {
      this.batch.write(linesOf(jobs));
      this.jobs.push(...jobs);
      this.unconfirmed.push(jobs);
      await this.context.watched.listen();
      await this.confirmHeard();
    }
  }

  /** Each job has ended afterwards. */
  async end(): Promise<void> {
    const { context, jobs, lock, batch } = this;
    try {
      await context.step('journalled');
      while (!(await batch.endsWithin(GATHER_MS))) {
        await this.confirmHeard();
      }
      const { refusal } = await batch.end();
      const waiting = refusal ? await afterRefusal(context, jobs, refusal, lock) : [];
      await conclude(context, jobs, waiting, lock);
    } catch (error) {
      await batch.end().catch(() => undefined);
      await undoAll(context, openOf(jobs), error, lock);
    }
  }

  private async confirmHeard(): Promise<void> {
    try {
      for (
        let some;
        (some = this.unconfirmed[0]) && isHeard(this.context, this.place, some);
        this.unconfirmed.shift()
      ) {
        await confirm(this.context, some);
      }
    } catch {
      // What cannot be confirmed now is tried once more when tc has ended, and undone then.
    }
  }
}
