import { t } from '@grafana/i18n';
import { rateFigure, type RateUnit } from './figures.ts';
import type { Queue, QueueState } from './queues.ts';

/** What the bar's colours mean, for whoever does not see them. */
export function stateWord(state: QueueState): string {
  switch (state) {
    case 'idle':
      return t('state.idle', 'Idle');
    case 'sending':
      return t('state.sending', 'Sending');
    case 'owed':
      return t('state.owed', 'Within guarantee');
    case 'borrowing':
      return t('state.borrowing', 'Borrowing');
    case 'full':
      return t('state.full', 'At ceiling');
    case 'dropping':
      return t('state.dropping', 'Dropping excess');
    case 'deprived':
      return t('state.deprived', 'Drops what it is owed');
  }
}

/** What the bar shows beside the figures of the row: state, guarantee and ceiling. */
export function barWords(
  { guarantee, ceiling }: Pick<Queue, 'guarantee' | 'ceiling'>,
  state: QueueState,
  unit: RateUnit
): string {
  const said = (rate: number | null) => (rate === null ? t('bar.unknown', 'unknown') : rateFigure(rate, unit));
  return t('bar.words', '{{state}}: guarantee {{guarantee}}, ceiling {{ceiling}}', {
    state: stateWord(state),
    guarantee: said(guarantee),
    ceiling: said(ceiling),
    interpolation: { escapeValue: false },
  });
}
