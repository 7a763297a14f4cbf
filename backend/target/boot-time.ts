/** The machine's own clock: it counts from its start, sleep included, and no one can set it. */
import { readFileSync } from 'node:fs';

export interface BootTime {
  /** Which run of the machine it is */
  boot: string;
  /** Milliseconds since that began (CLOCK_BOOTTIME) */
  ms: number;
}

export const bootTime = (): BootTime => ({
  boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
  ms: Math.round(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000),
});
