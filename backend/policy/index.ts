/** policy/: what a policy document means. Model, semantic rules and resolution to bit/s; pure, imports no I/O. */
export { APPLICATIONS, clausesOf } from './applications.ts';
export * from './boxes.ts';
export { changes, type Change } from './changes.ts';
export { compareSources, type Comparison } from './compare.ts';
export { sayReclassification, UNTOLD } from './changes-traffic.ts';
export * from './classify.ts';
export * from './codes.ts';
export * from './document.ts';
export * from './documents.ts';
export { applyEdits, EditError, writtenAt } from './edit.ts';
export { explainAll, type Explanation } from './explained.ts';
export * from './finding.ts';
export * from './judge.ts';
export { judgeIngress } from './judge-ingress.ts';
export * from './links.ts';
export * from './link.ts';
export { formatPath, parsePath, type Path } from './locate.ts';
export * from './matching.ts';
export * from './outline.ts';
export * from './profiles.ts';
export * from './quantities.ts';
export { reclassified, type Sorted } from './reclassify.ts';
export * from './resolve.ts';
export * from './rollout.ts';
export { overlap, Schedule, ScheduleWindow, spansOf, standing } from './schedule.ts';
export * from './scheduling.ts';
export * from './schema.ts';
export * from './selectors.ts';
export { nearest } from './suggest.ts';
export {
  sayValue,
  judgeValues,
  readValue,
  Values,
  VARIABLE_TYPES,
  type Value,
  type Variables,
  type VariableUse,
} from './variables.ts';
