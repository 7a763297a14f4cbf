/** A sample of `npm run kills`. */
import { describe, expect, it } from 'vitest';
import { kills } from './kills.ts';
import { OWN } from './kernel.ts';

const TIMES = 20;
const MOST_ROUNDS = 6;

describe.skipIf(OWN.missing)(
  `a process that is killed at a random point${OWN.missing ? ` (skipped: ${OWN.missing})` : ''}`,
  () => {
    it(
      'leaves the old tree or the new one, also of what must be confirmed and of what goes back for want of it',
      { timeout: 300_000 },
      async () => {
        let deadlines = 0;
        // How far a process comes is the machine's affair: it goes on until one awaited its confirmation.
        for (let seed = 9; deadlines === 0 && seed < 9 + MOST_ROUNDS; seed++) {
          const ends = await kills(TIMES, seed, () => undefined);
          console.log(`${TIMES} kills: ${JSON.stringify(ends)}`);
          expect(ends.old + ends.new).toBe(TIMES);
          deadlines += ends.kept + ends.overdue;
        }
        expect(deadlines).toBeGreaterThan(0);
      }
    );
  }
);
