import { expect, it } from 'vitest';
import { template } from '../template.ts';
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

it('finds every class of the template', () => {
  for (const name of ['voice', 'video', 'default']) {
    expect(lineOfClass(template('branch-edge'), name)).toBeGreaterThan(5);
  }
});
