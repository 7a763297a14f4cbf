import { describe, expect, it } from 'vitest';
import { needsProbe, objectiveTerms } from './objective.ts';

describe('the terms of an objective', () => {
  it('judges each percentile on its own, with its definition and the window of a minute', () => {
    const terms = objectiveTerms({
      latency: { p95: 20_000, p50: 5_000 },
      jitter: { p95: 5_000 },
      loss: 0.1,
      throughput: 80,
    });
    expect(terms.map((t) => [t.key, t.label, t.threshold, t.unit, t.windowMs])).toEqual([
      ['latency.p50', 'Latency P50', 5_000, 'us', 60_000],
      ['latency.p95', 'Latency P95', 20_000, 'us', 60_000],
      ['jitter.p95', 'Jitter P95', 5_000, 'us', 60_000],
      ['loss', 'Loss', 0.1, 'percent', 300_000],
      ['throughput', 'Throughput', 80, 'percent', 60_000],
    ]);
    expect(terms[1]!.definition).toContain('95th percentile of the sliding minute');
    expect(terms[2]!.definition).toContain('RFC 3550');
    expect(terms.every((t) => t.measured)).toBe(true);
  });

  it('tells the three meanings of jitter apart, and takes plain jitter for that of RFC 3550', () => {
    const metrics = objectiveTerms({ jitter: { max: 1 }, rfc3550: { max: 1 }, ipdv: { p99: 1 }, pdv: { p99: 1 } }).map(
      (t) => [t.key, t.metric]
    );
    expect(metrics).toEqual([
      ['jitter.max', 'rfc3550'],
      ['rfc3550.max', 'rfc3550'],
      ['ipdv.p99', 'ipdv'],
      ['pdv.p99', 'pdv'],
    ]);
  });

  it('lists what is not measured yet, with the reason, and asks no probe for it', () => {
    const terms = objectiveTerms({
      latency: { p95: 1, oneWay: true },
      queueDepth: { packets: 200 },
      availability: 99.9,
      mos: 4,
    });
    expect(terms.map((t) => [t.key, t.measured])).toEqual([
      ['latency.p95', false],
      ['queueDepth', false],
      ['availability', false],
      ['mos', false],
    ]);
    expect(terms.every((t) => (t.why ?? '').length > 20)).toBe(true);
    expect(terms.some(needsProbe)).toBe(false);
    expect(terms.find((t) => t.key === 'queueDepth')).toMatchObject({ threshold: 200 * 1514, unit: 'bytes' });
    expect(terms.filter((t) => t.worse === 'below').map((t) => t.key)).toEqual(['availability', 'mos']);
  });

  it('follows the objective’s own window, and never judges loss over less than five minutes', () => {
    const terms = objectiveTerms({ latency: { max: 1 }, loss: 1, window: 10_000_000 });
    expect(terms.map((t) => t.windowMs)).toEqual([10_000, 300_000]);
    expect(objectiveTerms({ loss: 1, window: 900_000_000 })[0]!.windowMs).toBe(900_000);
  });

  it('lengthens the loss window where five minutes could never show the threshold', () => {
    // 0.01 % takes 29,956 packets without a loss: ten minutes at 50 a second and a little.
    expect(objectiveTerms({ loss: 0.01 })[0]!.windowMs).toBe(11 * 60_000);
    expect(objectiveTerms({ loss: 0.1 }, 1)[0]!.windowMs).toBe(53 * 60_000);
    expect(objectiveTerms({ loss: 0.000001 })[0]!.windowMs).toBe(60 * 60_000);
    expect(objectiveTerms({ loss: 0 })[0]!.windowMs).toBe(300_000);
  });
});
