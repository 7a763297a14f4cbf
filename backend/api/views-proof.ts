/** A proof as the border tells it. */
import type { ProofReport } from '../prove/index.ts';
import type { ProofRow } from '../store/index.ts';
import type { Proof, ProofDetail } from './contract.ts';

export const proofView = (row: ProofRow): Proof => ({
  id: row.id,
  policy: row.policy,
  revision: row.revision,
  binding: row.binding,
  kernel: row.kernel,
  by: row.by,
  state: row.state,
  message: row.message,
  startedAt: Number(row.started_at),
  finishedAt: Number(row.finished_at),
  progress: null,
});

export const proofDetail = (row: ProofRow): ProofDetail => ({
  ...proofView(row),
  report: row.report === null ? null : (JSON.parse(row.report) as ProofReport),
});
