/**
 * Rules at the hook on an interface's way out. A packet passes them before it comes to the tree, whose class a rule may
 * name there by the packet's priority: that goes before all rules of the tree (sch_htb.c, htb_classify; others alike).
 */
import type { RestoreDscp } from '../../../policy/schema.ts';
import type { Action, Filter } from '../model.ts';
import type { Hook, Remark } from './model.ts';
import { unread } from './remarks.ts';
import { restoredIn } from './restored.ts';

/** In place of the qdisc's handle, for rules and their remarks */
export const LEAVING = 'egress:';

/** The class that an action names, and what else it does. */
function named(action: Action): { classid: string; rest: Action } | undefined {
  const text = action.kind === 'other' ? action.text : '';
  const [, classid, mark = '', verdict] = /^skbedit priority (\S+)( mark \d+(?:\/\S+)?)? (\w+)$/.exec(text) ?? [];
  return classid
    ? {
        classid,
        rest: { kind: 'other', text: mark ? `skbedit${mark} ${verdict}` : `gact action ${verdict} random type none pass val 0` }, // prettier-ignore
      }
    : undefined;
}

function asRule(filter: Filter): Filter | undefined {
  let classid: string | undefined;
  const actions = (filter.actions ?? []).map((action) => {
    const to = named(action);
    classid = to?.classid ?? classid;
    return to?.rest ?? action;
  });
  return classid === undefined ? undefined : { ...filter, classid, actions };
}

/** @param classes whether the tree has any that a priority could name; @returns rules that lead to classes of the tree, to be asked before its own */
export function leavingIn(
  hook: Hook,
  classes: boolean,
  remark: (item: Remark) => void
): { rules: Filter[]; restoreDscp?: RestoreDscp } {
  const all = hook.filters.map((filter) => ({ ...filter, parent: LEAVING }));
  unread({ ...hook, filters: all, qdiscs: [] }).forEach(remark);
  const { filters, restoreDscp } = restoredIn(all, true);
  const rules = filters.flatMap((filter) => {
    const rule = filter.chain || !classes ? undefined : asRule(filter);
    if (!rule && !filter.chain) {
      remark({ kind: 'left-out', object: `filter ${LEAVING} pref ${filter.pref}`, message: 'It acts on packets before they come to the tree, and the policy is of the tree.' }); // prettier-ignore
    }
    return rule ?? (filter.chain ? filter : []);
  });
  if (all.length > 0) {
    remark({ kind: 'notice', object: 'hook of what leaves', message: 'Its rules stay when the policy is applied, and go before those of the policy. Take them away once the policy is in force.' }); // prettier-ignore
  }
  return { rules, ...(restoreDscp && { restoreDscp }) };
}
