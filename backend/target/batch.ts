/** Lines that tc and ip carry out. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lock } from './lock.ts';
import { withNamespace, type Place } from './place.ts';
import { explainRefusal, type Refusal } from './refusal.ts';
import { Running } from './run.ts';

export interface BatchResult {
  refusal: Refusal | undefined;
}

const programOf = (line: string): 'tc' | 'ip' => (line.startsWith('link ') ? 'ip' : 'tc');

const BATCH_MS = 300_000;

/** One `tc -batch`, or ip's, which is given its lines in parts and stops at the first that is refused. The caller holds the lock. */
export class Batch {
  private readonly program: 'tc' | 'ip';
  private readonly running: Running;
  private result: Promise<BatchResult> | undefined;

  constructor(place: Place, program: 'tc' | 'ip', lock: Lock | undefined) {
    this.program = program;
    const started = program === 'tc' ? lock?.started() : undefined;
    started?.limit(BATCH_MS);
    this.running =
      started ??
      new Running(withNamespace(place, program, ['-batch', '-']), { inherit: lock?.files, timeoutMs: BATCH_MS });
  }

  write(lines: readonly string[]): void {
    this.running.write(`${lines.join('\n')}\n`);
  }

  /** No more lines. @returns whether it has ended, after so long at most */
  async endsWithin(ms: number): Promise<boolean> {
    return Promise.race([this.end().then(() => true), sleep(ms, false)]);
  }

  end(): Promise<BatchResult> {
    this.result ??= this.finish();
    return this.result;
  }

  private async finish(): Promise<BatchResult> {
    const { status, stderr } = await this.running.end();
    return {
      refusal: status === 0 ? undefined : explainRefusal(stderr || `${this.program} ended with status ${status}`),
    };
  }
}

/** Lines of tc and of ip (those of links), in order, in as few processes as they allow; stops at the first refusal. The caller holds the lock. */
export async function applyBatch(place: Place, lines: readonly string[], lock?: Lock): Promise<BatchResult> {
  for (let from = 0; from < lines.length;) {
    const program = programOf(lines[from]!);
    const other = lines.findIndex((line, index) => index > from && programOf(line) !== program);
    const end = other < 0 ? lines.length : other;
    const batch = new Batch(place, program, lock);
    batch.write(from === 0 && end === lines.length ? lines : lines.slice(from, end));
    const { refusal } = await batch.end();
    if (refusal) {
      return { refusal: refusal.line === undefined ? refusal : { ...refusal, line: refusal.line + from } };
    }
    from = end;
  }
  return { refusal: undefined };
}
