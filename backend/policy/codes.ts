/** Every finding code of reading and judging, with its severity: the one table from which findings are made. */
import type { Finding, Severity } from './finding.ts';

export const CODES = {
  'CP-YAML': { severity: 'error', title: 'A text that cannot be read' },
  'CP-EMPTY': { severity: 'error', title: 'A text without a document' },
  'CP-UNKNOWN-KEY': { severity: 'error', title: 'A key that the language does not have' },
  'CP-INVALID': { severity: 'error', title: 'A value of the wrong form' },
  'CP-DUPLICATE': { severity: 'error', title: 'One document twice in a text' },
  'CP-NOT-YET': { severity: 'error', title: 'Part of the language that this version does not compile yet' },
  'CP-BANDWIDTH': { severity: 'error', title: 'The bandwidth of the link is not a rate of its own' },
  'CP-BANDWIDTH-UNKNOWN': { severity: 'info', title: 'The bandwidth comes from the binding or the interface' },
  'CP-NAME-TWICE': { severity: 'error', title: 'Two classes share a name' },
  'CP-DEFAULT-MISSING': { severity: 'error', title: 'A level has no default class' },
  'CP-DEFAULT-TWICE': { severity: 'error', title: 'A level has two default classes' },
  'CP-DEFAULT-MATCH': { severity: 'error', title: 'A default class has a match' },
  'CP-MATCH-MISSING': { severity: 'error', title: 'A class has neither match nor default' },
  'CP-MATCH-IMPOSSIBLE': { severity: 'error', title: 'A clause that no packet can satisfy' },
  'CP-MATCH-HIDDEN': { severity: 'warning', title: 'An earlier class takes everything this clause matches' },
  'CP-GUARANTEE-SUM': { severity: 'error', title: 'Guarantees add up to more than there is' },
  'CP-GUARANTEE-CEILING': { severity: 'error', title: 'A guarantee above its ceiling' },
  'CP-GUARANTEE-PARENT': { severity: 'error', title: 'A percent of a guarantee that the parent does not have' },
  'CP-CEILING-PARENT': { severity: 'error', title: 'A ceiling above the parent’s' },
  'CP-CEILING-ZERO': { severity: 'error', title: 'A class that may never send' },
  'CP-STRICT-RATE': { severity: 'error', title: 'A strict class without a rate' },
  'CP-STRICT-FIGURES': { severity: 'error', title: 'A strict class with two different rates' },
  'CP-STRICT-PRIORITY': { severity: 'error', title: 'A strict class with a priority' },
  'CP-STRICT-CHILDREN': { severity: 'error', title: 'A strict class with children' },
  'CP-STRICT-DEFAULT': { severity: 'error', title: 'A strict default class' },
  'CP-STRICT-SHARE': { severity: 'warning', title: 'Strict classes hold more than a third of the link' },
  'CP-QUEUE-INNER': { severity: 'error', title: 'A queue on a class with children' },
  'CP-QUEUE-FIGURE': { severity: 'error', title: 'A figure that the queue does not have' },
  'CP-INNER-SHARING': { severity: 'warning', title: 'Priority or share of a class with children' },
  'CP-TOO-DEEP': { severity: 'error', title: 'More levels than the kernel has' },
  'CP-TOO-MANY': { severity: 'error', title: 'More classes than one tree holds' },
  'CP-OBJECTIVE-UNMEASURED': { severity: 'info', title: 'An objective that is not measured yet' },
  'CP-MORE': { severity: 'info', title: 'Findings that are not listed' },
  'CP-VARIABLE-UNKNOWN': { severity: 'error', title: 'A variable that the policy does not have' },
  'CP-VARIABLE-TYPE': { severity: 'error', title: 'A value that is not of its variable’s type' },
  'CP-VARIABLE-MISSING': { severity: 'error', title: 'A variable without a value' },
  'CP-VARIABLE-UNUSED': { severity: 'warning', title: 'A variable that nothing uses' },
  'CP-REFERENCE': { severity: 'error', title: 'A document that is named but does not exist' },
  'CP-INTERFACE': { severity: 'error', title: 'An interface that the target does not name' },
  'CP-SCHEDULE-OVERLAP': {
    severity: 'error',
    title: 'Two schedules that hold at once for one interface and direction',
  },
  'CP-BINDING-CONFLICT': { severity: 'error', title: 'Two bindings for one interface and direction' },
} as const satisfies Record<string, { severity: Severity; title: string }>;
export type Code = keyof typeof CODES;

/** Makes a finding of a code at a path; severity comes from the table. */
export function finding(code: Code, path: string, message: string, hint?: string | undefined): Finding {
  return { code, severity: CODES[code].severity, path, message, ...(hint ? { hint } : {}) };
}
