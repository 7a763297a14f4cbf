/** The words, icons and tones of every closed set the sidecar speaks in. */
import { t } from '@grafana/i18n';
import type {
  BindingSummary,
  Deployment,
  PlannedOperation,
  Proof,
  ProofPromise,
  Rollout,
  RolloutLink,
  Severity,
  Verdict,
} from '../data/index.ts';
import type { Said, Tone } from './StateLabel.tsx';

type Words<Key extends string> = Record<Key, () => Said>;

const verdicts: Words<Verdict> = {
  compliant: () => ({ word: t('verdict.compliant', 'Compliant'), icon: 'check-circle', tone: 'good' }),
  violated: () => ({ word: t('verdict.violated', 'Violated'), icon: 'exclamation-triangle', tone: 'bad' }),
  insufficient: () => ({ word: t('verdict.insufficient', 'Too few samples'), icon: 'clock-nine', tone: 'warn' }),
  'no-data': () => ({ word: t('verdict.no-data', 'No data'), icon: 'question-circle', tone: 'warn' }),
  'not-measured': () => ({ word: t('verdict.not-measured', 'Not measured'), icon: 'minus-circle', tone: 'quiet' }),
};
export const sayVerdict = (verdict: Verdict): Said => verdicts[verdict]();

const bindingStates: Words<BindingSummary['state']> = {
  'in-force': () => ({ word: t('binding.in-force', 'In force'), icon: 'check-circle', tone: 'good' }),
  'not-applied': () => ({ word: t('binding.not-applied', 'Not applied'), icon: 'circle-mono', tone: 'quiet' }),
  drifted: () => ({ word: t('binding.drifted', 'Changed by others'), icon: 'exclamation-triangle', tone: 'warn' }),
  standby: () => ({ word: t('binding.standby', 'Standby'), icon: 'clock-nine', tone: 'quiet' }),
  unreachable: () => ({ word: t('binding.unreachable', 'Unreachable'), icon: 'times-circle', tone: 'bad' }),
};
export const sayBindingState = (state: BindingSummary['state']): Said => bindingStates[state]();

const deploymentStates: Words<Deployment['state']> = {
  applying: () => ({ word: t('deployment.applying', 'Applying'), icon: 'sync', tone: 'info' }),
  'awaiting-confirmation': () => ({
    word: t('deployment.awaiting-confirmation', 'Awaits confirmation'),
    icon: 'hourglass',
    tone: 'warn',
  }),
  confirmed: () => ({ word: t('deployment.confirmed', 'Confirmed'), icon: 'check-circle', tone: 'good' }),
  'rolled-back': () => ({ word: t('deployment.rolled-back', 'Rolled back'), icon: 'history', tone: 'quiet' }),
  failed: () => ({ word: t('deployment.failed', 'Failed'), icon: 'exclamation-triangle', tone: 'bad' }),
  superseded: () => ({ word: t('deployment.superseded', 'Superseded'), icon: 'archive-alt', tone: 'quiet' }),
};
export const sayDeploymentState = (state: Deployment['state']): Said => deploymentStates[state]();

const proofStates: Words<Proof['state']> = {
  running: () => ({ word: t('proof.state.running', 'Running'), icon: 'sync', tone: 'info' }),
  held: () => ({ word: t('proof.state.held', 'Every promise held'), icon: 'check-circle', tone: 'good' }),
  broken: () => ({ word: t('proof.state.broken', 'Promises broken'), icon: 'exclamation-triangle', tone: 'bad' }),
  inconclusive: () => ({ word: t('proof.state.inconclusive', 'Not proved'), icon: 'question-circle', tone: 'warn' }),
  failed: () => ({ word: t('proof.state.failed', 'Not made'), icon: 'times-circle', tone: 'warn' }),
};
export const sayProofState = (state: Proof['state']): Said => proofStates[state]();

