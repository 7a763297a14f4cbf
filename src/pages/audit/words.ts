/** How an entry of the audit ended, in words. */
import { t } from '@grafana/i18n';
import type { Said } from '../../components/StateLabel.tsx';
import type { Outcome } from './question.ts';

const outcomes: Record<Outcome, () => Said> = {
  done: () => ({ word: t('audit.done', 'Done'), icon: 'check-circle', tone: 'good' }),
  refused: () => ({ word: t('audit.refused', 'Refused'), icon: 'minus-circle', tone: 'warn' }),
  failed: () => ({ word: t('audit.failed', 'Failed'), icon: 'exclamation-triangle', tone: 'bad' }),
};
export const sayOutcome = (outcome: Outcome): Said => outcomes[outcome]();
