import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { blank, named } from './newDocument.ts';

const folder = path.join(process.cwd(), 'templates');

it.each(readdirSync(folder))('%s takes another name, and nothing else of it changes', (file) => {
  const source = readFileSync(path.join(folder, file), 'utf8');
  const own = file.slice(0, -'.yaml'.length);
  const other = named(source, 'edge');
  expect(other).toContain('\n  name: edge\n');
  expect(named(other, own)).toBe(source);
});

it('is called as asked where there is no template', () => {
  expect(blank('edge')).toContain('\n  name: edge\n');
});
