import { LoadingState, toDataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { noticeOf } from './notice.ts';

const frame = toDataFrame({ fields: [{ name: 'x', values: [1] }] });

describe('what a panel says instead of figures', () => {
  it('is nothing while it has figures, even if the next ones fail', () => {
    expect(noticeOf({ state: LoadingState.Error, series: [frame], errors: [{ message: 'down' }] }, 3)).toBeUndefined();
  });

  it('is the failure before anything else, whichever way Grafana reports it', () => {
    expect(noticeOf({ state: LoadingState.Error, series: [], errors: [{ message: 'down' }] }, undefined)).toEqual({
      kind: 'error',
      message: 'down',
    });
    expect(noticeOf({ state: LoadingState.Error, series: [], error: { message: 'gone' } }, undefined)).toEqual({
      kind: 'error',
      message: 'gone',
    });
    expect(noticeOf({ state: LoadingState.Error, series: [] }, undefined)).toEqual({ kind: 'error', message: '' });
  });

  it('tells loading, another query and nothing there apart', () => {
    expect(noticeOf({ state: LoadingState.Loading, series: [] }, undefined)).toEqual({ kind: 'loading' });
    expect(noticeOf({ state: LoadingState.Done, series: [frame] }, undefined)).toEqual({ kind: 'wrong-query' });
    expect(noticeOf({ state: LoadingState.Done, series: [frame] }, 0)).toEqual({ kind: 'empty' });
    expect(noticeOf({ state: LoadingState.Done, series: [] }, undefined)).toEqual({ kind: 'empty' });
  });
});
