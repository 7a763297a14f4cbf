import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeProbe, type ProbeWindow } from './judge.ts';
import { objectiveTerms, type ObjectiveFigures, type ObjectiveTerm } from './objective.ts';
import { percentile } from './percentile.ts';

const term = (objective: ObjectiveFigures): ObjectiveTerm => objectiveTerms(objective)[0]!;
const p95 = term({ latency: { p95: 20_000 } });
const loss = term({ loss: 0.1 });

const GOOD = 10_000;
const BAD = 30_000;
const values = (good: number, bad: number): number[] => [
  ...Array<number>(good).fill(GOOD),
  ...Array<number>(bad).fill(BAD),
];

/** A full minute at 50 packets a second unless told otherwise. */
const minute = (over: Partial<ProbeWindow> = {}): ProbeWindow => {
  const received = over.values?.length ?? 3_000;
  return {
    from: 0,
    to: 60_000,
    watchedFrom: 0,
    expected: 3_000,
    received,
    lost: 0,
    values: values(received, 0),
    trouble: null,
    ...over,
  };
};
const fiveMinutes = (lost: number, sent = 15_000, over: Partial<ProbeWindow> = {}): ProbeWindow =>
  minute({ to: 300_000, expected: 15_000, received: sent - lost, lost, values: [], ...over });

describe('a percentile over the sliding minute', () => {
  it('is compliant with a full minute below the threshold, and says the number and its basis', () => {
    expect(judgeProbe(p95, minute())).toEqual({
      verdict: 'compliant',
      value: GOOD,
      samples: 3_000,
      expected: 3_000,
      coverage: 1,
      reason: 'P95 is 10 ms, within 20 ms (3,000 of 3,000 expected samples in the last minute).',
    });
  });
  it('is violated after three seconds of a bad minute, since the rest cannot change it', () => {
    const early = { watchedFrom: 56_900, values: values(0, 151) };
    expect(judgeProbe(p95, minute(early))).toMatchObject({
      verdict: 'violated',
      reason: '151 samples above 20 ms, where P95 allows 150 in the minute: the rest cannot change that.',
    });
    expect(judgeProbe(p95, minute({ ...early, values: values(0, 150) })).verdict).toBe('insufficient');
  });
  it('is insufficient, not compliant, while the window is being watched for less than its length', () => {
    expect(judgeProbe(p95, minute({ watchedFrom: 37_000, values: values(1_150, 0) }))).toMatchObject({
      verdict: 'insufficient',
      reason: 'Watched for 23 s only, a verdict needs the full minute; P95 is 10 ms so far.',
    });
    expect(judgeProbe(p95, minute({ watchedFrom: 1 })).verdict).toBe('insufficient');
  });
  it('counts lost packets against coverage, not against latency', () => {
    const judged = judgeProbe(p95, minute({ values: values(2_400, 0), lost: 600 }));
    expect(judged).toMatchObject({ verdict: 'insufficient', coverage: 0.8, value: GOOD });
    expect(judged.reason).toContain(
      '2,400 of 3,000 expected samples in the last minute, 600 lost: coverage 80 %, below the 90 %'
    );
  });
  it('has no data without replies, whether packets were lost or never sent, and repeats the probe’s words', () => {
    expect(judgeProbe(p95, minute({ values: [], lost: 2_850 }))).toMatchObject({
      verdict: 'no-data',
      value: null,
      reason: 'No replies in the last minute (2,850 packets lost).',
    });
    expect(judgeProbe(p95, minute({ values: [], trouble: 'irtt is not installed.' })).reason).toBe(
      'No replies in the last minute. irtt is not installed.'
    );
  });
  it('judges a full minute by what arrived when a few packets are missing', () => {
    expect(judgeProbe(p95, minute({ values: values(2_750, 146) })).verdict).toBe('violated');
    expect(judgeProbe(p95, minute({ values: values(2_750, 144) })).verdict).toBe('compliant');
  });
  it('takes one sample above the threshold for a violation of the maximum', () => {
    expect(
      judgeProbe(term({ latency: { max: 20_000 } }), minute({ watchedFrom: 59_000, values: values(40, 1) }))
    ).toMatchObject({ verdict: 'violated', value: BAD });
  });
});

