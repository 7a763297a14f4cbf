/** The same policy on a slower link, where that is the same policy: every rate a percent, no burst in bytes. */
import { resolve, type PolicyDocument, type ResolvedPolicy, type TrafficClass } from '../policy/index.ts';

const scales = (item: TrafficClass): boolean =>
  item.guarantee?.kind !== 'absolute' &&
  item.ceiling?.kind !== 'absolute' &&
  item.burst === undefined &&
  item.police?.rate.kind !== 'absolute' &&
  item.police?.peakRate?.kind !== 'absolute' &&
  item.police?.burst === undefined &&
  item.police?.peakBurst === undefined &&
  (item.classes ?? []).every(scales);

/** @returns undefined where a rate or a burst is stated as such */
export function slowerOf({ metadata, spec }: PolicyDocument): ((bandwidth: number) => ResolvedPolicy) | undefined {
  return (spec.classes ?? []).every(scales) ? (bandwidth) => resolve(metadata.name, spec, bandwidth) : undefined;
}
