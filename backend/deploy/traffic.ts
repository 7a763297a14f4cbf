/** Which packets a plan brings into another class, by what the journal says each class in force takes. */
import { reclassified, sayReclassification, UNTOLD, type ResolvedPolicy, type Sorted } from '../policy/index.ts';
import { onceFor, onceForText } from './shared.ts';

const sorted = (classes: readonly Sorted[]): Sorted[] =>
  classes.map(({ name, default: rest, match = [], classes: inner = [] }) => ({
    name,
    ...(rest && { default: rest }),
    ...(match.length > 0 && { match }),
    ...(inner.length > 0 && { classes: sorted(inner) }),
  }));

/** JSON of the classes with their matches, for the journal. */
export const matchingOf: (policy: ResolvedPolicy) => string = onceFor(({ classes }) => JSON.stringify(sorted(classes)));

/** @returns a function of what is journalled of two policies: sentences, or null where one of them is not known */
export function trafficBetween(): (before: string, after: string) => string[] | null {
  const from = onceForText((before) =>
    onceForText((after): string[] => {
      if (before === after) {
        return [];
      }
      const { found, complete } = reclassified(JSON.parse(before) as Sorted[], JSON.parse(after) as Sorted[]);
      return [...found.map(sayReclassification), ...(complete ? [] : [UNTOLD])];
    })
  );
  return (before, after) => (before === '' || after === '' ? null : from(before)(after));
}
