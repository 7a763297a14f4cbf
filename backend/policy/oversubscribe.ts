/**
 * More promised than there is, on purpose: guarantees cut in proportion until they fit, at every level. A class of HTB
 * under its own rate never asks its parent (measured: 8 + 8 under 10 gives 15.9 Mbit/s), so they have to fit before.
 */
import type { ResolvedClass } from './resolve.ts';

/** What cannot be cut of a class, bit/s: strict classes keep their one figure, which is their ceiling as well. */
export const uncut = (item: ResolvedClass): number =>
  item.strict ? item.guarantee : item.classes.reduce((sum, child) => sum + uncut(child), 0);

/**
 * @param available bit/s for all of them
 * @returns bit/s for each: its guarantee, or its part of what is there, but never less than what cannot be cut
 */
export function proportions(classes: readonly ResolvedClass[], available: number): number[] {
  const kept = classes.map((item) => (item.strict ? item.guarantee : Math.min(item.guarantee, uncut(item))));
  const whole = new Set(classes.flatMap((item, i) => (item.guarantee === kept[i] ? [i] : [])));
  for (;;) {
    const left = available - [...whole].reduce((sum, i) => sum + kept[i]!, 0);
    const wanted = classes.reduce((sum, item, i) => (whole.has(i) ? sum : sum + item.guarantee), 0);
    const part = wanted > 0 ? Math.min(1, Math.max(0, left) / wanted) : 1;
    const short = classes.flatMap((item, i) => (!whole.has(i) && item.guarantee * part < kept[i]! ? [i] : []));
    if (short.length === 0) {
      return classes.map((item, i) => (whole.has(i) ? kept[i]! : Math.floor(item.guarantee * part)));
    }
    short.forEach((i) => whole.add(i));
  }
}

/** @param available bit/s of the parent, or of the link; @returns the tree with guarantees that fit at every level */
export function fitted(classes: readonly ResolvedClass[], available: number): ResolvedClass[] {
  const sum = classes.reduce((total, item) => total + item.guarantee, 0);
  const figures = sum > available ? proportions(classes, available) : classes.map((item) => item.guarantee);
  return classes.map((item, i) => ({ ...item, guarantee: figures[i]!, classes: fitted(item.classes, figures[i]!) }));
}
