import React, { type ReactElement } from 'react';
import { type BackendSrv, type BackendSrvRequest, setBackendSrv } from '@grafana/runtime';
import { render } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { of, throwError } from 'rxjs';
import { SidecarProvider, type Problem } from '../data/index.ts';

/** Answers by "METHOD path", path as below /api/v1 and without the query string. A function sees the request's body. */
export type Answers = Record<string, unknown | ((body: unknown) => unknown)>;

const isProblem = (answer: unknown): answer is Problem =>
  typeof answer === 'object' && answer !== null && 'status' in answer && 'code' in answer;

/**
 * Renders with everything real but the wire: a request goes through the same hooks and the same client and is answered from
 * `answers`; a problem among them arrives as Grafana would throw it. Returns the requests made, too.
 */
export function renderWithSidecar(element: ReactElement, answers: Answers, address = '/') {
  const requests: Array<{ call: string; query: string; body: unknown }> = [];
  const fetch = ({ url, method = 'GET', data }: BackendSrvRequest) => {
    const [path = url, query = ''] = url.split('/resources/')[1]?.split('?') ?? [];
    const call = `${method} ${path}`;
    requests.push({ call, query, body: data });
    const found = answers[call];
    const answer: unknown = typeof found === 'function' ? found(data) : found;
    if (answer === undefined) {
      return throwError(() => ({
        status: 404,
        statusText: 'Not Found',
        data: { message: `No answer for ${call}` },
        config: { url },
      }));
    }
    return isProblem(answer)
      ? throwError(() => ({ status: answer.status, statusText: answer.title, data: answer, config: { url } }))
      : of({ data: answer, status: 200, statusText: 'OK', ok: true });
  };
  setBackendSrv({ fetch } as unknown as BackendSrv);
  const view = render(
    <MemoryRouter initialEntries={[address]} future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
      <SidecarProvider>{element}</SidecarProvider>
    </MemoryRouter>
  );
  return { ...view, requests };
}
