/** What a judgement says, and the evidence every judgement starts from. */

export type Verdict = 'compliant' | 'violated' | 'insufficient' | 'no-data' | 'not-measured';

export type Judgement = {
  verdict: Verdict;
  /** The figure in the term's unit, of what there is; null without any. */
  value: number | null;
  /** One sentence with the numbers behind the verdict. */
  reason: string;
  samples: number;
  /** Samples that the full window would hold. */
  expected: number;
  /** samples / expected, at most 1. */
  coverage: number;
};

/** A stretch of time on one monotonic clock, in milliseconds, and since when somebody has been watching. */
export type Span = { from: number; to: number; watchedFrom: number };

/** Share of the expected samples below which a window is not called compliant. */
export const NEEDED_COVERAGE = 0.9;

export const covered = (samples: number, expected: number): number =>
  expected > 0 ? Math.min(1, samples / expected) : 0;

/** Whether the window was watched from its beginning to its end. */
export const isFull = (span: Span): boolean => span.watchedFrom <= span.from;

/** Objectives that nothing measures are listed with this. */
export const notMeasured = (reason: string): Judgement => ({
  verdict: 'not-measured',
  value: null,
  reason,
  samples: 0,
  expected: 0,
  coverage: 0,
});
