/** What a command comes to: an exit status, words for a person and an object for a program. */
import { userInfo } from 'node:os';
import type { Finding } from '../policy/index.ts';
import type { Call } from './arguments.ts';
import { sayFindings } from './words.ts';

export const DONE = 0;
export const FINDINGS = 1;
export const WRONG_USE = 2;
export const REFUSED = 3;
/** The sidecar's tenant: both keep the same store. */
export const TENANT = 'main';

export interface Result {
  status: number;
  /** For a person */
  text: string;
  /** For a program */
  json: Record<string, unknown>;
  /** The text is what was asked for, whatever the status */
  toOutput?: boolean;
}

export const result = (status: number, text: string, json: Record<string, unknown>): Result => ({ status, text, json });

export const actor = () => ({ login: process.env.SUDO_USER ?? userInfo().username, role: 'command line' });
export function findingsOnly(call: Call, findings: Finding[]): Result {
  return result(FINDINGS, sayFindings(call.file, findings), { findings });
}

/** A refusal at a policy path is a finding there. */
export function refusalAt(
  call: Call,
  code: string,
  message: string,
  path: string | undefined,
  line: number | undefined
): Result {
  const at = path ? `${call.file}:${line ?? 1}: error   ${code} ${path}\n    ` : '';
  return result(REFUSED, `${at}${message}\n`, {
    error: { code, message, ...(path ? { path } : {}), ...(line ? { line } : {}) },
  });
}