describe('loss over five minutes', () => {
  it('is compliant at 0.1 % without a loss, and still with eight in 15,000', () => {
    expect(judgeProbe(loss, fiveMinutes(0))).toMatchObject({
      verdict: 'compliant',
      value: 0,
      samples: 15_000,
      coverage: 1,
    });
    expect(judgeProbe(loss, fiveMinutes(8)).verdict).toBe('compliant');
  });
  it('is violated at the 23rd loss, also when the five minutes have only begun', () => {
    expect(judgeProbe(loss, fiveMinutes(23))).toMatchObject({ verdict: 'violated' });
    expect(judgeProbe(loss, fiveMinutes(23, 100, { watchedFrom: 298_000 }))).toMatchObject({
      verdict: 'violated',
      reason: '23 of 100 packets lost (23 %): 23 in the 5 minutes would already show more than 0.1 %.',
    });
    expect(judgeProbe(loss, fiveMinutes(22, 100, { watchedFrom: 298_000 })).verdict).toBe('insufficient');
  });
  it('claims neither side between the two bounds', () => {
    expect(judgeProbe(loss, fiveMinutes(15))).toMatchObject({
      verdict: 'insufficient',
      reason: '15 of 15,000 packets lost (0.1 %): too close to 0.1 % to say with 95 % confidence on which side it is.',
    });
  });
  it('needs 2,995 packets for 0.1 %, however full the window is', () => {
    const short = { ...loss, windowMs: 60_000 };
    expect(judgeProbe(short, fiveMinutes(0, 2_994, { expected: 2_994 }))).toMatchObject({ verdict: 'insufficient' });
    expect(judgeProbe(short, fiveMinutes(0, 2_994, { expected: 2_994 })).reason).toContain(
      'takes 2,995 packets without a loss to show'
    );
    expect(judgeProbe(short, fiveMinutes(0, 2_995, { expected: 2_995 })).verdict).toBe('compliant');
  });
  it('takes any loss for a violation of 0 %, and a full window without one for compliance', () => {
    const none = term({ loss: 0 });
    expect(judgeProbe(none, fiveMinutes(1)).verdict).toBe('violated');
    expect(judgeProbe(none, fiveMinutes(0)).verdict).toBe('compliant');
  });
  it('is violated, not blind, when everything is lost', () => {
    expect(judgeProbe(loss, fiveMinutes(15_000))).toMatchObject({ verdict: 'violated', value: 100 });
  });
});

const anyWindow = fc
  .record({
    good: fc.nat(400),
    // Few enough, often, to lie on either side of what the full window allows.
    bad: fc.oneof(fc.nat(30), fc.nat(400)),
    lost: fc.oneof(fc.nat(15), fc.nat(100)),
    expected: fc.integer({ min: 1, max: 500 }),
    watchedFrom: fc.integer({ min: -1_000, max: 59_000 }),
  })
  .map(({ good, bad, lost, expected, watchedFrom }) => ({
    good,
    bad,
    window: minute({ values: values(good, bad), received: good + bad, lost, expected, watchedFrom }),
  }));
const anyTerm = fc.constantFrom(
  p95,
  term({ latency: { p50: 20_000 } }),
  term({ latency: { p99: 20_000 } }),
  term({ latency: { max: 20_000 } }),
  term({ loss: 1 }),
  loss
);

describe('for any window', () => {
  it('is never compliant without having watched all of it with a coverage of 90 %', () => {
    fc.assert(
      fc.property(anyTerm, anyWindow, (t, { window }) => {
        const judged = judgeProbe(t, window);
        if (judged.verdict === 'compliant') {
          expect(window.watchedFrom).toBeLessThanOrEqual(window.from);
          expect(judged.coverage).toBeGreaterThanOrEqual(0.9);
        }
      })
    );
  });
  it('stays violated when good samples turn bad, or bad ones are added', () => {
    fc.assert(
      fc.property(anyTerm, anyWindow, fc.nat(50), fc.boolean(), (t, { good, bad, window }, more, added) => {
        const turned = added ? 0 : Math.min(good, more);
        const after =
          t.metric === 'loss'
            ? { ...window, received: window.received - turned, lost: window.lost + (added ? more : turned) }
            : { ...window, values: values(good - turned, bad + (added ? more : turned)) };
        if (
          judgeProbe(t, window).verdict === 'violated' &&
          (t.metric !== 'loss' || after.received + after.lost <= after.expected)
        ) {
          expect(judgeProbe(t, after).verdict).toBe('violated');
        }
      })
    );
  });
  it('turns violated early only where the rest of the window, all good, leaves it violated', () => {
    fc.assert(
      fc.property(anyTerm, anyWindow, (t, { good, bad, window }) => {
        const early = judgeProbe(t, { ...window, watchedFrom: window.from + 1 });
        const rest = Math.max(0, window.expected - (t.metric === 'loss' ? window.received + window.lost : good + bad));
        const filled = {
          ...window,
          watchedFrom: window.from,
          received: window.received + rest,
          values: values(good + rest, bad),
        };
        if (early.verdict === 'violated') {
          expect(judgeProbe(t, filled).verdict).toBe('violated');
        }
      }),
      { numRuns: 1_000 }
    );
  });
  it('says no-data exactly when there is nothing, and always gives a reason', () => {
    fc.assert(
      fc.property(anyTerm, anyWindow, (t, { window }) => {
        const judged = judgeProbe(t, window);
        expect(judged.verdict === 'no-data').toBe(judged.samples === 0);
        expect(judged.value === null).toBe(judged.samples === 0);
        expect(judged.reason).toMatch(/^[A-Z0-9].*\.$/);
      })
    );
  });
});

describe('the percentile', () => {
  it('is above a threshold exactly when more than its share of the samples is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(100), { minLength: 1 }),
        fc.constantFrom(50, 95, 99, 100),
        fc.nat(100),
        (list, percent, threshold) => {
          const above = list.filter((v) => v > threshold).length;
          expect(percentile(list, percent)! > threshold).toBe(above * 100 > (100 - percent) * list.length);
        }
      )
    );
  });
});
