import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bridgeToken } from './token.mjs';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'clearpath-token-'));
  file = path.join(folder, 'state/bridge.token');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is made once, is long, and can be read by its owner alone', () => {
  const token = bridgeToken(file);
  expect(bridgeToken(file)).toBe(token);
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(readFileSync(file, 'utf8').trim()).toBe(token);
  expect(statSync(file).mode & 0o077).toBe(0);
});

it('is never an empty one', () => {
  bridgeToken(file);
  writeFileSync(file, '\n');
  expect(() => bridgeToken(file)).toThrow(/is empty\. Nothing was started/);
});
