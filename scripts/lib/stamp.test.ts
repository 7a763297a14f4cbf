import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hashOf, stamps } from './stamp.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'clearpath-stamp-'));
  mkdirSync(path.join(root, 'src/deep'), { recursive: true });
  writeFileSync(path.join(root, 'src/deep/a.ts'), 'one');
  writeFileSync(path.join(root, 'src/a.test.ts'), 'test');
});
afterEach(() => rmSync(root, { recursive: true }));

const hash = () => hashOf(root, ['src', 'absent.json'], (file) => !file.endsWith('.test.ts'));

it('changes with the content, the name and the number of files, and with nothing else', () => {
  const first = hash();
  writeFileSync(path.join(root, 'src/a.test.ts'), 'another test');
  writeFileSync(path.join(root, 'src/deep/a.ts'), 'one');
  expect(hash()).toBe(first);
  writeFileSync(path.join(root, 'src/deep/a.ts'), 'two');
  const second = hash();
  expect(second).not.toBe(first);
  writeFileSync(path.join(root, 'absent.json'), '{}');
  expect(hash()).not.toBe(second);
});

it('keeps one stamp for each product', () => {
  const kept = stamps(path.join(root, '.clearpath'));
  expect(kept.get('plugin')).toBeNull();
  kept.set('plugin', 'a');
  kept.set('bridge', 'b');
  expect([kept.get('plugin'), kept.get('bridge')]).toEqual(['a', 'b']);
});
