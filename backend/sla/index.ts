/** Service levels, pure: objectives, definitions of jitter, windows with sketches, verdicts with coverage, violations. */
export * from './objective.ts';
export * from './verdict.ts';
export * from './judge.ts';
export * from './throughput.ts';
export * from './violations.ts';
export * from './window.ts';
export * from './series.ts';
export * from './sketch.ts';
export { InterarrivalJitter, interarrivalJitter, ipdv, pdv } from './jitter.ts';
export { percentile } from './percentile.ts';
