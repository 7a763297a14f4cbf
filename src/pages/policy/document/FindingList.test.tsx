import React from 'react';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { finding } from '../../../testing/index.ts';
import { testIds } from '../../../testIds.ts';
import { FindingList, worstFirst } from './FindingList.tsx';

it('says how bad, where, what it means and what to do', () => {
  render(<FindingList findings={[finding()]} />);
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
  render(<FindingList findings={[finding(), finding({ code: 'CP-NOWHERE', line: undefined })]} onOpen={open} />);
  await userEvent.click(screen.getByRole('button'));
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
