/** One writer of an interface at a time, in the words of a deployment. */
import { Locked, withLock, type Lock, type Place, type Standby } from '../target/index.ts';
import { DeployFailure } from './failure.ts';

/** @throws DeployFailure when another process changes one of them right now */
export async function exclusively<T>(
  place: Place,
  devices: readonly string[],
  work: (lock: Lock) => Promise<T>,
  standby?: Standby
): Promise<T> {
  try {
    return await withLock(place, devices, work, { ...(standby && { standby }) });
  } catch (error) {
    throw error instanceof Locked ? new DeployFailure('CP-LOCKED', error.message) : error;
  }
}
