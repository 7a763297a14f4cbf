import React from 'react';
import { locationService } from '@grafana/runtime';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { ImportedPolicy } from '../../data/index.ts';
import { problem, renderWithSidecar, type Answers } from '../../testing/index.ts';
import { testIds } from '../../testIds.ts';
import { ImportModal } from './ImportModal.tsx';

const imported: ImportedPolicy = {
  name: 'wan0-imported',
  source: 'kind: Policy # imported',
  owner: 'foreign',
  direction: 'egress',
  live: 'htb 1:, 4 classes, 2 rules',
  remarks: [{ kind: 'left-out', object: 'filter 1: pref 10', message: 'It sends to 1:10 by length.' }],
  findings: [],
};
const targets = [
  { name: 'branch-router', namespace: null, site: 'branch', interfaces: ['wan0', 'wan1'], message: null },
];

const open = (answers: Answers = {}, taken: string[] = []) =>
  renderWithSidecar(<ImportModal taken={taken} onClose={vi.fn()} target="branch-router" device="wan1" />, {
    'GET targets': targets,
    'POST targets/branch-router/import': imported,
    ...answers,
  });
const read = async () => userEvent.click(await screen.findByTestId(testIds.importRead));

describe('importing from an interface', () => {
  it('shows the policy with what it does not say, and opens it as a draft that is not saved', async () => {
    const { requests } = open();
    await read();
    expect(await screen.findByTestId(testIds.importDocument)).toHaveTextContent('kind: Policy # imported');
    expect(screen.getByTestId(testIds.importRemarks)).toHaveTextContent(
      'filter 1: pref 10 It sends to 1:10 by length.'
    );
    expect(requests.at(-1)).toMatchObject({
      call: 'POST targets/branch-router/import',
      body: { interface: 'wan1', direction: 'egress' },
    });
    await userEvent.click(screen.getByTestId(testIds.importOpen));
    const { pathname, search, state } = locationService.getLocation();
    expect([pathname, search]).toEqual(['/a/clearpath-qos-app/policies/wan0-imported', '?new=true']);
    expect(state).toEqual({ source: imported.source });
    expect(requests.some(({ call }) => call.startsWith('PUT'))).toBe(false);
  });

  it('calls the policy as the operator does, and takes no name that exists already', async () => {
    const { requests } = open({}, ['edge']);
    await userEvent.type(await screen.findByLabelText('Name of the policy'), 'edge');
    expect(screen.getByText('A policy of this name exists already.')).toBeInTheDocument();
    expect(screen.getByTestId(testIds.importRead)).toBeDisabled();
    await userEvent.type(screen.getByLabelText('Name of the policy'), '2');
    await read();
    await screen.findByTestId(testIds.importDocument);
    expect(requests.at(-1)?.body).toEqual({ interface: 'wan1', direction: 'egress', policy: 'edge2' });
  });

  it('reads what the interface receives, and says how such a policy is bound', async () => {
    const { requests } = open({ 'POST targets/branch-router/import': { ...imported, direction: 'ingress' } });
    await userEvent.click(await screen.findByLabelText('What it receives'));
    await read();
    expect(requests.at(-1)?.body).toEqual({ interface: 'wan1', direction: 'ingress' });
    expect(await screen.findByText('Bind it with direction: ingress, for what wan1 receives')).toBeInTheDocument();
  });

  it('does not open a draft over a policy that exists', async () => {
    open({}, ['wan0-imported']);
    await read();
    await screen.findByTestId(testIds.importDocument);
    expect(screen.getByTestId(testIds.importOpen)).toHaveAttribute('aria-disabled', 'true');
  });

  it('says why there is nothing to import', async () => {
    const nothing = problem({ status: 409, code: 'CP-NOTHING-TO-IMPORT', detail: 'wan1: nothing is shaped.' });
    open({ 'POST targets/branch-router/import': nothing });
    await read();
    expect(await screen.findByText('wan1: nothing is shaped.')).toBeInTheDocument();
    expect(screen.getByTestId(testIds.importOpen)).toBeDisabled();
  });
});
