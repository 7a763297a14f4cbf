/** How a binding's interfaces are changed one after the other: a canary, then waves. */
import { z } from 'zod';
import { DurationField, parsePercent } from './quantities.ts';

/** So many interfaces, or a percent of them. */
type Share = { count: number } | { percent: number };

const ShareField = z
  .custom<number | string>((value) => typeof value === 'number' || typeof value === 'string', {
    error: (issue) => `${JSON.stringify(issue.input)} is not a share; write a number of interfaces or a percent such as 5%.`,
  })
  .transform((value, context): Share => {
    const share = typeof value === 'number' ? value : parsePercent(value);
    if (typeof share === 'string' || share <= 0 || (typeof value === 'number' && !Number.isInteger(value))) {
      const message = `"${value}" is not a share. Write a number of interfaces from 1 on, or a percent such as 5%.`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
    return typeof value === 'number' ? { count: share } : { percent: share };
  }); // prettier-ignore

export const Rollout = z.strictObject({
  canary: ShareField.optional(),
  waves: z.array(ShareField).min(1, 'List at least one share, or remove the key.').max(100).optional(),
  pause: z.union([z.literal('manual'), DurationField], { error: 'pause is a duration such as 10m, or manual.' }).optional(),
  onFailure: z.enum(['stop', 'rollback']).optional(),
}); // prettier-ignore
export type Rollout = z.infer<typeof Rollout>;

/** Rounded up: a share is never nobody. */
const countOf = (share: Share, of: number) =>
  'count' in share ? share.count : Math.ceil((of * share.percent) / 100 - 1e-9);

/**
 * The size of each wave. Each share says how many have the policy after its wave; what adds nobody is left out, and the
 * last wave brings all that are left. Without a word: one interface, then the others.
 * @returns sizes above 0 that add up to `interfaces`
 */
export function wavesOf(interfaces: number, { canary = { count: 1 }, waves = [] }: Rollout = {}): number[] {
  const sizes: number[] = [];
  let reached = 0;
  for (const share of [canary, ...waves, { percent: 100 }]) {
    const next = Math.min(interfaces, countOf(share, interfaces));
    if (next > reached) {
      sizes.push(next - reached);
      reached = next;
    }
  }
  return sizes;
}
