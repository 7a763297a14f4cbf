import React from 'react';
import { locationService } from '@grafana/runtime';
import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes } from 'react-router';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DocumentDetail } from '../../data/index.ts';
import { binding, caller, comparison, finding, problem, renderWithSidecar, START } from '../../testing/index.ts';
import { testIds } from '../../testIds.ts';
import { BindingPage } from '../binding/BindingPage.tsx';
import { BindingsPage } from '../bindings/BindingsPage.tsx';
import { TargetPage } from '../target/TargetPage.tsx';
import { startText } from './startText.ts';

const push = vi.fn();
// Monaco is Grafana's own and not there outside of it.
vi.mock('../policy/document/DocumentEditor.tsx', () => ({
  DocumentEditor: React.forwardRef<unknown, { value: string; readOnly?: boolean; onChange: (text: string) => void }>(
    function Editor({ value, readOnly, onChange }, _ref) {
      return <textarea value={value} readOnly={readOnly} onChange={(event) => onChange(event.currentTarget.value)} />;
    }
  ),
}));
beforeEach(() => {
  push.mockClear();
  vi.spyOn(locationService, 'push').mockImplementation(push);
});
// Other files share the service.
afterEach(() => vi.restoreAllMocks());

const detail = (rest: Partial<DocumentDetail> = {}): DocumentDetail => ({
  name: 'branch',
  description: '',
  revision: 'abc123',
  updatedAt: START,
  updatedBy: 'ines',
  file: null,
  readable: true,
  findings: [],
  source: 'kind: Binding\n',
  ...rest,
});
const { source: _, ...summary } = detail({ name: 'graz' });
const notFound = problem({ status: 404, code: 'CP-NOT-FOUND', title: 'No such document' });
const target = { name: 'graz', namespace: null, site: 'graz', interfaces: ['wan0', 'wan1'], message: null };
const answers = (more: Record<string, unknown> = {}) => ({
  'GET whoami': caller('Admin'),
  'GET bindings': [binding()],
  'GET rollouts': [],
  'POST rollouts/waves': { waves: [], leftOut: [] },
  'GET documents/bindings': [detail()],
  'GET documents/bindings/branch': detail(),
  'POST documents/bindings/validate': { findings: [] },
  'GET documents/targets': [summary],
  'GET targets': [target],
  'GET policies': [
    { name: 'branch-edge', description: 'd' },
    { name: 'office', description: '' },
  ],
  ...more,
});
const pages = (
  <Routes>
    <Route path="bindings" element={<BindingsPage />} />
    <Route path="bindings/:name" element={<BindingPage />} />
    <Route path="targets/:name" element={<TargetPage />} />
  </Routes>
);

