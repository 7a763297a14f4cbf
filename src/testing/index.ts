/** What the page's own tests stand on: a sidecar that answers from a table, and examples in the contract's words. */
export * from './examples.ts';
export { renderWithSidecar, type Answers } from './renderWithSidecar.tsx';
