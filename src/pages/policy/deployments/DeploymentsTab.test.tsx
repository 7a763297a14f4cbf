import React from 'react';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { binding, caller, deployment, plan, renderWithSidecar } from '../../../testing/index.ts';
import { testIds } from '../../../testIds.ts';
import { DeploymentsTab } from './DeploymentsTab.tsx';

const current = deployment();
const earlier = deployment({ id: '01JABCDEFGHJKMNPQRSTVWXYZ1', state: 'superseded', by: 'ben' });
const other = deployment({ id: '01JABCDEFGHJKMNPQRSTVWXYZ2', policy: 'dc-edge' });

const open = (role: 'Viewer' | 'Admin') =>
  renderWithSidecar(<DeploymentsTab policy="branch-edge" bindings={[binding()]} />, {
    'GET whoami': caller(role),
    'GET deployments': [current, earlier, other],
    'POST bindings/branch/rollback-plan': plan({
      operations: [],
      live: { owner: 'clearpath', summary: 'what would be undone', restorable: true },
    }),
    'POST bindings/branch/rollback': deployment({ action: 'rollback' }),
  });

it('lists the deployments of this policy only, with who did them', async () => {
  open('Viewer');
  expect(await screen.findByTestId(testIds.deployment(current.id))).toHaveTextContent('ines');
  expect(screen.getByTestId(testIds.deployment(earlier.id))).toHaveTextContent('ben');
  expect(screen.queryByTestId(testIds.deployment(other.id))).not.toBeInTheDocument();
});

it('offers to roll back what is in force and nothing else', async () => {
  open('Admin');
  expect(await screen.findByTestId(testIds.rollback(current.id))).toBeInTheDocument();
  expect(screen.queryByTestId(testIds.rollback(earlier.id))).not.toBeInTheDocument();
});

it('shows the operations of a deployment when it is opened', async () => {
  open('Viewer');
  await userEvent.click((await screen.findAllByRole('button', { name: 'Show the operations' }))[0] as HTMLElement);
  expect(await screen.findByTestId(testIds.planOperation)).toHaveTextContent('class change dev wan0');
});

it('shows what a rollback would do, asks, and then does it', async () => {
  const { requests } = open('Admin');
  await waitFor(() =>
    expect(screen.getByTestId(testIds.rollback(current.id))).not.toHaveAttribute('aria-disabled', 'true')
  );
  await userEvent.click(screen.getByTestId(testIds.rollback(current.id)));
  expect(await screen.findByText('what would be undone')).toBeInTheDocument();
  expect(requests.some(({ call }) => call === 'POST bindings/branch/rollback')).toBe(false);
  await userEvent.click(screen.getByTestId(testIds.rollbackApply));
  await userEvent.click((await screen.findAllByRole('button', { name: 'Roll back' })).at(-1) as HTMLElement);
  expect(await screen.findByTestId(testIds.outcome)).toHaveAttribute('data-state', 'confirmed');
  expect(requests.find(({ call }) => call === 'POST bindings/branch/rollback')?.body).toEqual({
    deployment: current.id,
  });
});

it('counts down what awaits confirmation, and keeps it at the press of a button', async () => {
  const awaiting = deployment({ state: 'awaiting-confirmation', secondsToConfirm: 42 });
  const { requests } = renderWithSidecar(<DeploymentsTab policy="branch-edge" bindings={[binding()]} />, {
    'GET whoami': caller('Admin'),
    'GET deployments': [awaiting, earlier],
    'POST bindings/branch/confirm': current,
  });
  const countdown = await screen.findByTestId(testIds.countdown(awaiting.id));
  expect(countdown).toHaveTextContent('Rolled back in 42 seconds unless it is confirmed.');
  await waitFor(() => expect(countdown).toHaveAttribute('data-seconds', '41'), { timeout: 3000 });
  expect(screen.queryByTestId(testIds.countdown(earlier.id))).not.toBeInTheDocument();
  await waitFor(() =>
    expect(screen.getByTestId(testIds.confirm(awaiting.id))).not.toHaveAttribute('aria-disabled', 'true')
  );
  await userEvent.click(screen.getByTestId(testIds.confirm(awaiting.id)));
  await waitFor(() =>
    expect(requests.find(({ call }) => call === 'POST bindings/branch/confirm')?.body).toEqual({
      deployment: awaiting.id,
    })
  );
});
