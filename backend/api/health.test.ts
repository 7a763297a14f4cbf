/** What those see who run the sidecar: health, readiness and metrics. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClassCounters } from '../measure/index.ts';
import type { Problem } from './contract.ts';
import { openBorder, type Border } from './testing.ts';

let border: Border;
let counters: ClassCounters[] = [];
beforeEach(async () => {
  counters = [];
  border = await openBorder({
    monitor: { readCounters: async () => ({ classes: counters }), countEveryMs: 20, judgeEveryMs: 20 },
  });
});
afterEach(() => border.close());
const open = (path: string) => fetch(border.url + path);
const until = async (holds: () => boolean | Promise<boolean>) => {
  for (let i = 0; i < 200 && !(await holds()); i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(await holds()).toBe(true);
};

describe('readiness', () => {
  const ready = async () => {
    const response = await open('/readyz');
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: (await response.json()) as Problem,
    };
  };
  it('is there when the store answers and recovery is done', async () => {
    expect(await ready()).toMatchObject({ status: 200, body: { status: 'ready', version: '0.0.0-test' } });
  });
  it('is not there while an earlier run is being settled, and says so', async () => {
    border.starting = 'Settling what an earlier run left.';
    expect(await ready()).toMatchObject({
      status: 503,
      type: expect.stringMatching(/^application\/problem\+json/) as string,
      body: { code: 'CP-NOT-READY', title: 'Not ready', detail: 'Settling what an earlier run left.' },
    });
  });
  it('is not there when the store does not answer, while the process is alive', async () => {
    await border.store.close();
    expect(await ready()).toMatchObject({
      status: 503,
      body: { code: 'CP-NOT-READY', detail: expect.stringMatching(/./) as string },
    });
    expect((await open('/healthz')).status).toBe(200);
  });
  it('is not there when the store’s tables are gone, and names the file', async () => {
    await border.store.db.schema.dropTable('documents').execute();
    expect((await ready()).body.detail).toMatch(/^The database .*clearpath\.db failed: no such table: documents/);
  });
});

interface Metric {
  type: string;
  help: string;
  samples: Array<{ name: string; labels: Record<string, string>; value: number }>;
}

/** Prometheus' text format 0.0.4, strictly. */
function parse(text: string): Map<string, Metric> {
  const metrics = new Map<string, Metric>();
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.trimEnd().split('\n').filter(Boolean)) {
    const comment = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line);
    if (comment) {
      const metric = metrics.get(comment[2]!) ?? { type: '', help: '', samples: [] };
      metric[comment[1] === 'HELP' ? 'help' : 'type'] = comment[3]!;
      metrics.set(comment[2]!, metric);
      continue;
    }
    const sample = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    expect([line, sample !== null]).toEqual([line, true]);
    const labels = [...(sample![2] ?? '').matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [
      key!,
      value!,
    ]);
    const value = Number(sample![3]);
    expect([line, Number.isFinite(value)]).toEqual([line, true]);
    metrics
      .get(sample![1]!)!
      .samples.push({ name: sample![1]!, labels: Object.fromEntries(labels) as Record<string, string>, value });
  }
  return metrics;
}

const scrape = async () => {
  const response = await open('/metrics');
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return parse(await response.text());
};

