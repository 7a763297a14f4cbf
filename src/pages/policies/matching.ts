import type { PolicySummary } from '../../data/index.ts';

/** Policies that hold every word of the search in their name, description or bindings. */
export function matching(policies: PolicySummary[], search: string): PolicySummary[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return policies.filter((policy) => {
    const text = [policy.name, policy.description, ...policy.bindings].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
