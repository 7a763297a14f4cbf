import React from 'react';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import {
  binding,
  caller,
  deployment,
  finding,
  plan,
  policy,
  problem,
  renderWithSidecar,
  type Answers,
} from '../../../testing/index.ts';
import { testIds } from '../../../testIds.ts';
import { draftOf } from '../draft.ts';
import { PlanTab } from './PlanTab.tsx';

const foreign = plan({
  live: { owner: 'foreign', summary: 'tbf 50 Mbit/s', restorable: false, reason: 'a BPF filter cannot be read back.' },
});

const open = (answers: Answers, draft = draftOf(policy())) =>
  renderWithSidecar(
    <PlanTab policy="branch-edge" bindings={[binding()]} loading={false} draft={draft} onAdopt={vi.fn()} />,
    {
      'GET whoami': caller('Admin'),
      'POST bindings/branch/plan': plan(),
      'POST bindings/branch/apply': deployment(),
      ...answers,
    }
  );

const applyButton = () => screen.getByTestId(testIds.apply);
const mayApply = () => waitFor(() => expect(applyButton()).not.toHaveAttribute('aria-disabled', 'true'));

async function apply() {
  await mayApply();
  await userEvent.click(applyButton());
  await userEvent.click((await screen.findAllByRole('button', { name: 'Apply' })).at(-1) ?? applyButton());
}

describe('applying', () => {
  it('names interface and number of operations, sends the plan that was looked at, and shows how it ended', async () => {
    const { requests } = open({});
    await mayApply();
    await userEvent.click(applyButton());
    expect(await screen.findByText('Apply to wan0 of branch-router?')).toBeInTheDocument();
    expect(screen.getByText(/1 operation is carried out/)).toBeInTheDocument();
    await userEvent.click(screen.getAllByRole('button', { name: 'Apply' }).at(-1) ?? applyButton());
    expect(await screen.findByTestId(testIds.outcome)).toHaveAttribute('data-state', 'confirmed');
    expect(screen.getByText(/read back and found equal/)).toBeInTheDocument();
    expect(requests.find(({ call }) => call.endsWith('/apply'))?.body).toEqual({
      plan: 'plan-1',
      replaceForeign: false,
    });
  });

  it('asks for a deadline when told to, and shows it count down', async () => {
    const awaiting = deployment({ state: 'awaiting-confirmation', secondsToConfirm: 60 });
    const { requests } = open({ 'POST bindings/branch/apply': awaiting, 'GET deployments': [awaiting] });
    await mayApply();
    await userEvent.click(applyButton());
    await userEvent.type(await screen.findByTestId(testIds.planDeadline), '60');
    await userEvent.click(screen.getAllByRole('button', { name: 'Apply' }).at(-1) ?? applyButton());
    expect(await screen.findByTestId(testIds.outcome)).toHaveAttribute('data-state', 'awaiting-confirmation');
    expect(screen.getByTestId(testIds.countdown(awaiting.id))).toHaveTextContent(/Rolled back in \d+ seconds/);
    expect(requests.find(({ call }) => call.endsWith('/apply'))?.body).toMatchObject({ confirm: 60 });
  });

  it('shows a refusal of the kernel at its policy path', async () => {
    const refusal = problem({
      status: 422,
      code: 'CP-KERNEL-REFUSED',
      title: 'The kernel refused an operation',
      findings: [finding({ code: 'CP-KERNEL-REFUSED', path: 'spec.classes[1].ceiling' })],
    });
    open({ 'POST bindings/branch/apply': refusal });
    await apply();
    const outcome = await screen.findByTestId(testIds.outcome);
    expect(outcome).toHaveAttribute('data-state', 'refused');
    expect(outcome).toHaveTextContent('spec.classes[1].ceiling');
  });

  it('replaces a foreign tree that cannot be restored only when told to', async () => {
    const { requests } = open({ 'POST bindings/branch/plan': foreign });
    await userEvent.click(await screen.findByTestId(testIds.planReplaceForeign));
    await apply();
    await screen.findByTestId(testIds.outcome);
    expect(requests.find(({ call }) => call.endsWith('/apply'))?.body).toEqual({
      plan: 'plan-1',
      replaceForeign: true,
    });
  });

  it('is not offered for a foreign tree before the box is ticked', async () => {
    open({ 'POST bindings/branch/plan': foreign });
    expect(await screen.findByText(/a BPF filter cannot be read back/)).toBeInTheDocument();
    expect(applyButton()).toHaveAttribute('aria-disabled', 'true');
  });
});

