/** The fixes of a policy's findings, one after the other, until none is left that offers one. */
import { writeFileSync } from 'node:fs';
import { applyEdits, hasErrors, type Finding, type Values } from '../policy/index.ts';
import { UsageError, type Call } from './arguments.ts';
import { DONE, FINDINGS, result, type Result } from './result.ts';
import { judgeFile, readSource } from './source.ts';
import { sayFindings, sayFixes } from './words.ts';

/** Fixes lead to fixes: what was misspelt is judged once it can be read. Nothing takes more than these. */
const MOST_FIXES = 500;

export interface Fixed {
  source: string;
  /** The findings whose fixes were made, in order */
  fixed: Finding[];
  /** What is left to do by hand */
  left: Finding[];
}

const key = ({ document, path, code }: Finding) => `${document} ${path} ${code}`;

/** Errors first. What is only worth knowing is left alone: its fix says something that the operator may not mean. */
export function fixAll(source: string, policy: string | undefined, values: Values | undefined): Fixed {
  const fixed: Finding[] = [];
  const tried = new Set<string>();
  for (let text = source; ;) {
    const left = judgeFile(text, policy, undefined, values).findings;
    const open = left.filter((item) => item.fix && item.severity !== 'info' && !tried.has(key(item)));
    const next = open.find((item) => item.severity === 'error') ?? open[0];
    // Warnings wait until the document is sound but for what has no fix.
    if (!next || fixed.length >= MOST_FIXES || (next.severity === 'warning' && hasErrors(left))) {
      return { source: text, fixed, left };
    }
    tried.add(key(next));
    fixed.push(next);
    text = applyEdits(text, next.fix!.edits, next.document);
  }
}

/** Prints the corrected text, or writes it where told to; what was fixed and what is left goes to standard error. */
export function fixFile(call: Call): Result {
  if (call.yes && call.file === '-') {
    throw new UsageError('Standard input cannot be written to. Leave out --yes: the corrected text is printed.');
  }
  const given = Object.keys(call.values).length > 0 ? call.values : undefined;
  const before = readSource(call.file);
  const { source, fixed, left } = fixAll(before, call.policy, given);
  const written = call.yes && source !== before;
  if (written) {
    writeFileSync(call.file, source);
  }
  process.stderr.write(call.json ? '' : `${sayFixes(call.file, fixed)}${sayFindings(call.file, left)}`);
  const fixes = fixed.map(({ code, path, line, fix }) => ({ code, path, line, title: fix!.title }));
  const json = { fixes, findings: left, written, source };
  return { ...result(hasErrors(left) ? FINDINGS : DONE, call.yes ? '' : source, json), toOutput: true };
}