const promiseVerdicts: Words<ProofPromise['verdict']> = {
  held: () => ({ word: t('proof.held', 'Held'), icon: 'check-circle', tone: 'good' }),
  broken: () => ({ word: t('proof.broken', 'Broken'), icon: 'exclamation-triangle', tone: 'bad' }),
  'not-judged': () => ({ word: t('proof.not-judged', 'Not judged'), icon: 'question-circle', tone: 'warn' }),
};
const promiseKinds: Record<ProofPromise['kind'], () => string> = {
  guarantee: () => t('proof.kind-guarantee', 'Guarantee'),
  ceiling: () => t('proof.kind-ceiling', 'Ceiling'),
  reach: () => t('proof.kind-reach', 'Alone'),
  sharing: () => t('proof.kind-sharing', 'Sharing'),
  latency: () => t('proof.kind-latency', 'Latency'),
  loss: () => t('proof.kind-loss', 'Loss'),
  mark: () => t('proof.kind-mark', 'DSCP'),
  fwmark: () => t('proof.kind-fwmark', 'Mark'),
  'vlan-priority': () => t('proof.kind-vlan-priority', 'VLAN priority'),
  ecn: () => t('proof.kind-ecn', 'ECN'),
  police: () => t('proof.kind-police', 'Police'),
  conform: () => t('proof.kind-conform', 'Police'),
  mirror: () => t('proof.kind-mirror', 'Mirror'),
  redirect: () => t('proof.kind-redirect', 'Redirect'),
  overhead: () => t('proof.kind-overhead', 'Link overhead'),
};
/** What a promise is about, in a word or two. */
export const sayPromiseKind = (kind: ProofPromise['kind']): string => promiseKinds[kind]();

export const sayPromiseVerdict = (verdict: ProofPromise['verdict']): Said => promiseVerdicts[verdict]();

const rolloutStates: Words<Rollout['state']> = {
  running: () => ({ word: t('rollout.running', 'Running'), icon: 'sync', tone: 'info' }),
  paused: () => ({ word: t('rollout.paused', 'Paused'), icon: 'pause', tone: 'warn' }),
  stopped: () => ({ word: t('rollout.stopped', 'Stopped'), icon: 'square-shape', tone: 'warn' }),
  failed: () => ({ word: t('rollout.failed', 'Failed'), icon: 'exclamation-triangle', tone: 'bad' }),
  done: () => ({ word: t('rollout.done', 'Done'), icon: 'check-circle', tone: 'good' }),
};
export const sayRolloutState = (state: Rollout['state']): Said => rolloutStates[state]();

const linkStates: Words<RolloutLink['state']> = {
  waiting: () => ({ word: t('rollout.waiting', 'Waiting'), icon: 'clock-nine', tone: 'quiet' }),
  awaiting: () => ({
    word: t('deployment.awaiting-confirmation', 'Awaits confirmation'),
    icon: 'hourglass',
    tone: 'warn',
  }),
  changed: () => ({ word: t('rollout.changed', 'Changed'), icon: 'check-circle', tone: 'good' }),
  unchanged: () => ({ word: t('rollout.unchanged', 'In force already'), icon: 'check-circle', tone: 'quiet' }),
  failed: () => ({ word: t('rollout.link-failed', 'Failed'), icon: 'exclamation-triangle', tone: 'bad' }),
  'rolled-back': () => ({ word: t('rollout.rolled-back', 'Rolled back'), icon: 'history', tone: 'warn' }),
  'left-out': () => ({ word: t('rollout.left-out', 'Left out'), icon: 'minus-circle', tone: 'warn' }),
};
export const sayRolloutLink = (state: RolloutLink['state']): Said => linkStates[state]();

const actions: Record<Deployment['action'], () => string> = {
  apply: () => t('deployment.action.apply', 'Apply'),
  rollback: () => t('deployment.action.rollback', 'Rollback'),
  recover: () => t('deployment.action.recover', 'Recovery'),
};
export const sayAction = (action: Deployment['action']): string => actions[action]();

const severities: Words<Severity> = {
  error: () => ({ word: t('severity.error', 'Error'), icon: 'exclamation-circle', tone: 'bad' }),
  warning: () => ({ word: t('severity.warning', 'Warning'), icon: 'exclamation-triangle', tone: 'warn' }),
  info: () => ({ word: t('severity.info', 'Note'), icon: 'info-circle', tone: 'info' }),
};
export const saySeverity = (severity: Severity): Said => severities[severity]();

export const verbTone: Record<PlannedOperation['verb'], Tone> = {
  add: 'good',
  change: 'info',
  replace: 'warn',
  del: 'bad',
};
