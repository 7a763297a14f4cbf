/**
 * The seal of an audit entry: HMAC-SHA256 (RFC 2104) over the seal before it and every field of the entry, so that none
 * can be changed, taken out, put in or moved without the key.
 */
import { createHmac, type Hmac } from 'node:crypto';
import type { AuditTable } from './tables.ts';

export type Sealed = Omit<AuditTable, 'seal'>;

/** One way only to write an entry: a JSON list in a fixed order, which shows where each field ends. */
const canonical = (entry: Sealed): string =>
  JSON.stringify([
    entry.number, entry.id, entry.tenant, entry.at, entry.by, entry.role, entry.action, entry.subject, entry.outcome, entry.detail,
  ]); // prettier-ignore

/** @param previous seal of the entry before, or the chain's beginning. @returns 64 hexadecimal digits */
export const sealOf = (key: Buffer, previous: string, entry: Sealed): string =>
  createHmac('sha256', key)
    .update(`entry ${previous} ${canonical(entry)}`)
    .digest('hex');

/** What a chain begins with: a seal over all entries that were there before it, as they stood. */
export class Beginning {
  private readonly hash: Hmac;
  constructor(key: Buffer) {
    this.hash = createHmac('sha256', key).update('beginning');
  }
  add(entry: AuditTable): void {
    this.hash.update(`\n${entry.seal ?? ''} ${canonical(entry)}`);
  }
  seal(): string {
    return this.hash.digest('hex');
  }
}

/** Says which key it is, without saying the key. */
export const keyId = (key: Buffer): string => createHmac('sha256', key).update('key').digest('hex').slice(0, 16);