describe('metrics', () => {
  const measured = {
    tenant: 'main', binding: 'b', policy: 'p', site: 's', service: 'v', trafficClass: 'voice', direction: 'egress' as const, interface: 'wan0', classid: '1:10',
    strict: true, guarantee: 1_000_000, ceiling: 2_000_000, objective: { throughput: 80, availability: 99 }, reflector: null, dscp: 46, prefix: [],
  }; // prettier-ignore
  const count = (bytes: number): ClassCounters => ({
    classid: '1:10',
    bytes,
    packets: 1,
    drops: 0,
    overlimits: 0,
    backlogBytes: 77,
    backlogPackets: 1,
  });

  it('are named by Prometheus’ conventions', async () => {
    border.hub.tell({ topic: 'deployments', tenant: 'main', binding: 'b', data: { binding: 'b', state: 'confirmed' } });
    for (const [name, { type, help }] of await scrape()) {
      expect([name, /^clearpath_[a-z]+(_[a-z]+)*$/.test(name)]).toEqual([name, true]);
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      expect([
        name,
        /_(ms|milliseconds|us|microseconds|minutes|kilobytes|kbit|mbit|percent|percentage)(_|$)/.test(name),
      ]).toEqual([name, false]);
      expect(help).toMatch(/^[A-Z0-9].*\.$/);
    }
  });
  it('name the version and count deployments by their end, not by their beginning', async () => {
    for (const state of ['applying', 'confirmed', 'applying', 'failed', 'applying', 'failed']) {
      border.hub.tell({ topic: 'deployments', tenant: 'main', binding: 'b', data: { binding: 'b', state } });
    }
    const metrics = await scrape();
    expect(metrics.get('clearpath_build_info')!.samples).toEqual([
      { name: 'clearpath_build_info', labels: { version: '0.0.0-test' }, value: 1 },
    ]);
    expect(
      metrics.get('clearpath_deployments_total')!.samples.map(({ labels, value }) => [labels.state, value])
    ).toEqual([
      ['confirmed', 1],
      ['failed', 2],
    ]);
  });
  it('give sums exactly as they were counted', async () => {
    border.totals.push({
      tenant: 'main',
      binding: 'b',
      trafficClass: 'a "quoted"\nname\\',
      bytes: 12_345_678_901_234,
      drops: 3,
    });
    const metrics = await scrape();
    expect(metrics.get('clearpath_class_sent_bytes_total')!.samples).toEqual([
      {
        name: 'clearpath_class_sent_bytes_total',
        labels: { tenant: 'main', binding: 'b', traffic_class: 'a \\"quoted\\"\\nname\\\\' },
        value: 12_345_678_901_234,
      },
    ]);
    border.totals[0]!.bytes += 1;
    expect((await scrape()).get('clearpath_class_sent_bytes_total')!.samples[0]!.value).toBe(12_345_678_901_235);
    expect((await scrape()).get('clearpath_class_dropped_packets_total')!.samples[0]!.value).toBe(3);
    border.totals.pop();
    expect((await scrape()).get('clearpath_class_sent_bytes_total')!.samples).toEqual([]);
  });
  it('show what each class is owed and gets, and nothing of what is not judged', async () => {
    border.monitor.update([measured]);
    await border.monitor.start();
    counters = [count(1000)];
    await until(async () => (await scrape()).get('clearpath_class_rate_bits_per_second')!.samples.length > 0);
    const metrics = await scrape();
    const of = (name: string) => metrics.get(name)!.samples.map(({ value }) => value);
    expect(of('clearpath_class_guarantee_bits_per_second')).toEqual([1_000_000]);
    expect(of('clearpath_class_ceiling_bits_per_second')).toEqual([2_000_000]);
    expect(of('clearpath_class_backlog_bytes')).toEqual([77]);
    await until(async () => (await scrape()).get('clearpath_class_silent_seconds')!.samples[0]!.value > 0);
    // No data yet for the one, not measured at all for the other.
    expect(of('clearpath_objective_violated')).toEqual([]);
    await until(async () => (await scrape()).get('clearpath_objective_coverage_ratio')!.samples.length > 0);
    expect(
      (await scrape()).get('clearpath_objective_coverage_ratio')!.samples.map(({ labels }) => labels.objective)
    ).toEqual(['throughput']);
  });
  it('are read without a token, like health', async () => {
    expect([(await open('/metrics')).status, (await open('/healthz')).status, (await open('/readyz')).status]).toEqual([
      200, 200, 200,
    ]);
  });
});
