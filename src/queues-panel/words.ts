import { t } from '@grafana/i18n';
import { countFigure, rateFigure, type RateUnit, sizeFigure } from './figures.ts';
import type { Queue, QueueState } from './queues.ts';

/** What the bar's colours mean, for whoever does not see them. */
export function stateWord(state: QueueState): string {
  switch (state) {
    case 'idle':
      return t('state.idle', 'Idle');
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

/** The row as one sentence. */
export function spoken(queue: Queue, state: QueueState, unit: RateUnit): string {
  const said = (value: number | null, words: (known: number) => string) => (value === null ? '–' : words(value));
  return t(
    'row.spoken',
    '{{trafficClass}}: {{state}}, {{rate}}, guarantee {{guarantee}}, ceiling {{ceiling}}, {{drops}} drops/s, backlog {{backlog}}',
    {
      trafficClass: queue.trafficClass,
      state: stateWord(state),
      rate: said(queue.rate, (rate) => rateFigure(rate, unit)),
      guarantee: said(queue.guarantee, (rate) => rateFigure(rate, unit)),
      ceiling: said(queue.ceiling, (rate) => rateFigure(rate, unit)),
      drops: said(queue.drops, countFigure),
      backlog: said(queue.backlog, sizeFigure),
      interpolation: { escapeValue: false },
    }
  );
}
