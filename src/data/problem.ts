/** What went wrong between the page and the sidecar, in one shape whoever said it: sidecar, bridge or Grafana. */
import { type FetchError, isFetchError } from '@grafana/runtime';
import type { Finding, Problem } from './contract.ts';

/**
 * Which remedy to show. `unreachable`: nobody answered; `token`: the sidecar does not know the datasource's token;
 * `datasource`: Grafana has no such datasource or its plugin does not run; `forbidden`: the caller's role is too little.
 */
export type Trouble =
  'unreachable' | 'token' | 'datasource' | 'forbidden' | 'conflict' | 'not-found' | 'findings' | 'other';

export class ProblemError extends Error {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly findings: Finding[];
  readonly trouble: Trouble;

  constructor(problem: Problem, trouble: Trouble) {
    super(problem.detail ?? problem.title);
    this.name = 'ProblemError';
    this.title = problem.title;
    this.status = problem.status;
    this.detail = problem.detail ?? '';
    this.code = problem.code;
    this.findings = problem.findings ?? [];
    this.trouble = trouble;
  }
}

const isProblem = (data: unknown): data is Problem =>
  typeof data === 'object' && data !== null && 'title' in data && 'code' in data && typeof data.title === 'string';

/** Grafana's own errors carry `message`, and `messageId` when the datasource or its process is what is missing. */
const grafanaSays = (data: unknown): { message: string; messageId: string } => {
  const { message, messageId } = (data ?? {}) as { message?: unknown; messageId?: unknown };
  return {
    message: typeof message === 'string' ? message : '',
    messageId: typeof messageId === 'string' ? messageId : '',
  };
};

function troubleOfProblem({ status, code, findings }: Problem): Trouble {
  if (status === 401 || code === 'CP-BRIDGE-TOKEN') {
    return 'token';
  }
  if (status === 403) {
    return 'forbidden';
  }
  if (status === 404) {
    return 'not-found';
  }
  if (status === 502 || status === 503 || status === 504) {
    return 'unreachable';
  }
  if (findings?.length) {
    return 'findings';
  }
  return status === 409 ? 'conflict' : 'other';
}

function fromFetch(error: FetchError): ProblemError {
  if (isProblem(error.data)) {
    return new ProblemError(error.data, troubleOfProblem(error.data));
  }
  const { message, messageId } = grafanaSays(error.data);
  // Not a problem document: the sidecar never saw the call, Grafana itself refused it.
  const trouble: Trouble = error.status === 403 ? 'forbidden' : 'datasource';
  return new ProblemError(
    {
      type: 'about:blank',
      title: message || error.statusText || 'Grafana did not answer',
      status: error.status ?? 0,
      code: messageId || 'CP-GRAFANA',
    },
    trouble
  );
}

/** Anything thrown on the way, as a ProblemError. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) {
    return error;
  }
  if (isFetchError(error)) {
    return fromFetch(error);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new ProblemError({ type: 'about:blank', title: message, status: 0, code: 'CP-PAGE' }, 'other');
}
