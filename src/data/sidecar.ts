/** One call to the sidecar through the datasource's resource road. Paths are the sidecar's below /api/v1. */
import { getBackendSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import { asProblem } from './problem.ts';

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

export async function callSidecar<T>(uid: string, method: Method, path: string, body?: unknown): Promise<T> {
  const url = `/api/datasources/uid/${encodeURIComponent(uid)}/resources/${path}`;
  // Grafana names the type of a body by itself for POST, PUT and PATCH only.
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  try {
    const response = await lastValueFrom(
      // The page draws its own errors where the operator is looking; Grafana's toast would say less, elsewhere.
      getBackendSrv().fetch<T>({ url, method, headers, data: body, showErrorAlert: false, showSuccessAlert: false })
    );
    return response.data;
  } catch (error) {
    throw asProblem(error);
  }
}

/** `a=1&b=2` of what is given, with a leading question mark, or nothing. */
export function queryString(parameters: Record<string, string | number | boolean | undefined>): string {
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== undefined
  );
  return given.length ? `?${given.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')}` : '';
}
