/**
 * What each class has sent and dropped since the sidecar started, summed from the kernel's own totals: exact also over
 * a second that was missed. A tree made anew begins at zero; what it counts then has happened since.
 */
import type { ClassTotal } from '../api/index.ts';
import { countedSince, type ClassCounters } from '../measure/index.ts';

export type Counted = Pick<ClassTotal, 'tenant' | 'binding' | 'trafficClass'> & { classid: string | null };

export class ClassTotals {
  private readonly readings = new Map<string, ReadonlyMap<string, ClassCounters>>();
  private totals = new Map<string, ClassTotal>();
  private classes: readonly Counted[] = [];

  /** The classes to count from now on; a class that is no longer among them loses its sum. */
  watch(classes: readonly Counted[]): void {
    this.classes = classes;
    const kept = classes.map((item): [string, ClassTotal] => {
      const { tenant, binding, trafficClass } = item;
      const key = JSON.stringify([tenant, binding, trafficClass]);
      return [key, this.totals.get(key) ?? { tenant, binding, trafficClass, bytes: 0, drops: 0 }];
    });
    this.totals = new Map(kept);
  }

  /** The first reading of a binding only sets the base: when its bytes were sent is not known. */
  read(tenant: string, binding: string, counters: readonly ClassCounters[]): void {
    const place = JSON.stringify([tenant, binding]);
    const before = this.readings.get(place);
    const now = new Map(counters.map((item) => [item.classid, item]));
    this.readings.set(place, now);
    for (const item of before ? this.classes : []) {
      const counted = item.tenant === tenant && item.binding === binding && item.classid && now.get(item.classid);
      const total = this.totals.get(JSON.stringify([item.tenant, item.binding, item.trafficClass]));
      if (counted && total) {
        const step = countedSince(before?.get(counted.classid), counted);
        total.bytes += step.bytes;
        total.drops += step.drops;
      }
    }
  }

  list(): ClassTotal[] {
    return [...this.totals.values()];
  }
}
