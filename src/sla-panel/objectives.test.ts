import { FieldType, toDataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { readObjectives, readTrend } from './objectives.ts';
import { objective, slaFrame } from './testing.ts';

describe('the SLA table as objectives', () => {
  it('reads what the sidecar sent', () => {
    const [voice] =
      readObjectives([slaFrame([objective({ value: 89_640, verdict: 'violated', since: 1_700_000_000_000 })])]) ?? [];
    expect(voice).toMatchObject({
      trafficClass: 'voice',
      objective: 'latency.p95',
      label: 'Latency P95',
      verdict: 'violated',
      value: 89_640,
      threshold: 20_000,
      coverage: 0.998,
      severity: 'critical',
      since: 1_700_000_000_000,
      floor: false,
    });
  });

  it('tells an empty table from a frame of another kind', () => {
    expect(readObjectives([slaFrame([])])).toEqual([]);
    expect(readObjectives([])).toBeUndefined();
    expect(
      readObjectives([toDataFrame({ fields: [{ name: 'time', type: FieldType.time, values: [1] }] })])
    ).toBeUndefined();
  });

  it('takes a verdict that it does not know for no data, never for compliant', () => {
    const [unknown] = readObjectives([slaFrame([objective({ verdict: 'excellent' as never })])]) ?? [];
    expect(unknown.verdict).toBe('no-data');
  });

  it('keeps a missing value missing', () => {
    const [blind] = readObjectives([slaFrame([objective({ value: null, since: null, verdict: 'no-data' })])]) ?? [];
    expect(blind.value).toBeNull();
    expect(blind.since).toBeNull();
  });

  it('knows promises of at least from promises of at most', () => {
    const names = ['latency.p95', 'jitter.p95', 'loss', 'throughput', 'availability', 'mos'];
    const read = readObjectives([slaFrame(names.map((name) => objective({ objective: name })))]) ?? [];
    expect(read.filter(({ floor }) => floor).map(({ objective: name }) => name)).toEqual([
      'throughput',
      'availability',
      'mos',
    ]);
  });
});

describe('a trend', () => {
  it('keeps its gaps', () => {
    expect(readTrend('[[1,5],[2,null],[3,7]]')).toEqual([
      { at: 1, value: 5 },
      { at: 2, value: null },
      { at: 3, value: 7 },
    ]);
  });

  it('that cannot be read hides nothing else', () => {
    expect(readTrend('{')).toEqual([]);
    expect(readTrend('{"a":1}')).toEqual([]);
    expect(readTrend('')).toEqual([]);
  });
});
