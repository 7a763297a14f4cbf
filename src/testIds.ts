/** What tests find things by. Stable names: a caption may change, these may not. */
export const testIds = {
  app: 'clearpath-app',
  problem: 'clearpath-problem',

  overview: 'clearpath-overview',
  overviewSummary: 'clearpath-overview-summary',
  openViolations: 'clearpath-open-violations',
  violation: (objective: string) => `clearpath-violation-${objective}`,
  binding: (name: string) => `clearpath-binding-${name}`,
  bindingGroup: (name: string) => `clearpath-binding-group-${name}`,
  bindingState: (name: string) => `clearpath-binding-state-${name}`,
  /** One objective of one class of one binding; `data-verdict` holds the verdict. */
  objective: (binding: string, trafficClass: string, objective: string) =>
    `clearpath-objective-${binding}-${trafficClass}-${objective}`,
  recentDeployments: 'clearpath-recent-deployments',

  bindings: 'clearpath-bindings',
  bindingRow: (name: string) => `clearpath-binding-row-${name}`,
  bindingPage: 'clearpath-binding-page',
  rollout: 'clearpath-rollout',
  /** `data-state` holds the roll-out's state. */
  rolloutState: 'clearpath-rollout-state',
  rolloutWave: 'clearpath-rollout-wave',
  rolloutLink: (name: string) => `clearpath-rollout-link-${name}`,
  rolloutStart: 'clearpath-rollout-start',
  rolloutStop: 'clearpath-rollout-stop',
  rolloutResume: 'clearpath-rollout-resume',

  policies: 'clearpath-policies',
  policyRow: (name: string) => `clearpath-policy-${name}`,
  newPolicy: 'clearpath-new-policy',
  newPolicyName: 'clearpath-new-policy-name',
  newPolicyCreate: 'clearpath-new-policy-create',
  importPolicy: 'clearpath-import',
  importModal: 'clearpath-import-modal',
  importRead: 'clearpath-import-read',
  importRemarks: 'clearpath-import-remarks',
  importDocument: 'clearpath-import-document',
  importOpen: 'clearpath-import-open',

  policy: 'clearpath-policy-page',
  tab: (tab: string) => `clearpath-tab-${tab}`,
  save: 'clearpath-save',
  plan: 'clearpath-plan',
  editor: 'clearpath-editor',
  editState: 'clearpath-edit-state',
  findings: 'clearpath-findings',
  finding: (code: string) => `clearpath-finding-${code}`,
  allocation: 'clearpath-allocation',
  allocationOver: 'clearpath-allocation-over',
  classRow: (path: string) => `clearpath-class-${path}`,
  leaveConfirm: 'clearpath-leave',

  planView: 'clearpath-plan-view',
  planValues: 'clearpath-plan-values',
  planSummary: 'clearpath-plan-summary',
  planOperation: 'clearpath-plan-operation',
  planNothing: 'clearpath-plan-nothing',
  planForeign: 'clearpath-plan-foreign',
  planReplaceForeign: 'clearpath-plan-replace-foreign',
  planDeadline: 'clearpath-plan-deadline',
  planAgain: 'clearpath-plan-again',
  apply: 'clearpath-apply',
  applying: 'clearpath-applying',
  /** `data-state` holds the deployment's state, or `refused`. */
  outcome: 'clearpath-outcome',

  deployments: 'clearpath-deployments',
  deployment: (id: string) => `clearpath-deployment-${id}`,
  /** `data-seconds` holds what is left */
  countdown: (id: string) => `clearpath-countdown-${id}`,
  confirm: (id: string) => `clearpath-confirm-${id}`,
  rollback: (id: string) => `clearpath-rollback-${id}`,
  rollbackPlan: 'clearpath-rollback-plan',
  rollbackApply: 'clearpath-rollback-apply',

  proofs: 'clearpath-proofs',
  prove: 'clearpath-prove',
  proof: (id: string) => `clearpath-proof-${id}`,
  proofRunning: 'clearpath-proof-running',
  /** `data-state` holds the proof's state. */
  proofReport: 'clearpath-proof-report',
  proofClass: (path: string) => `clearpath-proof-class-${path}`,
  /** `data-verdict` holds the verdict. */
  proofPromise: (kind: string, path: string) => `clearpath-proof-promise-${kind}-${path}`,

  settings: 'clearpath-settings',
  settingsSave: 'clearpath-settings-save',
  settingsConnection: 'clearpath-settings-connection',
} as const;
