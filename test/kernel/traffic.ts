/** The traffic program, built once for the tests that need it. */
import { fileURLToPath } from 'node:url';
import path from 'node:path';
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
