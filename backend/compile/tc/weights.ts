/** What each class of a level gets when all are busy: its guarantee, and its share of what is not guaranteed to anyone. */
import type { ResolvedClass } from '../../policy/resolve.ts';
import { MTU_FRAME } from './frame.ts';

/** A class without guarantee or share of anything left still gets this part, or its turn would not come for seconds. */
const LEAST_PART = 1 / 256;

/**
 * A strict class gets its rate and no more, whatever is left.
 * @param whole bit/s that the level has; @returns bit/s by class
 */
export function fairRates(classes: readonly ResolvedClass[], whole: number): Map<ResolvedClass, number> {
  const left = Math.max(0, whole - classes.reduce((sum, item) => sum + item.guarantee, 0));
  const shares = classes.reduce((sum, item) => sum + (item.strict ? 0 : item.share), 0);
  return new Map(
    classes.map((item) => {
      const rate = item.guarantee + (item.strict ? 0 : (left * item.share) / Math.max(1, shares));
      return [item, Math.max(rate, whole * LEAST_PART)];
    })
  );
}

/** The same as quanta in bytes: the least gets one full frame a turn. */
export function fairQuanta(classes: readonly ResolvedClass[], whole: number): Map<ResolvedClass, number> {
  const rates = fairRates(classes, whole);
  const least = Math.min(...rates.values());
  return new Map([...rates].map(([item, rate]) => [item, Math.round((MTU_FRAME * rate) / least)]));
}

/** Milliseconds until every class has had its turn when all are busy. */
export const roundTime = (quanta: ReadonlyMap<ResolvedClass, number>, bandwidth: number): number =>
  (8e3 * [...quanta.values()].reduce((sum, bytes) => sum + bytes, 0)) / bandwidth;
