import { expect, it } from 'vitest';
import { caller } from '../testing/index.ts';
import { whyNot } from './permissions.ts';

it('a right that is there needs no words', () => {
  expect(whyNot(caller('Admin'), 'apply')).toBe('');
  expect(whyNot(caller('Editor'), 'plan')).toBe('');
});

it('a missing right names the role that has it and the one that is there', () => {
  expect(whyNot(caller('Editor'), 'apply')).toBe('Applying needs the role Admin. Yours is Editor.');
  expect(whyNot(caller('Viewer'), 'draft')).toBe(
    'Saving and deleting policies needs the role Editor or Admin. Yours is Viewer.'
  );
});

it('an Admin without a login is asked to sign in, since every change has a name', () => {
  expect(whyNot(caller('Admin', null), 'apply')).toMatch(/Sign in first/);
});

it('nothing may be done before the sidecar has said who one is', () => {
  expect(whyNot(undefined, 'read')).not.toBe('');
});
