/** The traffic program, built once for the tests that need it. */
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { ProofFailure, type ProofReport } from '../../backend/prove/index.ts';
import { buildTraffic, trafficIsBuilt } from '../../scripts/lib/build.mjs';
import { findProgram } from '../../scripts/lib/programs.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HOME = path.join(ROOT, '.clearpath');

/** Why there can be no traffic, or null. */
export const NO_TRAFFIC =
  trafficIsBuilt(ROOT, HOME) || findProgram('go') !== null
    ? null
    : 'the traffic program is not built, and there is no Go';

export async function haveTraffic(): Promise<void> {
  if (!trafficIsBuilt(ROOT, HOME)) {
    await buildTraffic(ROOT, HOME);
  }
}

/** A guest's one processor is another's at times; how often it is asked whether it is there again */
const TRIES = 5;
/**
 * A proof in a guest, whose processor may be away whenever it is needed.
 * @param skip ends the test as skipped, when the guest could not send even this little in any of the tries
 */
export async function proveInGuest(
  proving: () => Promise<ProofReport>,
  skip: (why: string) => never
): Promise<ProofReport> {
  let why = '';
  for (let i = 0; i < TRIES; i++) {
    try {
      return await proving();
    } catch (error) {
      if (!(error instanceof ProofFailure) || !error.message.startsWith('This machine cannot send')) throw error;
      why = error.message;
    }
  }
  return skip(`skipped: ${why}`);
}
