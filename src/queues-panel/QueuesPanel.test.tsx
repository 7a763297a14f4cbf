import { getDefaultTimeRange, LoadingState, type PanelData, type PanelProps, toDataFrame } from '@grafana/data';
import { act, render, screen, within } from '@testing-library/react';
import React from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_OPTIONS, type QueuesPanelOptions } from './options.ts';
import { QueuesPanel } from './QueuesPanel.tsx';
import { countersFrame } from './testing.ts';

const M = 1_000_000;
const link = countersFrame(
  [1000, 2000],
  {
    voice: {
      rate: [0.1 * M, 0.1 * M],
      drops: [0, 0],
      backlog: [0, 0],
      guarantee: [1.9 * M, 1.9 * M],
      ceiling: [1.9 * M, 1.9 * M],
    },
    bulk: {
      rate: [17 * M, 18 * M],
      drops: [80, 1240],
      backlog: [1, 320_000],
      guarantee: [0.95 * M, 0.95 * M],
      ceiling: [19 * M, 19 * M],
    },
  },
  { binding: 'branch-uplink', site: 'branch' }
);

function show(data: Partial<PanelData>, options: Partial<QueuesPanelOptions> = {}, width = 1000) {
  const props = {
    data: { state: LoadingState.Streaming, series: [], timeRange: getDefaultTimeRange(), ...data },
    options: { ...DEFAULT_OPTIONS, ...options },
    width,
    height: 400,
  };
  // The panel reads nothing else of what Grafana hands it.
  return render(<QueuesPanel {...(props as PanelProps<QueuesPanelOptions>)} />);
}

afterEach(() => {
  vi.useRealTimers();
});

describe('the queues panel', () => {
  it('shows rate, drops and backlog of each class', () => {
    show({ series: [link] });
    const bulk = within(screen.getByRole('row', { name: /bulk/ }));
    expect(bulk.getByText('18.0 Mbit/s')).toBeInTheDocument();
    expect(bulk.getByText(/1,240/)).toBeInTheDocument();
    expect(bulk.getByText('313 KiB')).toBeInTheDocument();
    expect(bulk.getByText('Dropping excess')).toBeInTheDocument();
  });

  it('says in words what the bar says in lengths', () => {
    show({ series: [link] });
    expect(
      screen.getByRole('cell', { name: 'Within guarantee: guarantee 1.90 Mbit/s, ceiling 1.90 Mbit/s' })
    ).toBeInTheDocument();
  });

  it('sums the link up', () => {
    show({ series: [link] });
    expect(screen.getByText('18.1 Mbit/s of 19.0 Mbit/s')).toBeInTheDocument();
    expect(screen.getByText('1,240 drops/s')).toBeInTheDocument();
  });

  it('counts in bytes when asked to', () => {
    show({ series: [link] }, { unit: 'bytes' });
    expect(screen.getByText('2.25 MB/s')).toBeInTheDocument();
  });

  it('leaves columns out where there is no room, the rate never', () => {
    show({ series: [link] }, {}, 360);
    expect(screen.getByRole('columnheader', { name: 'Rate' })).toBeInTheDocument();
    expect(screen.queryByRole('columnheader', { name: 'Drops/s' })).not.toBeInTheDocument();
  });

  it('names links only where there are several', () => {
    const other = countersFrame([2000], { voice: { rate: [1] } }, { binding: 'dc-uplink', site: 'dc' });
    show({ series: [link, other] });
    expect(screen.getByText('dc · dc-uplink')).toBeInTheDocument();
  });
});

describe('a stream', () => {
  it('is called live while rows come, and old by its age once they stop', () => {
    vi.useFakeTimers();
    show({ series: [link] });
    expect(screen.getByRole('status')).toHaveTextContent('Live');
    act(() => vi.advanceTimersByTime(7_000));
    expect(screen.getByRole('status')).toHaveTextContent('No counters for 7 s');
  });

  it('is not claimed for figures that are fetched now and then', () => {
    show({ state: LoadingState.Done, series: [link] });
    expect(screen.queryByText('Live')).not.toBeInTheDocument();
  });
});

describe('a queues panel without figures', () => {
  it('waits', () => {
    show({ state: LoadingState.Loading });
    expect(screen.getByRole('status', { name: 'Loading counters' })).toBeInTheDocument();
  });

  it('gives the reason of a failure', () => {
    show({ state: LoadingState.Error, errors: [{ message: 'The token is not one of this sidecar.' }] });
    expect(screen.getByRole('alert')).toHaveTextContent('The token is not one of this sidecar.');
  });

  it('keeps what it has when only the stream is refused', () => {
    show({ state: LoadingState.Error, series: [link], errors: [{ message: 'Live counters do not arrive' }] });
    expect(screen.getByRole('alert')).toHaveTextContent('Live counters do not arrive');
    expect(screen.getByText('18.0 Mbit/s')).toBeInTheDocument();
  });

  it('says what to do about another query', () => {
    show({ state: LoadingState.Done, series: [toDataFrame({ fields: [{ name: 'value', values: [1] }] })] });
    expect(screen.getByText('These are no class counters')).toBeInTheDocument();
  });

  it('says when no policy is in force', () => {
    show({ state: LoadingState.Done });
    expect(screen.getByText('No classes')).toBeInTheDocument();
  });
});
