import { getDefaultTimeRange, LoadingState, type PanelData, type PanelProps, toDataFrame } from '@grafana/data';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS, type SlaPanelOptions } from './options.ts';
import { SlaPanel } from './SlaPanel.tsx';
import { objective, slaFrame } from './testing.ts';

function show(data: Partial<PanelData>, options: Partial<SlaPanelOptions> = {}, size = { width: 1200, height: 400 }) {
  const props = {
    data: { state: LoadingState.Done, series: [], timeRange: getDefaultTimeRange(), ...data },
    options: { ...DEFAULT_OPTIONS, ...options },
    timeZone: 'utc',
    ...size,
  };
  // The panel reads nothing else of what Grafana hands it.
  return render(<SlaPanel {...(props as PanelProps<SlaPanelOptions>)} />);
}

const violated = objective({ value: 89_640, verdict: 'violated', reason: 'P95 is 89.64 ms, above 20 ms.' });
const availability = objective({
  objective: 'availability',
  label: 'Availability',
  threshold: 99.9,
  unit: 'percent',
  value: null,
  verdict: 'not-measured',
  reason: 'Not measured yet.',
  samples: 0,
  expected: 0,
  coverage: 0,
  since: null,
  trend: [],
});
const rows = [objective({ trafficClass: 'video', severity: 'warning' }), availability, violated];

describe.each(['wall', 'table', 'compact'] as const)('the SLA panel as %s', (density) => {
  it('says every verdict in words, violations first', () => {
    const { container } = show({ series: [slaFrame(rows)] }, { density });
    const drawn = [...container.querySelectorAll('[data-verdict]')];
    expect(drawn.map((element) => element.getAttribute('data-verdict'))[0]).toBe('violated');
    expect(within(drawn[0] as HTMLElement).getByText('Violated')).toBeInTheDocument();
    expect(drawn).toHaveLength(3);
  });

  it('shows the figure in milliseconds against its threshold', () => {
    const { container } = show({ series: [slaFrame([violated])] }, { density });
    expect(container).toHaveTextContent('89.6');
    expect(container).toHaveTextContent('≤ 20 ms');
  });

  it('never calls what is not measured compliant', () => {
    show({ series: [slaFrame([availability])] }, { density });
    expect(screen.queryByText('Compliant')).not.toBeInTheDocument();
  });

  it('gives definition and reason to whoever points at an objective', async () => {
    const { container } = show({ series: [slaFrame([violated])] }, { density });
    await userEvent.hover(container.querySelector('[data-verdict]')!);
    expect(await screen.findByText('P95 is 89.64 ms, above 20 ms.')).toBeInTheDocument();
    expect(screen.getByText('Round trip, 95th percentile of the sliding minute')).toBeInTheDocument();
  });
});

describe('the SLA panel', () => {
  it('sums verdicts up for eyes and ears', () => {
    show({ series: [slaFrame(rows)] });
    const summary = screen.getByRole('status', { name: 'Objectives by verdict' });
    expect(summary).toHaveTextContent('1Violated1Compliant1Not measured');
  });

  it('hides what is not measured when told to, and still counts it', () => {
    const { container } = show({ series: [slaFrame(rows)] }, { showNotMeasured: false });
    expect(container.querySelector('[data-verdict="not-measured"]')).toBeNull();
    expect(screen.getByRole('status')).toHaveTextContent('1Not measured');
  });

  it('heads sites only where there are several', () => {
    const two = [objective({ site: 'branch' }), objective({ site: 'dc', binding: 'dc-uplink' })];
    const { unmount } = show({ series: [slaFrame(two)] });
    expect(screen.getByRole('heading', { name: 'dc' })).toBeInTheDocument();
    unmount();
    show({ series: [slaFrame([objective()])] });
    expect(screen.queryByRole('heading')).not.toBeInTheDocument();
  });

  it('shows in the table how much was measured', () => {
    show({ series: [slaFrame([objective()])] }, { density: 'table' });
    expect(screen.getByRole('cell', { name: '99 %' })).toBeInTheDocument();
    expect(screen.getByRole('cell', { name: '2,995 of 3,000' })).toBeInTheDocument();
  });
});

describe('an SLA panel without figures', () => {
  it('waits', () => {
    show({ state: LoadingState.Loading });
    expect(screen.getByRole('status', { name: 'Loading objectives' })).toHaveAttribute('aria-busy', 'true');
  });

  it('gives the reason of a failure, and no verdict at all', () => {
    const { container } = show({
      state: LoadingState.Error,
      errors: [{ message: 'The sidecar at http://127.0.0.1:8003 does not answer.' }],
    });
    expect(screen.getByRole('alert')).toHaveTextContent('The sidecar at http://127.0.0.1:8003 does not answer.');
    expect(container.querySelector('[data-verdict]')).toBeNull();
  });

  it('says that figures are old when the next ones fail', () => {
    show({ state: LoadingState.Error, series: [slaFrame(rows)], errors: [{ message: 'The token is wrong.' }] });
    expect(screen.getByRole('alert')).toHaveTextContent('These figures are no longer renewed: The token is wrong.');
  });

  it('says what to do about another query', () => {
    show({ series: [toDataFrame({ fields: [{ name: 'rate', values: [1] }] })] });
    expect(screen.getByText('This is not an SLA table')).toBeInTheDocument();
  });

  it('says how to state an objective when there is none', () => {
    show({ series: [slaFrame([])] });
    expect(screen.getByText('No objectives')).toBeInTheDocument();
    expect(screen.getByText(/latency: \{ p95: 20ms \}/)).toBeInTheDocument();
  });
});
