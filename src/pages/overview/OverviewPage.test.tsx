import React from 'react';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { binding, caller, compliance, deployment, problem, renderWithSidecar, violation } from '../../testing/index.ts';
import { testIds } from '../../testIds.ts';
import { OverviewPage } from './OverviewPage.tsx';

const flooded = {
  'GET whoami': caller('Viewer'),
  'GET bindings': [binding()],
  'GET sla': [
    compliance(),
    compliance({
      objective: 'loss',
      label: 'Loss',
      verdict: 'not-measured',
      value: null,
      unit: 'percent',
      threshold: 0.1,
      trend: [],
    }),
  ],
  'GET violations': [violation()],
  'GET deployments': [deployment()],
};

describe('the overview', () => {
  it('shows an open violation with its numbers, and the objective it belongs to', async () => {
    renderWithSidecar(<OverviewPage />, flooded);
    const open = await screen.findByTestId(testIds.violation('latency.p95'));
    expect(open).toHaveTextContent('voice · Latency P95');
    expect(open).toHaveTextContent('worst 71.3 ms');
    expect(open).toHaveTextContent('owed ≤ 20 ms');
    const row = screen.getByTestId(testIds.objective('branch', 'voice', 'latency.p95'));
    expect(row).toHaveAttribute('data-verdict', 'violated');
    expect(row).toHaveTextContent('68.8 ms');
    expect(within(row).getByText('99 %')).toBeInTheDocument();
  });

  it('says of what nothing measures that it is not measured, with no coverage and no number', async () => {
    renderWithSidecar(<OverviewPage />, flooded);
    const row = await screen.findByTestId(testIds.objective('branch', 'voice', 'loss'));
    expect(row).toHaveTextContent('Not measured');
    expect(row).not.toHaveTextContent('99 %');
  });

  it('keeps the last answer but says that it is old when the sidecar falls silent', async () => {
    const answers: Record<string, unknown> = { ...flooded };
    renderWithSidecar(<OverviewPage />, answers);
    await screen.findByTestId(testIds.binding('branch'));
    for (const call of Object.keys(answers)) {
      answers[call] = problem();
    }
    await userEvent.setup().tab();
    expect(await screen.findByText(/What stands below is the last answer/, {}, { timeout: 8000 })).toBeInTheDocument();
    expect(screen.getByTestId(testIds.binding('branch'))).toBeInTheDocument();
  }, 10_000);

  it('shows a binding of many interfaces as one, with the worst state first and each interface when asked', async () => {
    const link = (device: string, state: 'in-force' | 'drifted' = 'in-force') =>
      binding({ name: `uplinks.${device}`, binding: 'uplinks', interface: device, state });
    const many = { ...flooded, 'GET bindings': [link('wan0'), link('wan1', 'drifted'), link('wan2')] };
    renderWithSidecar(<OverviewPage />, { ...many, 'GET sla': [compliance({ binding: 'uplinks.wan2' })] });
    const group = await screen.findByTestId(testIds.bindingGroup('uplinks'));
    expect(group).toHaveTextContent('3 interfacesChanged by others: 1In force: 2violated on 1 interface');
    expect(screen.queryByTestId(testIds.binding('uplinks.wan1'))).not.toBeInTheDocument();
    await userEvent.setup().click(within(group).getByRole('button'));
    const cards = within(group).getAllByTestId(/^clearpath-binding-uplinks/);
    expect(cards.map((card) => card.querySelector('code')?.textContent)).toEqual(['wan1', 'wan0', 'wan2']);
    expect(screen.getByTestId(testIds.objective('uplinks.wan2', 'voice', 'latency.p95'))).toBeInTheDocument();
  });

  it('says what is missing when nothing is bound', async () => {
    renderWithSidecar(<OverviewPage />, {
      'GET bindings': [],
      'GET sla': [],
      'GET violations': [],
      'GET deployments': [],
    });
    expect(await screen.findByText('No policy acts on an interface yet')).toBeInTheDocument();
  });
});
