import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';
import { describe, expect, it, vi } from 'vitest';
import type { BindingSummary } from '../../backend/api/contract.ts';
import type { ClearpathDatasource } from './ClearpathDatasource.ts';
import type { ClearpathQuery } from './query.ts';
import { QueryEditor } from './QueryEditor.tsx';

// A Combobox measures its options; jsdom has no canvas to do it on.
HTMLCanvasElement.prototype.getContext = (() => ({
  measureText: (text: string) => ({ width: text.length * 8 }),
})) as unknown as typeof HTMLCanvasElement.prototype.getContext;

const BINDINGS = [
  { name: 'branch-uplink', site: 'branch', policy: 'branch-edge', interface: 'wan0', direction: 'egress' },
];

function open(
  query: Partial<ClearpathQuery>,
  bindings: () => Promise<BindingSummary[]> = async () => BINDINGS as BindingSummary[]
) {
  const asked = vi.fn<(query: ClearpathQuery) => void>();
  function Editor() {
    const [current, setCurrent] = useState<ClearpathQuery>({ refId: 'A', ...query });
    return (
      <QueryEditor
        datasource={{ bindings } as ClearpathDatasource}
        query={current}
        onChange={(next) => {
          asked(next);
          setCurrent(next);
        }}
        onRunQuery={() => {}}
      />
    );
  }
  render(<Editor />);
  return { last: () => asked.mock.lastCall?.[0] };
}

describe('the query editor', () => {
  it('begins with what the SLA panel draws', async () => {
    open({});
    expect(screen.getByLabelText('Query')).toHaveValue('SLA compliance');
    expect(screen.getByLabelText('Format')).toHaveValue('Table');
    await waitFor(() => expect(screen.getByLabelText('Binding')).toHaveAttribute('placeholder', 'All bindings'));
  });

  it('asks which signal only for an alert rule', () => {
    open({ type: 'sla-compliance', format: 'alert' });
    expect(screen.getByLabelText('Signal')).toHaveValue('Violated');
  });

  it('streams everything the queues panel needs by two switches', async () => {
    const { last } = open({ type: 'class-statistics' });
    expect(screen.queryByLabelText('All quantities')).not.toBeInTheDocument();
    await userEvent.click(screen.getByLabelText('Live'));
    await userEvent.click(screen.getByLabelText('All quantities'));
    expect(last()).toMatchObject({ live: true, liveFields: 'everything' });
    await userEvent.click(screen.getByLabelText('Live'));
    expect(last()?.liveFields).toBeUndefined();
  });

  it('asks for all classes when the field is emptied', async () => {
    const { last } = open({ type: 'sla-compliance', trafficClass: 'voice' });
    await userEvent.clear(screen.getByLabelText('Class'));
    await userEvent.tab();
    expect(last()?.trafficClass).toBeUndefined();
  });

  it('says so when the sidecar does not name its bindings, and still takes a name', async () => {
    open({ type: 'deployments' }, () => Promise.reject(new Error('down')));
    expect(await screen.findByText(/Type a name, or test the datasource/)).toBeInTheDocument();
    expect(screen.getByLabelText('Binding')).toBeEnabled();
  });
});
