/** api/: the sidecar's border. Routes, OpenAPI, rights, events and metrics; decides nothing about policies. */
export type { Context } from './context.ts';
export { Hub } from './hub.ts';
export { Prover } from './prover.ts';
export { createMetrics, type ClassTotal } from './metrics.ts';
export type { Token } from './rights.ts';
export { createServer } from './server.ts';
export { deploymentView, judgementView, planView } from './views.ts';
export { rolloutView } from './views-rollouts.ts';
