/** target/: the machines that policies act on. Where an interface is, what its kernel can do, what is on it now. */
export * from './boot-time.ts';
export * from './fleet.ts';
export { carrierOf, readHook } from './ingress.ts';
export { applyBatch, Batch, type BatchResult } from './batch.ts';
export { readCounters, type ClassCounters } from './counters.ts';
export { discover } from './discover.ts';
export { isGone, listLinks, readLink, type Link } from './link.ts';
export { TargetError } from './target-error.ts';
export { readTree, rulesAtQueues } from './tree.ts';
export * from './lock.ts';
export * from './place.ts';
export * from './refusal.ts';
export { Standby } from './standby.ts';
export { Watch } from './watch.ts';
export { Watched } from './watched.ts';
export { ProgramMissing, run, type RunResult } from './run.ts';
