/** A sample of `npm run kills`, the same with every run of the tests. */
import { describe, expect, it } from 'vitest';
import { kills } from './kills.ts';
import { OWN } from './kernel.ts';

const TIMES = 20;

describe.skipIf(OWN.missing)(
  `a process that is killed at a random point${OWN.missing ? ` (skipped: ${OWN.missing})` : ''}`,
  () => {
    it(
      'leaves the old tree or the new one, also of what must be confirmed and of what goes back for want of it',
      { timeout: 120_000 },
      async () => {
        const ends = await kills(TIMES, 9, () => undefined);
        console.log(`${TIMES} kills: ${JSON.stringify(ends)}`);
        expect(ends.old + ends.new).toBe(TIMES);
        expect(ends.kept + ends.overdue).toBeGreaterThan(0);
      }
    );
  }
);
