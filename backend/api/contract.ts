/**
 * What crosses the sidecar's border, as zod schemas: the routes validate by them, the OpenAPI document is generated
 * from them, and the page takes its types from them (types only, so that no server code reaches the browser).
 *
 * Times are milliseconds since the epoch; rates bit/s; durations in microseconds unless the name says otherwise.
 */
export * from './contract/audit.ts';
export * from './contract/bindings.ts';
export * from './contract/border.ts';
export * from './contract/deployments.ts';
export * from './contract/documents.ts';
export * from './contract/measurements.ts';
export * from './contract/plans.ts';
export * from './contract/policies.ts';
export * from './contract/proofs.ts';
export * from './contract/queries.ts';
export * from './contract/rollouts.ts';
export * from './contract/versions.ts';
