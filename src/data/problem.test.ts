import { describe, expect, it } from 'vitest';
import { finding, problem } from '../testing/examples.ts';
import { asProblem } from './problem.ts';

const thrown = (data: unknown, status = 502) =>
  asProblem({ status, statusText: 'Bad Gateway', data, config: { url: '/x' } });

describe('a problem', () => {
  it.each([
    [problem(), 'unreachable'],
    [problem({ code: 'CP-BRIDGE-TOKEN' }), 'token'],
    [problem({ status: 401, code: 'CP-UNAUTHORIZED' }), 'token'],
    [problem({ status: 403, code: 'CP-ROLE' }), 'forbidden'],
    [problem({ status: 404, code: 'CP-NOT-FOUND' }), 'not-found'],
    [problem({ status: 409, code: 'CP-HEAD' }), 'conflict'],
    [problem({ status: 422, code: 'CP-INVALID', findings: [finding()] }), 'findings'],
    [problem({ status: 500, code: 'CP-INTERNAL' }), 'other'],
  ] as const)('%o is of the kind %s', (data, trouble) => expect(thrown(data, data.status).trouble).toBe(trouble));

  it('keeps code, detail and findings', () => {
    const error = thrown(problem({ status: 422, findings: [finding()] }), 422);
    expect(error).toMatchObject({ code: 'CP-BRIDGE-NO-ANSWER', detail: problem().detail, findings: [finding()] });
  });

  it('is Grafana’s own when there is no problem document', () => {
    expect(thrown({ message: 'Plugin unavailable', messageId: 'plugin.unavailable' }, 503)).toMatchObject({
      trouble: 'datasource',
      title: 'Plugin unavailable',
      code: 'plugin.unavailable',
    });
    expect(thrown({ message: 'Access denied' }, 403).trouble).toBe('forbidden');
  });

  it('is made of anything that is thrown', () => {
    expect(asProblem(new TypeError('Failed to fetch'))).toMatchObject({ title: 'Failed to fetch', trouble: 'other' });
    expect(asProblem('odd').title).toBe('odd');
  });
});
