import React from 'react';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import {
  binding,
  caller,
  policy,
  problem,
  proof,
  proofPromise,
  proofReport,
  renderWithSidecar,
  type Answers,
} from '../../../testing/index.ts';
import type { ProofPromise } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { draftOf } from '../draft.ts';
import { ProofTab } from './ProofTab.tsx';

const held = proof();
const open = (answers: Answers = {}, bindings = [binding()], draft = draftOf(policy())) =>
  renderWithSidecar(<ProofTab policy="branch-edge" bindings={bindings} draft={draft} />, {
    'GET whoami': caller('Editor'),
    'GET proofs': [held],
    [`GET proofs/${held.id}`]: { ...held, report: proofReport() },
    'POST bindings/branch/proofs': proof({ state: 'running', finishedAt: null, progress: { done: 0, of: 0 } }),
    ...answers,
  });
const button = () => screen.getByTestId(testIds.prove);
const mayProve = () => waitFor(() => expect(button()).not.toHaveAttribute('aria-disabled', 'true'));

it('shows each promise with its figures, when and where it was proved', async () => {
  open();
  const row = await screen.findByTestId(testIds.proofPromise('guarantee', 'video'));
  expect(row).toHaveAttribute('data-verdict', 'held');
  expect(row).toHaveTextContent('5.7 Mbit/s');
  expect(row).toHaveTextContent('≥ 5.415 Mbit/s');
  const report = screen.getByTestId(testIds.proofReport);
  expect(report).toHaveTextContent(/2 of 2 promises held/);
  expect(report).toHaveTextContent(/on Linux 6\.18, .* by ines/);
  expect(report).toHaveTextContent('at 19 Mbit/s, in 54 s');
});

it('draws for each class what arrived against its guarantee and its ceiling', async () => {
  open();
  const bar = await screen.findByTestId(testIds.proofClass('video'));
  expect(within(bar).getByRole('img')).toHaveAccessibleName(
    'video: 5.7 Mbit/s arrived, guarantee 5.7 Mbit/s, ceiling 11.4 Mbit/s'
  );
  expect(bar).toHaveAttribute('data-verdict', 'held');
});

it('puts what is broken first, with the reason', async () => {
  const promises = [...proofReport().promises, proofPromise({ kind: 'ceiling', class: 'bulk', verdict: 'broken', side: 'at-most', reason: 'Passed while "bulk" alone was full.' })]; // prettier-ignore
  const broken = proof({ state: 'broken' });
  open({
    'GET proofs': [broken],
    [`GET proofs/${held.id}`]: { ...broken, report: proofReport({ verdict: 'broken', promises }) },
  });
  const row = await screen.findByTestId(testIds.proofPromise('ceiling', 'bulk'));
  expect(row).toHaveTextContent('Passed while "bulk" alone was full.');
  expect(row.previousElementSibling).toBeNull();
  expect(screen.getByTestId(testIds.proofReport)).toHaveAttribute('data-state', 'broken');
});

it('says of each promise what it is about, also of what is done to packets', async () => {
  const done = (kind: ProofPromise['kind'], says: string, rest: Partial<ProofPromise> = {}) =>
    proofPromise({ kind, says, unit: '%', promised: 100, bound: 100, measured: 100, ...rest });
  const promises = [
    done('mark', 'Every packet of "video" leaves with DSCP AF41.'),
    done('mirror', 'A copy of every packet of "video" arrives at lan1.'),
    done('ecn', 'While "video" is full, its queue marks packets of senders that know ECN.', { promised: 0, bound: 0.281, measured: 12.34 }), // prettier-ignore
    done('conform', 'Of "video", 2 Mbit/s keep their mark and what is above leaves with DSCP AF12.', { unit: 'bit/s', bound: 1.9e6, measured: 1_995_000 }), // prettier-ignore
  ];
  open({ [`GET proofs/${held.id}`]: { ...held, report: proofReport({ promises }) } });
  const row = (kind: string) => screen.findByTestId(testIds.proofPromise(kind, 'video'));
  expect(await row('mark')).toHaveTextContent(/^HeldDSCPEvery packet of "video" leaves with DSCP AF41\.100 %≥ 100 %$/);
  expect(await row('mirror')).toHaveTextContent(/Mirror.*arrives at lan1\./);
  expect(await row('ecn')).toHaveTextContent(/ECN.*12\.3 %≥ 0\.281 %$/);
  expect(await row('conform')).toHaveTextContent(/Police.*1\.995 Mbit\/s≥ 1\.9 Mbit\/s$/);
});

it('begins a proof with the figures of the binding', async () => {
  const { requests } = open({ 'GET proofs': [] });
  expect(await screen.findByText('This policy has not been proved yet')).toBeInTheDocument();
  await mayProve();
  await userEvent.click(button());
  await waitFor(() => expect(requests.map(({ call }) => call)).toContain('POST bindings/branch/proofs'));
});

it('shows how far a proof is, and begins no second one', async () => {
  open({
    'GET proofs': [
      proof({ id: '01JABCDEFGHJKMNPQRSTVWXYZ9', state: 'running', finishedAt: null, progress: { done: 3, of: 12 } }),
      held,
    ],
  });
  expect(await screen.findByTestId(testIds.proofRunning)).toHaveTextContent('Phase 4 of 12');
  expect(button()).toHaveAttribute('aria-disabled', 'true');
  expect(await screen.findByTestId(testIds.proofReport)).toHaveAttribute('data-state', 'held');
});

it('says why no proof could be made, and when a proof was refused', async () => {
  const failed = proof({ state: 'failed', message: 'A network to prove it in cannot be made.' });
  open({
    'GET proofs': [failed],
    [`GET proofs/${held.id}`]: { ...failed, report: null },
    'POST bindings/branch/proofs': problem({
      status: 409,
      code: 'CP-PROOF-RUNNING',
      title: 'A proof is under way',
      detail: 'Wait for its end.',
    }),
  });
  expect(await screen.findByText('No proof could be made')).toBeInTheDocument();
  await mayProve();
  await userEvent.click(button());
  expect(await screen.findByText('Wait for its end.')).toBeInTheDocument();
});

it('warns where the proof is of another revision, or of a slower link', async () => {
  const old = proof({ revision: 'sha256:000000000000' });
  open({
    'GET proofs': [old],
    [`GET proofs/${held.id}`]: { ...old, report: proofReport({ bandwidth: 1e10, provedAt: 9e8 }) },
  });
  expect(await screen.findByText(/not a proof of the revision that is saved now/)).toBeInTheDocument();
  expect(await screen.findByText('Proved at 900 Mbit/s in place of 10 Gbit/s')).toBeInTheDocument();
});

it('shows an earlier proof when asked to', async () => {
  const earlier = proof({ id: '01JABCDEFGHJKMNPQRSTVWXYZ1', state: 'broken', by: 'ben' });
  open({
    'GET proofs': [held, earlier],
    [`GET proofs/${earlier.id}`]: { ...earlier, report: proofReport({ verdict: 'broken' }) },
  });
  expect(await screen.findByTestId(testIds.proofReport)).toHaveAttribute('data-state', 'held');
  await userEvent.click(within(screen.getByTestId(testIds.proof(earlier.id))).getByRole('button'));
  await waitFor(() => expect(screen.getByTestId(testIds.proofReport)).toHaveAttribute('data-state', 'broken'));
});

it('may be begun by an Editor and with a binding only', async () => {
  open({ 'GET whoami': caller('Viewer') });
  await waitFor(() => expect(button()).toHaveAttribute('aria-disabled', 'true'));
});