it('plans with the text as it stands when it is not saved, and does not offer to apply it', async () => {
  const { requests } = open({}, { ...draftOf(policy()), text: 'kind: Policy # edited' });
  await screen.findByTestId(testIds.planSummary);
  expect(requests.find(({ call }) => call.endsWith('/plan'))?.body).toEqual({ source: 'kind: Policy # edited' });
  expect(applyButton()).toHaveAttribute('aria-disabled', 'true');
});

it('asks nothing of the device for a Viewer, and says why', async () => {
  const { requests } = open({ 'GET whoami': caller('Viewer') });
  expect(await screen.findByText('Planning needs the role Editor or Admin. Yours is Viewer.')).toBeInTheDocument();
  expect(requests.some(({ call }) => call.endsWith('/plan'))).toBe(false);
});

describe('what another hand changed', () => {
  const words = 'video’s ceiling: 11.4 Mbit/s in force, 5 Mbit/s live, changed by hand.';
  const ceiling = { path: 'spec.classes[1].ceiling', words, value: '5mbit' };
  const gone = { path: 'spec.classes[2]', words: 'bulk: the class is gone, deleted by hand.', value: null };
  const reason = 'Remove the class from the document where it should stay away.';
  const drifted = (role: 'Viewer' | 'Editor' | 'Admin', onAdopt = vi.fn<(text: string) => void>()) =>
    renderWithSidecar(
      <PlanTab
        policy="branch-edge"
        bindings={[binding({ state: 'drifted' })]}
        loading={false}
        draft={draftOf(policy({ source: 'first\nceiling: 60%\nlast' }))}
        onAdopt={onAdopt}
      />,
      {
        'GET whoami': caller(role),
        'POST bindings/branch/plan': plan(),
        'GET bindings/branch/drift': { deployment: '01JABCDEFGHJKMNPQRSTVWXYZ0', drifted: [ceiling, gone] },
        'POST bindings/branch/adopt': {
          source: 'first\nceiling: 5mbit\nlast',
          adopted: [ceiling],
          left: [{ ...gone, reason }],
        },
      }
    );

  it('is said at its place, before the plan that corrects it once that is confirmed', async () => {
    drifted('Admin');
    const list = await screen.findByTestId(testIds.drift);
    expect(list).toHaveTextContent('2 things were changed by others');
    expect(list).toHaveTextContent(`${words} spec.classes[1].ceiling`);
    await mayApply();
    await userEvent.click(screen.getByTestId(testIds.driftCorrect));
    expect(await screen.findByText('Apply to wan0 of branch-router?')).toBeInTheDocument();
  });

  it('is adopted into the draft after a diff, with what stays out of it and why', async () => {
    const onAdopt = vi.fn<(text: string) => void>();
    const { requests } = drifted('Editor', onAdopt);
    const user = userEvent.setup();
    await user.click(await screen.findByTestId(testIds.driftAdopt));
    const diff = await screen.findByTestId(testIds.textDiff);
    expect(diff).toHaveTextContent('ceiling: 60%');
    expect(diff).toHaveTextContent('ceiling: 5mbit');
    expect(screen.getByTestId(testIds.adoptionLeft)).toHaveTextContent(`${gone.words} spec.classes[2] ${reason}`);
    expect(requests.find(({ call }) => call.endsWith('/adopt'))?.body).toEqual({
      source: 'first\nceiling: 60%\nlast',
    });
    expect(onAdopt).not.toHaveBeenCalled();
    await user.click(screen.getByTestId(testIds.adoptApply));
    expect(onAdopt).toHaveBeenCalledExactlyOnceWith('first\nceiling: 5mbit\nlast');
    expect(requests.some(({ call }) => call.startsWith('PUT'))).toBe(false);
  });

  it('is told to a Viewer, who may do neither', async () => {
    drifted('Viewer');
    await screen.findByTestId(testIds.drift);
    for (const button of [testIds.driftCorrect, testIds.driftAdopt]) {
      expect(screen.getByTestId(button)).toHaveAttribute('aria-disabled', 'true');
    }
  });
});
