import React from 'react';
import { dateTimeFormat } from '@grafana/data';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import {
  binding,
  caller,
  comparison,
  finding,
  policy,
  problem,
  renderWithSidecar,
  version,
} from '../../testing/index.ts';
import { testIds } from '../../testIds.ts';
import { draftOf, freshDraft, type Draft } from '../policy/draft.ts';
import { VersionsPanel } from './VersionsPanel.tsx';
import { VersionsTab } from '../policy/VersionsTab.tsx';

const [third, second, first] = [version(3), version(2, { savedBy: 'ben', inForce: ['wan0'] }), version(1)];
const head = policy({ revision: third.revision });

const open = (more: Record<string, unknown> = {}, draft: Draft = draftOf(head), role: 'Viewer' | 'Editor' = 'Editor') =>
  renderWithSidecar(<VersionsTab policy="branch-edge" draft={draft} />, {
    'GET whoami': caller(role),
    'GET policies/branch-edge/versions': [third, second, first],
    'GET policies/branch-edge/changes': comparison(),
    'POST policies/branch-edge/restore': policy(),
    ...more,
  });
const restoreButton = (number: number) => screen.findByTestId(testIds.restore(number));
const enabled = (number: number) =>
  waitFor(() => expect(screen.getByTestId(testIds.restore(number))).not.toHaveAttribute('aria-disabled', 'true'));

it('lists every save with who made it and where it is in force, the saved document first', async () => {
  open();
  const row = await screen.findByTestId(testIds.version(2));
  expect(row).toHaveTextContent('ben');
  expect(row).toHaveTextContent('wan0');
  expect(screen.getByTestId(testIds.version(3))).toHaveTextContent('the saved document');
});

it('compares the two newest at first, in meaning and in text', async () => {
  open();
  expect(await screen.findByText('Version 3 beside version 2')).toBeInTheDocument();
  expect(await screen.findByTestId(testIds.change)).toHaveTextContent('voice: guarantee 10% → 15%');
  const text = within(screen.getByTestId(testIds.textDiff));
  expect(text.getByText('guarantee: 10%')).toBeInTheDocument();
  expect(text.getByText('guarantee: 15%')).toBeInTheDocument();
});

it('compares the two that are picked', async () => {
  open();
  await userEvent.click(await screen.findByRole('radio', { name: 'Compare from version 1' }));
  expect(await screen.findByText('Version 3 beside version 1')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('radio', { name: 'Compare with version 2' }));
  expect(await screen.findByText('Version 2 beside version 1')).toBeInTheDocument();
});

it('says where nothing changes for traffic, and where a version cannot be read', async () => {
  const view = open({ 'GET policies/branch-edge/changes': comparison({ changes: [] }) });
  expect(await screen.findByTestId(testIds.changes)).toHaveTextContent('No effect on traffic');
  view.unmount();
  open({ 'GET policies/branch-edge/changes': comparison({ changes: null, unreadable: [2] }) });
  expect(await screen.findByTestId(testIds.changes)).toHaveTextContent('Version 2 cannot be read');
});

it('restores a version after showing what that changes, over the head that was seen', async () => {
  const { requests } = open();
  await restoreButton(1);
  await enabled(1);
  await userEvent.click(screen.getByTestId(testIds.restore(1)));
  const dialog = within(await screen.findByRole('dialog'));
  expect(await dialog.findByTestId(testIds.change)).toHaveTextContent('voice: guarantee');
  expect(requests.some(({ call }) => call.startsWith('POST'))).toBe(false);
  await waitFor(() => expect(dialog.getByTestId(testIds.restoreConfirm)).not.toHaveAttribute('aria-disabled', 'true'));
  await userEvent.click(dialog.getByTestId(testIds.restoreConfirm));
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  expect(requests.find(({ call }) => call === 'POST policies/branch-edge/restore')?.body).toEqual({
    number: 1,
    baseRevision: third.revision,
  });
});

