/**
 * The only road from the page to the sidecar: datasource → bridge → sidecar. One query or mutation per file; types come
 * from the sidecar's contract, types only.
 */
export type * from './contract.ts';
export { ProblemError, asProblem, type Trouble } from './problem.ts';
export { SidecarProvider, useDatasourceUid } from './SidecarProvider.tsx';
export { useAdopt } from './useAdopt.ts';
export { useApply } from './useApply.ts';
export { useAudit } from './useAudit.ts';
export { useAuditState } from './useAuditState.ts';
export { useBindings } from './useBindings.ts';
export { useChanges } from './useChanges.ts';
export { useCompliance } from './useCompliance.ts';
export { useConfirm } from './useConfirm.ts';
export { useDeployments } from './useDeployments.ts';
export { useDeleteDocument } from './useDeleteDocument.ts';
export { useDocument } from './useDocument.ts';
export { useDocumentJudgement } from './useDocumentJudgement.ts';
export { useDocuments } from './useDocuments.ts';
export { useExplanations } from './useExplanations.ts';
export { useFix } from './useFix.ts';
export { useDrift } from './useDrift.ts';
export { useImport } from './useImport.ts';
export { useJudgement } from './useJudgement.ts';
export { usePlan } from './usePlan.ts';
export { usePolicies } from './usePolicies.ts';
export { usePolicy } from './usePolicy.ts';
export { useProof } from './useProof.ts';
export { useProofs } from './useProofs.ts';
export { useProve } from './useProve.ts';
export { useRestore } from './useRestore.ts';
export { useRollback } from './useRollback.ts';
export { useRollbackPlan } from './useRollbackPlan.ts';
export { useRolloutAction } from './useRolloutAction.ts';
export { useRollouts } from './useRollouts.ts';
export { useRolloutWaves } from './useRolloutWaves.ts';
export { useSaveDocument } from './useSaveDocument.ts';
export { useSavePolicy } from './useSavePolicy.ts';
export { useSaveSettings, type AppSettings } from './useSaveSettings.ts';
export { useTargets } from './useTargets.ts';
export { useTemplates } from './useTemplates.ts';
export { useStartRollout } from './useStartRollout.ts';
export { useVersions } from './useVersions.ts';
export type { Comparison, Version, Versioned } from './versioned.ts';
export { useViolations } from './useViolations.ts';
export { useWhoami } from './useWhoami.ts';
