import React from 'react';
import { fireEvent, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { AuditEntry, AuditState } from '../../data/index.ts';
import { caller, renderWithSidecar, START } from '../../testing/index.ts';
import { testIds } from '../../testIds.ts';
import { AuditPage } from './AuditPage.tsx';

const entry = (id: string, rest: Partial<AuditEntry> = {}): AuditEntry => ({
  id,
  at: START,
  by: 'ines',
  role: 'Admin',
  action: 'apply',
  subject: 'uplink on wan0',
  outcome: 'done',
  detail: 'It is in force.\nqdisc add dev wan0 root handle 1: htb\nclass add dev wan0 parent 1:',
  ...rest,
});
const chain = (rest: Partial<AuditState> = {}): AuditState => ({
  intact: true,
  entries: 42,
  unsealed: 0,
  verified: 42,
  anchored: 42,
  breaks: [],
  ...rest,
});
const answers = (more: Record<string, unknown> = {}) => ({
  'GET whoami': caller('Editor'),
  'GET audit/verify': chain(),
  'GET audit': [
    entry('2'),
    entry('1', { by: 'zoe', action: 'policy.save', outcome: 'refused', detail: 'Head moved.' }),
  ],
  ...more,
});

it('says who did what, where and how it ended, with the lines when asked', async () => {
  renderWithSidecar(<AuditPage />, answers(), '/audit');
  const row = await screen.findByTestId(testIds.auditEntry('2'));
  expect(row).toHaveTextContent('ines');
  expect(row).toHaveTextContent('uplink on wan0');
  expect(row).not.toHaveTextContent('qdisc add');
  fireEvent.click(screen.getByRole('button', { name: '2 lines' }));
  expect(row).toHaveTextContent('qdisc add dev wan0 root handle 1: htb');
});
it('says that the chain verifies, with its count and its anchor', async () => {
  renderWithSidecar(<AuditPage />, answers(), '/audit');
  const state = await screen.findByTestId(testIds.auditState);
  expect(state).toHaveAttribute('data-intact', 'true');
  expect(state).toHaveTextContent('each of its 42 entries stands as it was written');
  expect(state).toHaveTextContent('the anchor outside the database stands at entry 42');
});
it('says plainly that it was tampered with, where, and how much of it still stands', async () => {
  const breaks = [{ number: 17, reason: 'changed', by: 'zoe', message: 'Entry 17 was changed after it was written.' }];
  renderWithSidecar(<AuditPage />, answers({ 'GET audit/verify': chain({ intact: false, verified: 16, breaks: breaks as AuditState['breaks'] }) }), '/audit'); // prettier-ignore
  const state = await screen.findByTestId(testIds.auditState);
  expect(state).toHaveTextContent('The audit was tampered with');
  expect(state).toHaveTextContent('Entries up to number 16 stand as they were written');
  expect(state).toHaveTextContent('Entry 17 was changed after it was written.');
});
it('is filtered by words and by outcome, which stand in the address', async () => {
  renderWithSidecar(<AuditPage />, answers(), '/audit?outcome=refused&search=zoe%20policy');
  expect(await screen.findByTestId(testIds.auditEntry('1'))).toHaveTextContent('Refused');
  expect(screen.queryByTestId(testIds.auditEntry('2'))).not.toBeInTheDocument();
});
it('asks nothing for a Viewer, and says which role it needs', async () => {
  const { requests } = renderWithSidecar(<AuditPage />, answers({ 'GET whoami': caller('Viewer') }), '/audit');
  expect(await screen.findByText('The audit needs the role Editor or Admin')).toBeInTheDocument();
  expect(requests.map(({ call }) => call)).toEqual(['GET whoami']);
});
