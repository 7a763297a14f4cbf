import React from 'react';
import { locationService } from '@grafana/runtime';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { Template } from '../../data/index.ts';
import { problem, renderWithSidecar, trafficClass, type Answers } from '../../testing/index.ts';
import { testIds } from '../../testIds.ts';
import { NewPolicyModal } from './NewPolicyModal.tsx';

const template = (name: string): Template => ({
  name,
  title: `The title of ${name}`,
  purpose: 'For offices.',
  assumes: 'telephones mark EF.',
  change: 'the bandwidth.',
  source: `kind: Policy # of ${name}\nmetadata:\n  name: ${name}\n`,
  outline: { bandwidth: 19e6, classes: [trafficClass('voice', 1.9e6), trafficClass('rest', 10e6)] },
});

const open = (answers: Answers = {}) =>
  renderWithSidecar(<NewPolicyModal taken={['edge']} onClose={vi.fn()} />, {
    'GET templates': [template('home'), template('small-branch-voice')],
    ...answers,
  });
const name = async (text: string) => userEvent.type(await screen.findByTestId(testIds.newPolicyName), text);
const create = () => userEvent.click(screen.getByTestId(testIds.newPolicyCreate));
const started = () => locationService.getLocation().state;

describe('a new policy', () => {
  it('starts from the template that is chosen, under its own name, and is not saved', async () => {
    const { requests } = open();
    await userEvent.click(await screen.findByTestId(testIds.template('home')));
    expect(screen.getByTestId(testIds.templateDocument)).toHaveTextContent('kind: Policy # of home');
    expect(screen.getByText('Assumes telephones mark EF.')).toBeInTheDocument();
    await name('branch2');
    await create();
    expect(locationService.getLocation().pathname).toBe('/a/clearpath-qos-app/policies/branch2');
    expect(started()).toEqual({ source: 'kind: Policy # of home\nmetadata:\n  name: branch2\n' });
    expect(requests.map(({ call }) => call)).toEqual(['GET templates']);
  });

  it('shows how each template shares the link', async () => {
    open();
    const card = await screen.findByTestId(testIds.template('home'));
    expect(card).toHaveTextContent('The title of home');
    expect(card.querySelector('[title^="voice 10"]')).toBeInTheDocument();
  });

  it('starts blank when that is chosen, or when there are no templates', async () => {
    open({ 'GET templates': problem() });
    expect(await screen.findByText('The policy starts blank.')).toBeInTheDocument();
    await name('branch3');
    await create();
    expect(started()).toEqual({ source: expect.stringContaining('name: branch3') });
  });

  it('takes no name that exists', async () => {
    open();
    await screen.findByTestId(testIds.template('home'));
    await name('edge');
    expect(screen.getByTestId(testIds.newPolicyCreate)).toBeDisabled();
  });
});
