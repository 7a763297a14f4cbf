/** What the command line says to a person. */
import { sideWords } from '../compile/tc/index.ts';
import type { DeploymentPlan } from '../deploy/index.ts';
import { formatRate, sayValue, type Finding, type ResolvedPolicy, type VariableUse, flatten } from '../policy/index.ts';

const MARK = { error: 'error  ', warning: 'warning', info: 'info   ' } as const;

export function sayFindings(file: string, findings: readonly Finding[]): string {
  return findings
    .map(
      (f) =>
        `${file}:${f.line ?? 1}: ${MARK[f.severity]} ${f.code} ${f.path}\n    ${f.message}${f.hint ? `\n    ${f.hint}` : ''}\n`
    )
    .join('');
}

export const sayFixes = (file: string, fixed: readonly Finding[]): string =>
  fixed
    .map(({ code, path, line, fix }) => `${file}:${line ?? 1}: fixed   ${code} ${path}\n    ${fix!.title}\n`)
    .join('');

export function sayPolicy(policy: ResolvedPolicy): string {
  const rows = flatten(policy.classes).map((item) => [
    `${'  '.repeat(item.path.split('/').length - 1)}${item.name}${item.default ? ' (default)' : ''}`,
    item.strict ? 'strict' : `priority ${item.priority}`,
    formatRate(item.guarantee),
    formatRate(item.ceiling),
  ]);
  const table = [['class', '', 'guarantee', 'ceiling'], ...rows];
  const width = table[0]!.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  return `${policy.name} on ${formatRate(policy.bandwidth)}\n${table.map((row) => `  ${row.map((cell, i) => cell.padEnd(width[i]!)).join('  ')}`.trimEnd()).join('\n')}\n`;
}

const FROM = { binding: 'as given', default: 'by default', example: 'as an example' } as const;

export const sayVariables = (variables: readonly VariableUse[]): string =>
  variables.map(({ name, value, from }) => `\${${name}} is ${sayValue(value)}, ${FROM[from]}.\n`).join('');

export function sayPlan(plan: DeploymentPlan, live: string): string {
  const lines = plan.operations.map(
    (operation) =>
      `${operation.line}\n    # ${operation.path ? `${operation.path} — ` : ''}${operation.reason}${operation.disruptive ? ' — DISRUPTIVE' : ''}\n`
  );
  const head = `Now on ${sideWords(plan.intent.device)}: ${live}.\n${plan.notes.map((note) => `Note: ${note}\n`).join('')}${(plan.traffic ?? []).map((text) => `Reclassified: ${text}\n`).join('')}`;
  const foreign = plan.restorable
    ? ''
    : `Not restorable: ${plan.before.inexact.join('; ')}. Applying needs --replace-foreign.\n`;
  return (
    head +
    foreign +
    (lines.length === 0
      ? 'Nothing to do: the interface already carries this.\n'
      : `${lines.join('')}${lines.length} ${lines.length === 1 ? 'operation' : 'operations'}.\n`)
  );
}
