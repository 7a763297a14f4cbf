import React from 'react';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes } from 'react-router';
import { expect, it } from 'vitest';
import { binding, caller, renderWithSidecar, rollout, rolloutLink } from '../../testing/index.ts';
import { testIds } from '../../testIds.ts';
import { BindingsPage } from '../bindings/BindingsPage.tsx';
import { BindingPage } from './BindingPage.tsx';

const link = (device: string, state: 'in-force' | 'drifted' | 'not-applied') =>
  binding({ name: `uplinks.${device}`, binding: 'uplinks', interface: device, state });
const answers = (role: 'Viewer' | 'Admin', more: Record<string, unknown> = {}) => ({
  'GET whoami': caller(role),
  'GET bindings': [binding(), link('wan0', 'in-force'), link('wan1', 'drifted'), link('wan2', 'not-applied')],
  'GET rollouts': [],
  'POST rollouts/waves': { waves: [[rolloutLink('wan0')], [rolloutLink('wan1'), rolloutLink('wan2')]], leftOut: [] },
  ...more,
});
const page = (
  <Routes>
    <Route path="bindings" element={<BindingsPage />} />
    <Route path="bindings/:name" element={<BindingPage />} />
  </Routes>
);

it('lists bindings with how many interfaces are in which state, worst first', async () => {
  renderWithSidecar(page, answers('Viewer'), '/bindings');
  expect(await screen.findByTestId(testIds.bindingRow('uplinks'))).toHaveTextContent(
    'uplinksbranch-edge3Changed by others: 1Not applied: 1In force: 1'
  );
  expect(screen.getByTestId(testIds.bindingRow('branch'))).toHaveTextContent('In force: 1');
});

it('shows the waves before, and begins only after a word more', async () => {
  const { requests } = renderWithSidecar(page, answers('Admin', { 'POST rollouts': rollout() }), '/bindings/uplinks');
  const waves = await screen.findAllByTestId(testIds.rolloutWave);
  expect(waves.map((wave) => wave.querySelector('h3')?.textContent)).toEqual([
    'Wave 1, the canary 0 / 1',
    'Wave 2 0 / 2',
  ]);
  const user = userEvent.setup();
  await user.click(screen.getByTestId(testIds.rolloutStart));
  expect(screen.getByRole('dialog')).toHaveTextContent('wave by wave (1 + 2)');
  expect(requests.some(({ call }) => call === 'POST rollouts')).toBe(false);
  await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Roll out' }));
  expect(requests.find(({ call }) => call === 'POST rollouts')?.body).toEqual({
    binding: 'uplinks',
    replaceForeign: false,
  });
});

it('follows a roll-out interface by interface, and stops it', async () => {
  const running = rollout();
  const { requests } = renderWithSidecar(
    page,
    answers('Admin', {
      'GET rollouts': [running],
      [`POST rollouts/${running.id}/stop`]: rollout({ state: 'stopped' }),
    }),
    '/bindings/uplinks'
  );
  expect(await screen.findByTestId(testIds.rolloutLink('uplinks.wan0'))).toHaveTextContent('Changed');
  expect(screen.getByTestId(testIds.rolloutLink('uplinks.wan1'))).toHaveTextContent('Waiting');
  expect(screen.getByTestId(testIds.rolloutStart)).toHaveAttribute('aria-disabled', 'true');
  await userEvent.setup().click(screen.getByTestId(testIds.rolloutStop));
  expect(requests.some(({ call }) => call === `POST rollouts/${running.id}/stop`)).toBe(true);
});

it('says what failed and what was not touched, and offers to go on', async () => {
  const waves = [[rolloutLink('wan0', { state: 'failed', message: 'The kernel refused it.' })], [rolloutLink('wan1')]];
  const failed = rollout({ state: 'failed', message: 'Wave 1 failed on 1 interface, 1 interface not touched.', waves });
  renderWithSidecar(page, answers('Viewer', { 'GET rollouts': [failed] }), '/bindings/uplinks');
  expect(await screen.findByTestId(testIds.rolloutState)).toHaveTextContent('Failed');
  expect(screen.getByTestId(testIds.rolloutLink('uplinks.wan0'))).toHaveTextContent('The kernel refused it.');
  expect(screen.queryByTestId(testIds.rolloutStop)).not.toBeInTheDocument();
  expect(screen.getByTestId(testIds.rolloutResume)).toHaveAttribute('aria-disabled', 'true');
});

it('counts a single interface in the singular', async () => {
  renderWithSidecar(page, answers('Viewer'), '/bindings/branch');
  expect(await screen.findByText('1 interface')).toBeInTheDocument();
});

it('asks to confirm the wave that awaits it, with the seconds that were given', async () => {
  const waves = [[rolloutLink('wan0', { state: 'awaiting' })], [rolloutLink('wan1')]];
  const running = rollout({ state: 'running', waves, confirm: 60, secondsToConfirm: 42 });
  const { requests } = renderWithSidecar(
    page,
    answers('Admin', { 'GET rollouts': [running], [`POST rollouts/${running.id}/confirm`]: running }),
    '/bindings/uplinks'
  );
  expect(await screen.findByTestId(testIds.rolloutLink('uplinks.wan0'))).toHaveTextContent('Awaits confirmation');
  const countdown = screen.getByTestId(testIds.countdown(running.id));
  expect(countdown).toHaveTextContent('Rolled back in 42 seconds unless it is confirmed.');
  await userEvent.setup().click(screen.getByTestId(testIds.rolloutConfirm));
  expect(requests.some(({ call }) => call === `POST rollouts/${running.id}/confirm`)).toBe(true);
});
