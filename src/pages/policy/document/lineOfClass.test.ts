import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { lineOfClass } from './lineOfClass.ts';

const source = `metadata: { name: voice }
classes:
  - name: voice
    classes:
      - { name: g711, guarantee: 1mbit }
  - name: "voice-mail"
    guarantee: 5%
`;

it('finds a class by the last name of its path, in block and in flow style', () => {
  expect(lineOfClass(source, 'voice')).toBe(3);
  expect(lineOfClass(source, 'voice/g711')).toBe(5);
  expect(lineOfClass(source, 'voice-mail')).toBe(6);
});

it('does not find what is not there', () => {
  expect(lineOfClass(source, 'video')).toBeUndefined();
});

it('finds every class of a template', () => {
  const template = readFileSync(path.join(process.cwd(), 'templates/campus-4.yaml'), 'utf8');
  for (const name of ['real-time', 'rest', 'rest/background']) {
    expect(lineOfClass(template, name)).toBeGreaterThan(10);
  }
});
