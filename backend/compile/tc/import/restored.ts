/** The DSCP that a tree restores from the mark of a packet's connection. */
import type { RestoreDscp } from '../../../policy/schema.ts';
import type { Action, LiveTree } from '../model.ts';
import { word } from '../u32.ts';

/**
 * The rule that restores a DSCP for all the others: the first where it stands, of every packet, which then goes on.
 * @returns it with the tree that is left
 */
export function restoredIn(tree: LiveTree): { tree: LiveTree; restoreDscp?: RestoreDscp } {
  const everything: readonly string[] = ['', word(0, 0, 0)];
  const rules = tree.filters.filter(({ chain, parent }) => !chain && parent.endsWith(':'));
  const rule = rules.find(
    ({ parent, pref, protocol, keys, partial }) =>
      protocol === 'all' && partial === undefined && everything.includes(keys.join()) &&
      rules.every((other) => other.parent !== parent || other.pref >= pref)
  ); // prettier-ignore
  const { actions = [] } = rule ?? {};
  const last = actions.at(-1);
  if (last?.kind !== 'ctinfo' || !last.dscp || last.then !== 'continue') {
    return { tree };
  }
  const { dscp, ...copies } = last;
  // What it does beside that, such as copying bits of the mark, is read like any rule.
  const others: Action[] = [...actions.slice(0, -1), ...(copies.mark === undefined ? [] : [copies])];
  const rest = others.length > 0 ? [{ ...rule!, actions: others }] : [];
  return {
    tree: { ...tree, filters: tree.filters.flatMap((filter) => (filter === rule ? rest : [filter])) },
    restoreDscp: { mask: dscp.mask, ...(dscp.state > 0 && { state: dscp.state }) },
  };
}
