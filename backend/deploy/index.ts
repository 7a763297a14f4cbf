/** deploy/: plan, apply, verify, confirm or roll back; recovery after a crash. Nothing half done. */
export * from './catalog.ts';
export * from './engine.ts';
export * from './failure.ts';
export * from './import.ts';
export * from './judged.ts';
export type { Actor, DeploymentPlan, EngineOptions, Intent, Standing, Step } from './model.ts';
