/** The token by which Grafana's bridge and the sidecar know each other: made once, readable by its owner alone. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Its value; made at the first call. base64url, so that it survives every file and header it is put in. */
export function bridgeToken(file) {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') {
      throw error;
    }
  }
  const token = readFileSync(file, 'utf8').trim();
  if (token === '') {
    throw new Error(`${file} is empty. Nothing was started. Remove it, and a new token is made at the next start.`);
  }
  return token;
}
