/** The DSCP that is restored from the mark of a packet's connection before any class is looked for. */
import type { RestoreDscp } from '../../../policy/schema.ts';
import type { Action, Ctinfo, Filter } from '../model.ts';
import { word } from '../u32.ts';

export const RESTORES_SOME = 'It restores the DSCP that the packet’s connection keeps; the policy says that of all packets, before their class is looked for (restoreDscp).'; // prettier-ignore

const EVERYTHING: readonly string[] = ['', word(0, 0, 0)];

/** tc takes no mask but six bits side by side, and no state in them: the policy says all that there is. */
export const restoring = ({ mask, state }: NonNullable<Ctinfo['dscp']>): RestoreDscp => ({
  mask,
  ...(state > 0 && { state }),
});

/**
 * The rule that restores a DSCP for all the others: the first where it stands, of every packet, which then goes on.
 * @param hook the rules are those of a hook, from which packets go on to the tree also where no rule is left
 * @returns it with the rules that are left
 */
export function restoredIn(filters: readonly Filter[], hook = false): { filters: Filter[]; restoreDscp?: RestoreDscp } {
  const rules = filters.filter(({ chain, parent }) => !chain && parent.endsWith(':'));
  const rule = rules.find(
    ({ parent, pref, protocol, keys, partial }) =>
      protocol === 'all' &&
      partial === undefined &&
      EVERYTHING.includes(keys.join()) &&
      rules.every((other) => other.parent !== parent || other.pref >= pref)
  );
  const { actions = [] } = rule ?? {};
  const last = actions.at(-1);
  if (!rule || last?.kind !== 'ctinfo' || !last.dscp || (last.then !== 'continue' && !(hook && rules.length === 1))) {
    return { filters: [...filters] };
  }
  const { dscp, ...copies } = last;
  // What it does beside that, such as copying bits of the mark, is read like any rule.
  const others: Action[] = [...actions.slice(0, -1), ...(copies.mark === undefined ? [] : [copies])];
  const rest = others.length > 0 ? [{ ...rule, actions: others }] : [];
  return {
    filters: filters.flatMap((filter) => (filter === rule ? rest : [filter])),
    restoreDscp: restoring(dscp),
  };
}
