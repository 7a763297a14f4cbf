import React from 'react';
import { dateTimeFormat } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes } from 'react-router';
import { afterEach, expect, it, vi } from 'vitest';
import { binding, caller, policy, problem, renderWithSidecar, version } from '../../testing/index.ts';
import { testIds } from '../../testIds.ts';
import { PolicyPage } from './PolicyPage.tsx';

// Monaco is Grafana's own and not there outside of it.
vi.mock('./document/DocumentEditor.tsx', () => ({
  DocumentEditor: React.forwardRef<unknown, { value: string; onChange: (text: string) => void }>(function Editor(
    { value, onChange },
    _ref
  ) {
    return <textarea value={value} onChange={(event) => onChange(event.target.value)} />;
  }),
}));
// The pages hand their actions to Grafana's frame, which is not there outside of it.
vi.mock('@grafana/runtime', async (original) => ({
  ...(await original<object>()),
  PluginPage: ({ actions, children }: { actions?: React.ReactNode; children: React.ReactNode }) => (
    <>
      {actions}
      {children}
    </>
  ),
}));
afterEach(() => vi.restoreAllMocks());

const open = (more: Record<string, unknown> = {}) =>
  renderWithSidecar(
    <Routes>
      <Route path="policies/:name" element={<PolicyPage />} />
    </Routes>,
    {
      'GET whoami': caller('Editor'),
      'GET bindings': [],
      'GET policies/branch-edge': policy({ bindings: [] }),
      'POST policies/validate': { findings: [], outline: null },
      ...more,
    },
    '/policies/branch-edge'
  );

it('asks before it deletes, and leads back to the list', async () => {
  const push = vi.spyOn(locationService, 'push').mockImplementation(() => undefined);
  const { requests } = open({ 'DELETE policies/branch-edge': { removed: true } });
  const remove = await screen.findByTestId(testIds.documentDelete);
  await waitFor(() => expect(remove).not.toHaveAttribute('aria-disabled', 'true'));
  await userEvent.click(remove);
  expect(requests.some(({ call }) => call.startsWith('DELETE'))).toBe(false);
  await userEvent.click(screen.getByTestId(testIds.documentDeleteConfirm));
  expect(requests.find(({ call }) => call.startsWith('DELETE'))?.body).toEqual({ baseRevision: policy().revision });
  await waitFor(() => expect(push).toHaveBeenCalledWith(expect.stringMatching(/\/policies$/)));
});
it('names the bindings for which a policy cannot be deleted', async () => {
  open({ 'GET policies/branch-edge': policy({ bindings: ['uplinks'] }) });
  const remove = await screen.findByTestId(testIds.documentDelete);
  await waitFor(() => expect(screen.getByTestId(testIds.plan)).toBeInTheDocument());
  expect(remove).toHaveAttribute('aria-disabled', 'true');
});
it('says where it is in force when the sidecar would not delete it', async () => {
  const detail =
    'Policy/branch-edge was not deleted: The policy is in force on wan0, by "wan0". Roll it back there first.';
  open({ 'DELETE policies/branch-edge': problem({ status: 409, code: 'CP-IN-USE', title: 'Still in use', detail }) });
  const remove = await screen.findByTestId(testIds.documentDelete);
  await waitFor(() => expect(remove).not.toHaveAttribute('aria-disabled', 'true'));
  await userEvent.click(remove);
  await userEvent.click(screen.getByTestId(testIds.documentDeleteConfirm));
  expect(await within(screen.getByRole('dialog')).findByText(detail)).toBeInTheDocument();
});
it('offers the versions of a policy that was deleted, and says of any other name that there is none', async () => {
  const missing = problem({ status: 404, code: 'CP-NOT-FOUND', title: 'No such policy' });
  const changes = { changes: null, unreadable: [], sources: ['', 'kind: Policy\n'] };
  const view = open({
    'GET policies/branch-edge': missing,
    'GET policies/branch-edge/versions': [version(2, { removed: true }), version(1)],
    'GET policies/branch-edge/changes': changes,
    'POST policies/branch-edge/restore': policy(),
  });
  expect(await screen.findByText('This policy was deleted')).toBeInTheDocument();
  await userEvent.click(await screen.findByTestId(testIds.restore(1)));
  const dialog = within(await screen.findByRole('dialog'));
  await waitFor(() => expect(dialog.getByTestId(testIds.restoreConfirm)).not.toHaveAttribute('aria-disabled', 'true'));
  await userEvent.click(dialog.getByTestId(testIds.restoreConfirm));
  expect(view.requests.find(({ call }) => call.endsWith('/restore'))?.body).toEqual({ number: 1, baseRevision: null });
  view.unmount();
  open({ 'GET policies/branch-edge': missing, 'GET policies/branch-edge/versions': missing });
  expect(await screen.findByText('There is no policy of this name')).toBeInTheDocument();
});

const link = (name: string, of: string, rest: Parameters<typeof binding>[0]) =>
  binding({ name: `${of}.${name}`, binding: of, interface: name, ...rest });
const begins = Date.now() + 2 * 3600_000;

it('says before a save which bindings apply it by the clock, and when each does', async () => {
  open({
    'GET bindings': [
      link('wan0', 'plain', {}),
      link('wan0', 'night', { state: 'standby', schedule: { holds: false, begins } }),
      link('wan1', 'night', { state: 'standby', schedule: { holds: false, begins } }),
      link('wan2', 'office', { state: 'in-force', schedule: { holds: true, begins } }),
      link('wan3', 'office', { state: 'not-applied', schedule: { holds: true, begins } }),
      link('wan4', 'lent', { policy: 'another', schedule: { holds: false, begins } }),
    ],
  });
  const editor = await screen.findByRole('textbox');
  await screen.findByTestId(testIds.plan);
  expect(screen.queryByTestId(testIds.saveEffect)).not.toBeInTheDocument();
  await userEvent.type(editor, ' ');
  const said = within(await screen.findByTestId(testIds.saveEffect));
  expect(said.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    `night: when its next window begins, on ${dateTimeFormat(begins)} (in 2 hours)`,
    'office: at once where nothing of it was applied since its window began, which holds now',
  ]);
});
it('says nothing of schedules where none follows the policy', async () => {
  open({ 'GET bindings': [link('wan0', 'plain', {})] });
  await userEvent.type(await screen.findByRole('textbox'), ' ');
  await waitFor(() => expect(screen.getByTestId(testIds.editState)).toHaveAttribute('data-state', 'unsaved'));
  expect(screen.queryByTestId(testIds.saveEffect)).not.toBeInTheDocument();
});