it('says in the dialog why a version cannot be restored', async () => {
  open({
    'POST policies/branch-edge/restore': problem({ status: 422, code: 'CP-FINDINGS', title: 'The policy has errors', findings: [finding()] }),
  }); // prettier-ignore
  await restoreButton(1);
  await enabled(1);
  await userEvent.click(screen.getByTestId(testIds.restore(1)));
  await waitFor(() => expect(screen.getByTestId(testIds.restoreConfirm)).not.toHaveAttribute('aria-disabled', 'true'));
  await userEvent.click(screen.getByTestId(testIds.restoreConfirm));
  expect(await screen.findByText('The policy has errors')).toBeInTheDocument();
  expect(screen.getByTestId(testIds.finding('CP-GUARANTEE-SUM'))).toBeInTheDocument();
});

it('does not restore over unsaved changes, nor for a Viewer', async () => {
  const view = open({}, { ...draftOf(head), text: 'edited' });
  expect(await restoreButton(1)).toHaveAttribute('aria-disabled', 'true');
  view.unmount();
  open({}, draftOf(head), 'Viewer');
  expect(await restoreButton(1)).toHaveAttribute('aria-disabled', 'true');
});

it('of a policy that was never saved asks for nothing', () => {
  const { requests } = open({}, freshDraft('kind: Policy'));
  expect(screen.getByText('Nothing has been saved yet')).toBeInTheDocument();
  expect(requests.filter(({ call }) => call.includes('versions'))).toEqual([]);
});

const effect = async (path: string, element: React.ReactElement, more: Record<string, unknown>) => {
  const view = renderWithSidecar(element, {
    'GET whoami': caller('Admin'),
    'GET bindings': [],
    [`GET ${path}/versions`]: [third, second, first],
    [`GET ${path}/changes`]: comparison(),
    ...more,
  }, '/?restore=1'); // prettier-ignore
  await screen.findByTestId(testIds.change);
  const said = screen.getByTestId(testIds.restoreEffect).textContent;
  view.unmount();
  return said;
};
const BEGINS = Date.now() + 3 * 3600_000;
const night = binding({ name: 'night.wan0', binding: 'night', target: 'graz', state: 'standby', schedule: { holds: false, begins: BEGINS } }); // prettier-ignore

it('says of a policy that it waits for an apply, but where a schedule applies it', async () => {
  const path = 'policies/branch-edge';
  const panel = <VersionsPanel kind="policies" name="branch-edge" blocked="" />;
  const waits = await effect(path, panel, { 'GET bindings': [binding()] });
  expect(waits).toContain('Nothing changes on any interface until it is applied.');
  const taken = await effect(path, panel, { 'GET bindings': [binding(), night] });
  expect(taken).toContain('Bindings with a schedule apply it by themselves; elsewhere nothing changes');
  expect(taken).toContain(`night: when its next window begins, on ${dateTimeFormat(BEGINS)} (in 3 hours)`);
});
it('says of a target which schedules act on its interfaces', async () => {
  const panel = <VersionsPanel kind="targets" name="graz" blocked="" />;
  const said = await effect('documents/targets/graz', panel, { 'GET bindings': [night] });
  expect(said).toContain('act on its interfaces by themselves');
  expect(said).toContain('night: when its next window begins');
});
it('says of a binding what its own schedule and reapply do without an apply', async () => {
  const path = 'documents/bindings/night';
  const said = (...alone: string[]) =>
    effect(path, <VersionsPanel kind="bindings" name="night" blocked="" />, { [`GET ${path}/changes`]: { ...comparison(), alone } }); // prettier-ignore
  expect(await said()).toContain('Nothing changes on any interface until it is applied.');
  const scheduled = await said('schedule');
  expect(scheduled).toContain('changes its interfaces by itself: at once where a window holds now');
  expect(scheduled).not.toContain('until it is applied');
  expect(await said('reapply')).toContain('put back by itself where the machine lost it');
});
