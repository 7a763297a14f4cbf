/** Which packets a plan brings into another class, by what the journal says each class in force takes. */
import {
  reclassified,
  sayReclassification,
  UNTOLD,
  type ResolvedPolicy,
  type RestoreDscp,
  type Sorted,
} from '../policy/index.ts';
import { onceFor, onceForText } from './shared.ts';

const sorted = (classes: readonly Sorted[]): Sorted[] =>
  classes.map(({ name, default: rest, match = [], classes: inner = [] }) => ({
    name,
    ...(rest && { default: rest }),
    ...(match.length > 0 && { match }),
    ...(inner.length > 0 && { classes: sorted(inner) }),
  }));

/** JSON of the classes with their matches, for the journal; with what is restored before them, where that is. */
export const matchingOf: (policy: ResolvedPolicy) => string = onceFor(({ classes, restoreDscp }) =>
  JSON.stringify(restoreDscp ? { restoreDscp, classes: sorted(classes) } : sorted(classes))
);
interface Matching {
  restoreDscp?: RestoreDscp;
  classes: Sorted[];
}
function parseMatching(json: string): Matching {
  const parsed = JSON.parse(json) as Sorted[] | Matching;
  return Array.isArray(parsed) ? { classes: parsed } : parsed;
}

const RESTORED =
  'What is restored from connections changes: packets of tracked connections go to the class of another DSCP than before.';

/** @returns a function of what is journalled of two policies: sentences, or null where one of them is not known */
export function trafficBetween(): (before: string, after: string) => string[] | null {
  const from = onceForText((before) =>
    onceForText((after): string[] => {
      if (before === after) {
        return [];
      }
      const [old, now] = [parseMatching(before), parseMatching(after)];
      const { found, complete } = reclassified(old.classes, now.classes);
      const same = JSON.stringify(old.restoreDscp) === JSON.stringify(now.restoreDscp);
      return [...(same ? [] : [RESTORED]), ...found.map(sayReclassification), ...(complete ? [] : [UNTOLD])];
    })
  );
  return (before, after) => (before === '' || after === '' ? null : from(before)(after));
}
