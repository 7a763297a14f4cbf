import React from 'react';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MemoryRouter, useLocation } from 'react-router';
import { expect, it } from 'vitest';
import { useUrlState } from './urlState.ts';

function Page() {
  const [url, setUrl] = useUrlState();
  return (
    <>
      <output>{useLocation().search}</output>
      <span>{url.get('tab')}</span>
      <button onClick={() => setUrl({ tab: 'plan' })}>plan</button>
      <button onClick={() => setUrl({ tab: undefined })}>none</button>
    </>
  );
}

it('changes its own keys and leaves Grafana’s alone', async () => {
  render(
    <MemoryRouter
      initialEntries={['/a?orgId=2&tab=document']}
      future={{ v7_startTransition: true, v7_relativeSplatPath: true }}
    >
      <Page />
    </MemoryRouter>
  );
  await userEvent.click(screen.getByText('plan', { selector: 'button' }));
  expect(screen.getByRole('status')).toHaveTextContent('?orgId=2&tab=plan');
  await userEvent.click(screen.getByText('none'));
  expect(screen.getByRole('status')).toHaveTextContent('?orgId=2');
});
