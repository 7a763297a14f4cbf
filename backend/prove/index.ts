/** prove/: a policy put to the test in a twin of its link, with real packets: each promise held, broken or not judged. */
export * from './failure.ts';
export * from './phases.ts';
export * from './prove.ts';
export * from './report.ts';
export { slowerOf } from './slower.ts';
