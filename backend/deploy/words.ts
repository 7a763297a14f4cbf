/** Sentences about trees and deployments. */
import { isKernelDefault, rootOf, type TcTree } from '../compile/tc/index.ts';
import { formatRate } from '../policy/quantities.ts';
import type { DeploymentRow } from '../store/index.ts';
import type { DeploymentPlan } from './model.ts';

export function describe(tree: TcTree): string {
  const root = rootOf(tree);
  if (tree.ingress && (!root || isKernelDefault(tree))) {
    const { rules } = tree.ingress;
    return rules.length > 0 ? `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'} on what it receives` : 'nothing that acts on what it receives'; // prettier-ignore
  }
  if (!root || isKernelDefault(tree)) {
    return `the kernel’s default queue (${root?.kind ?? 'none'})`;
  }
  const parts = [
    `${root.kind} ${root.handle}`,
    counted(tree.classes.length, 'class', 'classes'),
    counted(tree.filters.length, 'rule', 'rules'),
    tree.ingress?.ifb ? `on ${tree.ingress.ifb.name}` : '',
  ];
  return parts.filter(Boolean).join(', ');
}

const counted = (count: number, one: string, more: string): string =>
  count === 0 ? '' : `${count} ${count === 1 ? one : more}`;

/** The message goes into the history and, with who applied it, into the audit. */
const oversubscribedWords = ({ intent: { oversubscribed } }: DeploymentPlan): string =>
  oversubscribed === undefined ? '' : ` Oversubscribed on purpose: ${oversubscribed}`;

export function doneWords(plan: DeploymentPlan, row: DeploymentRow): string {
  const { count } = plan.changes;
  if (row.action === 'recover') {
    return `What was in force was gone, as after a restart of the machine: ${describe(plan.after)} is in force again, read back and equal.`;
  }
  return row.action === 'rollback'
    ? `Rolled back: ${describe(plan.after)} is in force again, read back and equal.`
    : `${count} ${count === 1 ? 'operation' : 'operations'} applied, read back and ${row.confirm_within === null ? 'confirmed' : 'equal'} at ${formatRate(plan.intent.bandwidth)}${row.confirm_within === null ? '' : `; to be confirmed within ${row.confirm_within} s`}.${oversubscribedWords(plan)}`;
}
