/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** Boot id and start time in clock ticks since then. */
  start: string;
}
export function identify(pid: number): ProcessIdentity | null;
export function isRunning(identity: ProcessIdentity): boolean;
export function endProcess(identity: ProcessIdentity, grace?: number): Promise<boolean>;
export function groupOf(leader: ProcessIdentity): number[];
export function endGroup(leader: ProcessIdentity, grace?: number): Promise<boolean>;
