/** Events as they happen, over Server-Sent Events. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClassSample, ComplianceRow } from './contract.ts';
import { openBorder, TOKEN, type Border } from './testing.ts';

let border: Border;
beforeEach(async () => {
  border = await openBorder({ keepAliveMs: 30 });
});
afterEach(() => border.close());

/** A listener that keeps what it was told: comments as they are, events as [event, data]. */
async function listen(query = '', token = TOKEN) {
  const abort = new AbortController();
  const response = await fetch(`${border.url}/api/v1/events${query}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: abort.signal,
  });
  const comments: string[] = [];
  const events: Array<[event: string, data: unknown]> = [];
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const ended = (async () => {
    let text = '';
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      text += read.value;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const [first, second] = block.split('\n');
        if (first!.startsWith(':')) {
          comments.push(block);
        } else {
          events.push([first!.replace('event: ', ''), JSON.parse(second!.replace('data: ', ''))]);
        }
      }
    }
    return text;
  })();
  // Who stops listening is not told more.
  ended.catch(() => undefined);
  const until = async (holds: () => boolean) => {
    for (let i = 0; i < 200 && !holds(); i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(holds()).toBe(true);
  };
  await until(() => comments.length > 0);
  return { response, comments, events, ended, until, stop: () => abort.abort() };
}

const sample = (binding: string, trafficClass: string): ClassSample => ({
  at: 5,
  binding,
  trafficClass,
  rate: 8000,
  packetRate: 1,
  drops: 2,
  dropsTotal: 3,
  backlogBytes: 4,
  backlogPackets: 5,
  silentSeconds: 0,
  guarantee: 6,
  ceiling: 7,
});
const counters = (binding: string, tenant = 'main') =>
  border.hub.tell({
    topic: 'counters',
    tenant,
    binding,
    data: { at: 5, binding, classes: [sample(binding, 'voice')] },
  });
const verdicts = (...bindings: string[]) =>
  border.hub.tell({
    topic: 'verdicts',
    tenant: 'main',
    data: bindings.map((binding) => ({ binding }) as ComplianceRow),
  });

describe('the stream of events', () => {
  it('is an event stream that nothing on its way may keep', async () => {
    const { response, comments, stop } = await listen();
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(comments[0]).toBe(': listening');
    stop();
  });
  it('delivers what happens, in its order, and keeps alive in between', async () => {
    const { events, comments, until, stop } = await listen();
    counters('a');
    verdicts('a', 'b');
    border.hub.tell({
      topic: 'deployments',
      tenant: 'main',
      binding: 'a',
      data: { id: '01', text: 'zwei\nZeilen\n\nund 山' },
    });
    border.hub.tell({ topic: 'violations', tenant: 'main', binding: 'a', data: { id: 'v' } });
    border.hub.tell({ topic: 'policies', tenant: 'main', data: { name: 'p' } });
    await until(() => events.length === 5);
    expect(events).toEqual([
      ['counters', { at: 5, binding: 'a', classes: [sample('a', 'voice')] }],
      ['verdicts', [{ binding: 'a' }, { binding: 'b' }]],
      ['deployments', { id: '01', text: 'zwei\nZeilen\n\nund 山' }],
      ['violations', { id: 'v' }],
      ['policies', { name: 'p' }],
    ]);
    await until(() => comments.filter((comment) => comment === ': alive').length > 2);
    stop();
  });
  it('delivers the topics that were asked for, of the binding that was asked for', async () => {
    const { events, until, stop } = await listen('?topics=counters,verdicts,policies&binding=a');
    counters('b');
    counters('a');
    verdicts('a', 'b');
    border.hub.tell({ topic: 'violations', tenant: 'main', binding: 'a', data: { id: 'v' } });
    border.hub.tell({ topic: 'policies', tenant: 'main', data: { name: 'p' } });
    await until(() => events.length === 3);
    expect(events).toEqual([
      ['counters', { at: 5, binding: 'a', classes: [sample('a', 'voice')] }],
      ['verdicts', [{ binding: 'a' }]],
      ['policies', { name: 'p' }],
    ]);
    stop();
  });
  it('delivers counters as frames of one row, a field for every figure of every class', async () => {
    const { events, until, stop } = await listen('?topics=counters&binding=a&format=frame');
    counters('a');
    await until(() => events.length === 1);
    const labels = { traffic_class: 'voice' };
    const field = (name: string, unit: string, value: number) => ({
      name,
      type: 'number',
      values: [value],
      labels,
      config: { unit },
    });
    expect(events[0]).toEqual([
      'frame',
      {
        name: 'counters',
        type: 'timeseries-wide',
        fields: [
          { name: 'time', type: 'time', values: [5] },
          field('rate', 'bps', 8000),
          field('drops', 'pps', 2),
          field('backlog', 'bytes', 4),
          field('silent', 's', 0),
          field('guarantee', 'bps', 6),
          field('ceiling', 'bps', 7),
        ],
      },
    ]);
    stop();
  });
  it('tells nothing of one tenant to another', async () => {
    const other = await listen('', `${TOKEN} of another tenant`);
    const main = await listen();
    counters('a');
    counters('b', 'other');
    await main.until(() => main.events.length === 1);
    await other.until(() => other.events.length === 1);
    expect([main.events[0]![1], other.events[0]![1]]).toMatchObject([{ binding: 'a' }, { binding: 'b' }]);
    main.stop();
    other.stop();
  });
  it('forgets a listener that went away', async () => {
    const { stop, ended, until } = await listen();
    expect(border.hub.listenerCount('happening')).toBe(2);
    stop();
    await ended.catch(() => undefined);
    await until(() => border.hub.listenerCount('happening') === 1);
    counters('a');
  });
  it('ends with the server: the last event arrives whole, and the listener is told', async () => {
    const { events, ended } = await listen();
    counters('a');
    const closing = border.close();
    expect(await ended).toBe('');
    await closing;
    expect(events.at(-1)![0]).toBe('counters');
    border = await openBorder();
  });
  it('does not keep the server from ending when a listener takes nothing', async () => {
    const response = await fetch(`${border.url}/api/v1/events`, { headers: { authorization: `Bearer ${TOKEN}` } });
    for (let i = 0; i < 200; i++) {
      border.hub.tell({ topic: 'policies', tenant: 'main', data: 'x'.repeat(100_000) });
    }
    const began = performance.now();
    await border.close();
    expect(performance.now() - began).toBeLessThan(3000);
    await response.body?.cancel().catch(() => undefined);
    border = await openBorder();
  });
});
