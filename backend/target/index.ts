/** target/: the machines that policies act on. Where an interface is, what its kernel can do, what is on it now. */
export * from './linux.ts';
export * from './lock.ts';
export * from './place.ts';
export * from './refusal.ts';
export { ProgramMissing, run, type RunResult } from './run.ts';
