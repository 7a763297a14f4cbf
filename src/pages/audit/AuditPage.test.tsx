import React from 'react';
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { AuditEntry, AuditState } from '../../data/index.ts';
import { caller, renderWithSidecar, START } from '../../testing/index.ts';
import { testIds } from '../../testIds.ts';
import { AuditPage } from './AuditPage.tsx';
import { questionOf } from './question.ts';

const entry = (id: string, rest: Partial<AuditEntry> = {}): AuditEntry => ({
  number: Number(id),
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
const queries = (requests: ReadonlyArray<{ call: string; query: string }>) =>
  requests
    .filter(({ call }) => call === 'GET audit')
    .map(({ query }) => Object.fromEntries(new URLSearchParams(query)));
it('is filtered by the sidecar, in all there is, by what stands in the address', async () => {
  const { requests } = renderWithSidecar(
    <AuditPage />,
    answers(),
    '/audit?outcome=refused&search=zoe%20policy&by=ann&action=save&subject=wan0'
  );
  await screen.findByTestId(testIds.auditEntry('1'));
  expect(queries(requests)).toEqual([
    { outcome: 'refused', search: 'zoe policy', by: 'ann', action: 'save', subject: 'wan0', limit: '100' },
  ]);
});
it('takes days as whole days, and leaves out what is none', async () => {
  const { requests } = renderWithSidecar(<AuditPage />, answers(), '/audit?since=2025-03-01&until=2025-03-02');
  await screen.findByTestId(testIds.auditEntry('1'));
  const [{ from, to } = {}] = queries(requests);
  expect(Number(to) - Number(from)).toBe(2 * 24 * 3600_000);
  expect(questionOf((key) => (key === 'since' ? 'yesterday' : ''))).toEqual({});
});
it('asks once for what is typed, and says where nothing matches', async () => {
  const { requests } = renderWithSidecar(<AuditPage />, answers(), '/audit');
  await screen.findByTestId(testIds.auditEntry('1'));
  const field = screen.getByLabelText('Who');
  fireEvent.change(field, { target: { value: 'b' } });
  fireEvent.change(field, { target: { value: 'bob' } });
  await waitFor(() => expect(queries(requests).at(-1)).toEqual({ by: 'bob', limit: '100' }));
  expect(queries(requests).map(({ by }) => by)).toEqual([undefined, 'bob']);
});
it('says that nothing matches, and that nothing has been done, as two things', async () => {
  const view = renderWithSidecar(<AuditPage />, answers({ 'GET audit': [] }), '/audit?by=bob');
  expect(await screen.findByText('No entry matches the filter')).toBeInTheDocument();
  view.unmount();
  renderWithSidecar(<AuditPage />, answers({ 'GET audit': [] }), '/audit');
  expect(await screen.findByText('Nothing has been done yet')).toBeInTheDocument();
});
it('goes back page by page, from the last entry that is shown', async () => {
  const page = (from: number) => Array.from({ length: 100 }, (_, at) => entry(String(from - at)));
  const pages = [page(150), [entry('50')]];
  const { requests } = renderWithSidecar(<AuditPage />, answers({ 'GET audit': () => pages.shift() ?? [] }), '/audit');
  fireEvent.click(await screen.findByTestId(testIds.auditMore));
  expect(await screen.findByTestId(testIds.auditEntry('50'))).toBeInTheDocument();
  expect(screen.getByTestId(testIds.auditEntry('150'))).toBeInTheDocument();
  expect(queries(requests).map(({ before }) => before)).toEqual([undefined, '51']);
  expect(screen.queryByTestId(testIds.auditMore)).not.toBeInTheDocument();
});
it('asks nothing for a Viewer, and says which role it needs', async () => {
  const { requests } = renderWithSidecar(<AuditPage />, answers({ 'GET whoami': caller('Viewer') }), '/audit');
  expect(await screen.findByText('The audit needs the role Editor or Admin')).toBeInTheDocument();
  expect(requests.map(({ call }) => call)).toEqual(['GET whoami']);
});
