/** deploy/: plan, apply, verify, confirm or roll back; recovery after a crash. Nothing half done. */
export * from './adopt.ts';
export * from './catalog.ts';
export { TIMER, type Reverted } from './confirmation.ts';
export { placesOf, type Drifted } from './drift.ts';
export * from './engine.ts';
export * from './failure.ts';
export * from './import.ts';
export * from './judged.ts';
export { proofSubject } from './proof.ts';
export type { Actor, ApplyOptions, DeploymentPlan, EngineOptions, Intent, Standing, Step } from './model.ts';
