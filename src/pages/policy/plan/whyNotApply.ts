import { t } from '@grafana/i18n';
import type { Plan } from '../../../data/index.ts';

interface Situation {
  plan: Plan | undefined;
  dirty: boolean;
  replaceForeign: boolean;
  applying: boolean;
  replanning: boolean;
}

/** What stands in the way of applying a plan, in words; empty when nothing does. Roles are judged elsewhere. */
export function whyNotApply({ plan, dirty, replaceForeign, applying, replanning }: Situation): string {
  if (applying) {
    return t('apply.blocked-applying', 'Being applied…');
  }
  if (!plan || replanning) {
    return t('apply.blocked-no-plan', 'There is no plan yet.');
  }
  if (dirty) {
    return t('apply.blocked-dirty', 'Save the document first: only a saved revision is applied.');
  }
  if (plan.findings.some((finding) => finding.severity === 'error')) {
    return t('apply.blocked-errors', 'The plan has errors: see Findings.');
  }
  if (plan.operations.length === 0) {
    return t('apply.blocked-nothing', 'Nothing to do: the interface already holds what the policy says.');
  }
  if (needsConsent(plan) && !replaceForeign) {
    return t(
      'apply.blocked-foreign',
      'What is on the interface could not be restored exactly. Tick the box below to replace it all the same.'
    );
  }
  return '';
}

/** The tree on the interface is not ours and could not be put back as it was. */
export const needsConsent = (plan: Plan): boolean => plan.live.owner === 'foreign' && !plan.live.restorable;
