/** deploy/: plan, apply, verify, confirm or roll back; recovery after a crash. Nothing half done. */
export * from './adopt.ts';
export * from './catalog.ts';
export { judgeChange, judgeStored } from './change.ts';
export { TIMER, type Reverted } from './confirmation.ts';
export { placesOf, type Drifted } from './drift.ts';
export * from './duty.ts';
export * from './engine.ts';
export * from './failure.ts';
export * from './import.ts';
export { keepDocument, removeDocument, type Kept } from './keep.ts';
export { intentMaker } from './intent.ts';
export * from './judged.ts';
export { proofSubject } from './proof.ts';
export type { Actor, ApplyOptions, DeploymentPlan, EngineOptions, Intent, Portions, Standing, Step } from './model.ts';
export { isLost } from './reapply.ts';
export * from './rollout.ts';
export { linksIn, planned, settingsIn, tally, type RolloutLink, type RolloutSettings } from './rollout-links.ts';
