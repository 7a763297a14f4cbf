import type { PlannedOperation } from '../../../data/index.ts';

export function countVerbs(operations: PlannedOperation[]): Record<PlannedOperation['verb'], number> {
  const counts = { add: 0, change: 0, replace: 0, del: 0 };
  for (const operation of operations) {
    counts[operation.verb] += 1;
  }
  return counts;
}
