import { type BackendSrv, type BackendSrvRequest, setBackendSrv } from '@grafana/runtime';
import { of } from 'rxjs';
import { expect, it } from 'vitest';
import { callSidecar, queryString } from './sidecar.ts';

it('goes through the datasource’s resources, and draws no toast of its own', async () => {
  let seen: BackendSrvRequest | undefined;
  setBackendSrv({
    fetch: (request: BackendSrvRequest) => ((seen = request), of({ data: [] })),
  } as unknown as BackendSrv);
  await callSidecar('my uid', 'GET', 'policies');
  expect(seen).toMatchObject({
    url: '/api/datasources/uid/my%20uid/resources/policies',
    method: 'GET',
    showErrorAlert: false,
  });
  expect(seen?.headers).toEqual({});
  // Grafana does not name the type of this one by itself.
  await callSidecar('my uid', 'DELETE', 'policies/branch', { baseRevision: '1' });
  expect(seen).toMatchObject({ method: 'DELETE', headers: { 'Content-Type': 'application/json' } });
});

it('writes only the parameters that are given', () => {
  expect(queryString({ binding: undefined, limit: 8 })).toBe('?limit=8');
  expect(queryString({ binding: 'a b', open: true })).toBe('?binding=a%20b&open=true');
  expect(queryString({ binding: undefined })).toBe('');
});
