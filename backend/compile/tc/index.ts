/** compile/tc/: policy ↔ Linux traffic control. Compiles a policy to a tree, reads a live tree, diffs two trees; pure. */
export { filterContent, renderActions } from './actions.ts';
export * from './allocation.ts';
export * from './compile.ts';
export * from './diff.ts';
export { classDifferences } from './diff-class.ts';
export { hooked, ingressNotes, noIngress } from './ingress.ts';
export { isClassful } from './kinds.ts';
export * from './model.ts';
export { CompileError } from './compile-error.ts';
export * from './read.ts';
export { readClass } from './read-class.ts';
export * from './import/index.ts';
export { ifbOf, readHookRules, readIngress, type ListedLink } from './read-ingress.ts';
export { render } from './render.ts';
export * from './side.ts';
export { fairRates } from './weights.ts';
