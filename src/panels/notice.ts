/** What a panel says instead of figures, decided from the result alone. */
import { LoadingState, type PanelData } from '@grafana/data';

export type Notice =
  | { kind: 'loading' }
  | { kind: 'error'; message: string }
  /** Frames came, but not the kind this panel draws. */
  | { kind: 'wrong-query' }
  | { kind: 'empty' };

/** `found`: undefined when no frame is of the panel's kind, else how many things it holds. Figures win over notices. */
export function noticeOf(
  data: Pick<PanelData, 'state' | 'series' | 'errors' | 'error'>,
  found: number | undefined
): Notice | undefined {
  if (found !== undefined && found > 0) {
    return undefined;
  }
  const message = messageOf(data);
  if (message !== undefined) {
    return { kind: 'error', message };
  }
  if (data.state === LoadingState.Loading || data.state === LoadingState.NotStarted) {
    return { kind: 'loading' };
  }
  return found === undefined && data.series.some((frame) => frame.fields.length > 0)
    ? { kind: 'wrong-query' }
    : { kind: 'empty' };
}

/**
 * The query's failure in words, or undefined when it did not fail. What a query was refused for is in `errors`; a call
 * that Grafana itself did not answer leaves its reason in `error` only (12.2, 12.4).
 */
// eslint-disable-next-line @typescript-eslint/no-deprecated
export function messageOf({ errors, error, state }: Pick<PanelData, 'state' | 'errors' | 'error'>): string | undefined {
  const first = errors?.[0] ?? error;
  return first?.message ?? first?.data?.message ?? (state === LoadingState.Error ? '' : undefined);
}
