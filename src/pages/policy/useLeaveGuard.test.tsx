import React from 'react';
import { locationService } from '@grafana/runtime';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it } from 'vitest';
import { useLeaveGuard } from './useLeaveGuard.tsx';

const Page = ({ dirty }: { dirty: boolean }) => <>{useLeaveGuard(dirty)}</>;
const where = () => locationService.getLocation().pathname + locationService.getLocation().search;

beforeEach(() => locationService.push('/a/policies/branch-edge?orgId=2'));

it('asks before unsaved edits are left behind, and goes on with the query string of the destination', async () => {
  render(<Page dirty />);
  act(() => locationService.push('/a/policies?orgId=2&search=x'));
  expect(where()).toBe('/a/policies/branch-edge?orgId=2');
  await userEvent.click(await screen.findByText('Leave and lose them'));
  expect(where()).toBe('/a/policies?orgId=2&search=x');
});

it('stays when asked to', async () => {
  render(<Page dirty />);
  act(() => locationService.push('/a/policies'));
  await userEvent.click(await screen.findByText('Stay'));
  expect(where()).toBe('/a/policies/branch-edge?orgId=2');
});

it('lets moves within the page pass, and everything once nothing is unsaved', () => {
  const { rerender } = render(<Page dirty />);
  act(() => locationService.push('/a/policies/branch-edge?tab=plan'));
  expect(where()).toBe('/a/policies/branch-edge?tab=plan');
  rerender(<Page dirty={false} />);
  act(() => locationService.push('/a/policies'));
  expect(where()).toBe('/a/policies');
});
