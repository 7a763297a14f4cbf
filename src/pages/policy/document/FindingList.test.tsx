import React from 'react';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { finding, renderWithSidecar } from '../../../testing/index.ts';
import { testIds } from '../../../testIds.ts';
import { FindingList, worstFirst } from './FindingList.tsx';

it('says how bad, where, what it means and what to do', () => {
  renderWithSidecar(<FindingList findings={[finding()]} />, {});
  const item = screen.getByTestId(testIds.finding('CP-GUARANTEE-SUM'));
  expect(item).toHaveAttribute('data-severity', 'error');
  for (const text of [
    'Line 15',
    'spec.classes[1].guarantee',
    'CP-GUARANTEE-SUM',
    /add up to 22.8 Mbit/,
    /Lower them/,
  ]) {
    expect(within(item).getByText(text)).toBeInTheDocument();
  }
});

it('goes to the line of a finding that has one', async () => {
  const open = vi.fn();
  renderWithSidecar(
    <FindingList findings={[finding(), finding({ code: 'CP-NOWHERE', line: undefined })]} onOpen={open} />,
    {}
  );
  await userEvent.click(screen.getByRole('button', { name: /add up to/ }));
  expect(open).toHaveBeenCalledWith(finding());
});

it('puts errors before warnings before notes, each by line', () => {
  const list = [
    finding({ severity: 'info', line: 1 }),
    finding({ severity: 'error', line: 9 }),
    finding({ severity: 'warning' }),
    finding({ line: 2 }),
  ];
  expect(worstFirst(list).map(({ severity, line }) => `${severity} ${line}`)).toEqual([
    'error 2',
    'error 9',
    'warning 15',
    'info 1',
  ]);
});

it('shows what a fix would change, and puts it into the draft when told to', async () => {
  const fixed = vi.fn();
  const fixable = finding({ fix: { title: 'Lower it', edits: [{ op: 'remove', path: 'a' }] } });
  const { requests } = renderWithSidecar(
    <FindingList findings={[fixable]} editing={{ text: 'a: 1\nb: 2', onFixed: fixed }} />,
    {
      'POST policies/fix': { source: 'a: 1' },
    }
  );
  await userEvent.click(screen.getByRole('button', { name: 'Lower it' }));
  expect(await screen.findByText(/b: 2/)).toBeInTheDocument();
  expect(requests[0]?.body).toEqual({ source: 'a: 1\nb: 2', code: fixable.code, path: fixable.path });
  expect(fixed).not.toHaveBeenCalled();
  await userEvent.click(screen.getByTestId(testIds.fixApply));
  expect(fixed).toHaveBeenCalledWith('a: 1');
});

it('explains a code from what the sidecar knows', async () => {
  renderWithSidecar(<FindingList findings={[finding()]} />, {
    'GET findings': [
      { code: 'CP-GUARANTEE-SUM', severity: 'error', title: 'Too much', wire: 'Part of it does not exist.' },
    ],
  });
  await userEvent.click(screen.getByTestId(testIds.findingExplain('CP-GUARANTEE-SUM')));
  expect(await screen.findByText('Part of it does not exist.')).toBeInTheDocument();
});
