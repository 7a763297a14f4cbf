import { expect, it } from 'vitest';
import { startOnCall } from './oncall.mjs';

const alert = (status: string) => ({
  status,
  labels: { alertname: 'Voice', severity: 'critical', site: 'branch', service: 'branch-edge', traffic_class: 'voice' },
  annotations: { summary: 'Latency P95 is 221 ms, above 20 ms' },
});

async function post(body: string): Promise<{ status: number; printed: string[] }> {
  const printed: string[] = [];
  const listener = await startOnCall({ print: (line) => printed.push(line) });
  try {
    const { status } = await fetch(listener.url, { method: 'POST', body });
    return { status, printed };
  } finally {
    await listener.close();
  }
}

it('says for each alert who would be paged, with severity, place and reason', async () => {
  const { printed } = await post(JSON.stringify({ alerts: [alert('firing'), alert('resolved')] }));
  expect(printed).toEqual([
    'On-call would be paged: [critical] Latency P95 is 221 ms, above 20 ms (site branch, service branch-edge, class voice)',
    'On-call would be told that it is over: [critical] Latency P95 is 221 ms, above 20 ms (site branch, service branch-edge, class voice)',
  ]);
});

it('lets no control characters through to the terminal', async () => {
  const { printed } = await post(
    JSON.stringify({ alerts: [{ status: 'firing', annotations: { summary: 'a\u001b[2Jb\nc' } }] })
  );
  expect(printed).toEqual(['On-call would be paged: a [2Jb c']);
});

it('takes what is no notification for what it is', async () => {
  expect(await post('nonsense')).toEqual({ status: 400, printed: [] });
  expect(await post('{"alerts":"none"}')).toEqual({ status: 204, printed: [] });
});
