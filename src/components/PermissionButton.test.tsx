import React from 'react';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { caller, renderWithSidecar } from '../testing/index.ts';
import { PermissionButton } from './PermissionButton.tsx';

const button = (onClick = () => {}, blocked = '') => (
  <PermissionButton right="apply" blocked={blocked} data-testid="button" onClick={onClick}>
    Apply
  </PermissionButton>
);

it('cannot be pressed by a Viewer, and says which role it takes', async () => {
  const pressed = vi.fn();
  renderWithSidecar(button(pressed), { 'GET whoami': caller('Viewer') });
  await screen.findByTestId('button');
  await userEvent.hover(screen.getByTestId('button'));
  expect(await screen.findByText('Applying needs the role Admin. Yours is Viewer.')).toBeInTheDocument();
  await userEvent.click(screen.getByTestId('button'));
  expect(pressed).not.toHaveBeenCalled();
});

it('can be pressed by who may', async () => {
  const pressed = vi.fn();
  renderWithSidecar(button(pressed), { 'GET whoami': caller('Admin') });
  await vi.waitFor(() => expect(screen.getByTestId('button')).not.toHaveAttribute('aria-disabled', 'true'));
  await userEvent.click(screen.getByTestId('button'));
  expect(pressed).toHaveBeenCalledOnce();
});

it('says what else stands in the way once the role is enough', async () => {
  renderWithSidecar(button(undefined, 'Nothing to do.'), { 'GET whoami': caller('Admin') });
  await userEvent.hover(await screen.findByTestId('button'));
  expect(await screen.findByText('Nothing to do.')).toBeInTheDocument();
});
