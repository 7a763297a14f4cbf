/** The rule that restores a DSCP from the connection's mark, changed by another hand: bits of it are figures of the document. */
import { filterContent, type Ctinfo, type Filter } from '../compile/tc/index.ts';
import { formatBits } from '../policy/selectors.ts';
import type { Drifted } from './drift.ts';

type Restored = NonNullable<Ctinfo['dscp']>;

const restoredBy = ({ classid, actions = [] }: Filter): Restored | undefined =>
  classid === '' ? actions.find((action) => action.kind === 'ctinfo')?.dscp : undefined;

/** What the rule is beside the bits, and where. */
const otherwise = (filter: Filter): string =>
  `${filter.pref} ${filterContent({ ...filter, actions: filter.actions?.map((action) => (action.kind === 'ctinfo' ? { ...action, dscp: { mask: 0, state: 0 } } : action)) })}`; // prettier-ignore

function changes(inForce: Restored, live: Restored): Drifted[] {
  const word = (key: keyof Restored, what: string): Drifted[] => {
    const [then, now] = [inForce[key], live[key]];
    const bits = (value: number) => (value === 0 ? 'none' : formatBits(value));
    return then === now
      ? []
      : [
          {
            path: `spec.restoreDscp.${key}`,
            words: `${what}: ${bits(then)} in force, ${bits(now)} live, changed by hand.`,
            ...(now === 0
              ? { value: undefined, unsayable: `Remove ${key} from restoreDscp in the document where the DSCP should be restored always.` } // prettier-ignore
              : { value: formatBits(now) }),
          },
        ];
  };
  return [
    ...word('mask', 'bits of the connection’s mark that become the DSCP'),
    ...word('state', 'bits of the connection’s mark that say whether it keeps a DSCP'),
  ];
}

/** @returns what differs in bits, and the rules about which nothing more is to be said */
export function restoredDrift(
  inForce: readonly Filter[],
  live: readonly Filter[]
): { drifted: Drifted[]; then: Filter[]; now: Filter[] } {
  const was = inForce.find(restoredBy);
  const is = was && live.find((filter) => restoredBy(filter) && otherwise(filter) === otherwise(was));
  return is
    ? {
        drifted: changes(restoredBy(was)!, restoredBy(is)!),
        then: inForce.filter((filter) => filter !== was),
        now: live.filter((filter) => filter !== is),
      }
    : { drifted: [], then: [...inForce], now: [...live] };
}

/** What to do in the document where the rule is there no more, or otherwise than bits. */
export const restoredAdvice = (filter: Filter): string | undefined =>
  restoredBy(filter) && 'Change or remove restoreDscp in the document where it should stay so.';
