/** Classes that hold packets and send none, each told once while it lasts. */
import type { ClassSample } from '../api/contract.ts';

/** Longer than a full frame takes the slowest class that is shared sensibly, 8 kbit/s, several times over. */
const SILENT_SECONDS = 10;
export const SILENT =
  'Packets wait in the class and none has been sent for ten seconds. Where its scheduler is hfsc and its link was down, it stays so: roll back and apply again. Else look whether more important classes take the whole link.';

export class Silences {
  readonly #told = new Set<string>();

  /** @returns the classes of a reading whose silence is long enough now and was not before */
  begun(tenant: string, classes: readonly ClassSample[]): ClassSample[] {
    return classes.filter(({ binding, trafficClass, silentSeconds }) => {
      const name = JSON.stringify([tenant, binding, trafficClass]);
      const begins = silentSeconds >= SILENT_SECONDS && !this.#told.has(name);
      if (begins) {
        this.#told.add(name);
      } else if (silentSeconds < SILENT_SECONDS) {
        this.#told.delete(name);
      }
      return begins;
    });
  }
}
