/** Until when a deployment must be confirmed, by a clock that nobody can set: what ends with the machine's run is due. */
import type { DeploymentRow } from '../store/index.ts';
import type { BootTime } from '../target/index.ts';

export const awaitingFrom = (now: BootTime, seconds: number) => ({
  state: 'awaiting-confirmation' as const,
  confirm_boot: now.boot,
  confirm_until: now.ms + seconds * 1000,
});

/** Milliseconds that are left to confirm; undefined where nothing is to be confirmed, 0 or less when that is too late. */
export function timeLeft(row: DeploymentRow, now: BootTime): number | undefined {
  if (row.state !== 'awaiting-confirmation') {
    return undefined;
  }
  // After a restart of the machine the tree that should be confirmed is gone.
  return row.confirm_boot === now.boot ? Number(row.confirm_until) - now.ms : 0;
}
