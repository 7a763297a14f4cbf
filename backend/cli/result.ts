/** What a command comes to: an exit status, words for a person and an object for a program. */
import { userInfo } from 'node:os';

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
}

export const result = (status: number, text: string, json: Record<string, unknown>): Result => ({ status, text, json });

export const actor = () => ({ login: process.env.SUDO_USER ?? userInfo().username, role: 'command line' });