it('begins a binding with the names of what there is, and saves nothing before it is saved', async () => {
  const { requests } = renderWithSidecar(pages, answers(), '/bindings');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId(testIds.newBinding));
  fireEvent.change(await screen.findByTestId(testIds.newDocumentName), { target: { value: 'uplinks' } });
  await user.click(await screen.findByTestId(testIds.newDocumentCreate));
  expect(push).toHaveBeenCalledWith(expect.objectContaining({ search: '?new=true&tab=document' }));
  const { state, pathname } = push.mock.calls[0]![0] as { state: { source: string }; pathname: string };
  expect(pathname).toMatch(/\/bindings\/uplinks$/);
  expect(state.source).toContain('policy: branch-edge # or office');
  expect(state.source).toContain('target: graz');
  expect(state.source).toContain('interfaces: [wan0] # of wan0, wan1');
  expect(requests.every(({ call }) => !call.startsWith('PUT'))).toBe(true);
});
it('does not take a name that is taken', async () => {
  renderWithSidecar(pages, answers(), '/bindings');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId(testIds.newBinding));
  fireEvent.change(await screen.findByTestId(testIds.newDocumentName), { target: { value: 'branch' } });
  expect(await screen.findByText('A document of this name exists already.')).toBeInTheDocument();
});
it('leads to a target first where there is none', async () => {
  renderWithSidecar(
    pages,
    answers({ 'GET bindings': [], 'GET documents/targets': [], 'GET targets': [] }),
    '/bindings'
  );
  expect(await screen.findByText('No policy acts on an interface yet')).toBeInTheDocument();
  expect(await screen.findByText(/^None yet\./)).toBeInTheDocument();
  expect(screen.queryByTestId(testIds.newBinding)).not.toBeInTheDocument();
});
it('names what is wrong at its line, and does not save it', async () => {
  const wrong = finding({ code: 'CP-REFERENCE', line: 5, message: 'There is no policy "nowhere".' });
  const bad = answers({
    'GET documents/bindings/branch': notFound,
    'POST documents/bindings/validate': { findings: [wrong] },
  });
  renderWithSidecar(pages, bad, '/bindings/branch?new=true&tab=document');
  expect(await screen.findByTestId(testIds.finding('CP-REFERENCE'))).toHaveTextContent('There is no policy "nowhere".');
  expect(screen.getByTestId(testIds.save)).toHaveAttribute('aria-disabled', 'true');
});
it('saves from what the edit started from', async () => {
  const { requests } = renderWithSidecar(
    pages,
    answers({ 'GET documents/bindings/branch': notFound, 'PUT documents/bindings/branch': detail() }),
    '/bindings/branch?new=true&tab=document'
  );
  const save = await screen.findByTestId(testIds.save);
  await vi.waitFor(() => expect(save).not.toHaveAttribute('aria-disabled', 'true'));
  await userEvent.setup().click(save);
  await vi.waitFor(() =>
    expect(requests.find(({ call }) => call.startsWith('PUT'))?.body).toEqual({
      source: startText('bindings', 'branch', { policy: undefined, policies: [], target: undefined }),
      baseRevision: null,
    })
  );
});
it('says why a document of a file is read-only, and which file', async () => {
  const filed = detail({ file: '/etc/clearpath/site.yaml' });
  renderWithSidecar(pages, answers({ 'GET documents/bindings/branch': filed }), '/bindings/branch?tab=document');
  expect(await screen.findByText(/It comes from the file \/etc\/clearpath\/site.yaml/)).toBeInTheDocument();
  expect(screen.getByTestId(testIds.documentDelete)).toHaveAttribute('aria-disabled', 'true');
});
it('asks before it deletes, and says why the sidecar would not', async () => {
  const refused = problem({ status: 409, code: 'CP-IN-USE', title: 'Still in use', detail: 'Roll it back first.' });
  const { requests } = renderWithSidecar(
    pages,
    answers({ 'DELETE documents/bindings/branch': refused }),
    '/bindings/branch?tab=document'
  );
  const user = userEvent.setup();
  await user.click(await screen.findByTestId(testIds.documentDelete));
  expect(requests.some(({ call }) => call.startsWith('DELETE'))).toBe(false);
  await user.click(screen.getByTestId(testIds.documentDeleteConfirm));
  expect(await within(screen.getByRole('dialog')).findByText('Roll it back first.')).toBeInTheDocument();
  expect(requests.find(({ call }) => call.startsWith('DELETE'))?.body).toEqual({ baseRevision: 'abc123' });
});
it('brings a deleted document back from its versions', async () => {
  const version = (number: number, removed: boolean) => ({ number, removed, revision: `r${number}`, savedAt: START, savedBy: 'ines' }); // prettier-ignore
  const { requests } = renderWithSidecar(
    pages,
    answers({
      'GET documents/targets/graz': notFound,
      'GET documents/targets/graz/versions': [version(2, true), version(1, false)],
      'GET documents/targets/graz/changes': {
        changes: null,
        unreadable: [],
        sources: ['', 'kind: Target\n'],
        alone: [],
      },
      'POST documents/targets/graz/restore': detail(),
    }),
    '/targets/graz?tab=versions&restore=1'
  );
  const dialog = within(await screen.findByRole('dialog'));
  expect(await dialog.findByText('The document was deleted. All of its text returns:')).toBeInTheDocument();
  expect(dialog.getByText('kind: Target')).toBeInTheDocument();
  await userEvent.setup().click(dialog.getByTestId(testIds.restoreConfirm));
  await vi.waitFor(() =>
    expect(requests.find(({ call }) => call.startsWith('POST documents/targets/graz/restore'))?.body).toEqual({
      number: 1,
      baseRevision: null,
    })
  );
});
it('says why a version of a document that a file holds is not restored', async () => {
  const filed = detail({ file: '/etc/clearpath/site.yaml' });
  const version = (number: number) => ({ number, removed: false, revision: `r${number}`, savedAt: START, savedBy: 'ines' }); // prettier-ignore
  renderWithSidecar(
    pages,
    answers({
      'GET documents/bindings/branch': filed,
      'GET documents/bindings/branch/versions': [version(2), version(1)],
      'GET documents/bindings/branch/changes': comparison(),
    }),
    '/bindings/branch?tab=versions'
  );
  expect(await screen.findByTestId(testIds.restore(1))).toHaveAttribute('aria-disabled', 'true');
});
it('shows a stored binding that cannot be read, with what is wrong', async () => {
  const unread = binding({ policy: '', interface: '', state: 'unreachable', message: 'Line 4: "colour" is not a key here.' }); // prettier-ignore
  renderWithSidecar(
    pages,
    answers({ 'GET bindings': [unread], 'GET documents/bindings/branch': detail({ readable: false }) }),
    '/bindings/branch'
  );
  expect(await screen.findByText('Line 4: "colour" is not a key here.')).toBeInTheDocument();
});
it('says on each interface whose turn it is, until when, and with which values', async () => {
  const scheduled = binding({
    turn: { scheduled: true, on: false, instead: 'night' },
    changesAt: Date.now() + 3600_000,
    state: 'standby',
    variables: [{ name: 'voice', type: 'rate', value: '2mbit', from: 'binding' }],
  });
  renderWithSidecar(pages, answers({ 'GET bindings': [scheduled] }), '/bindings/branch');
  const row = await screen.findByTestId(testIds.bindingLink('branch'));
  expect(row).toHaveAttribute('data-turn', 'off');
  expect(row).toHaveTextContent('Turn of night');
  expect(row).toHaveTextContent('next from');
  expect(row).toHaveTextContent('voice = 2mbit');
});
