/** The query editor's choices in words. Functions, because words are only known once the catalogue is loaded. */
import { t } from '@grafana/i18n';
import type { ComboboxOption } from '@grafana/ui';
import type { ClassMetric, QueryType, SlaFormat, SlaSignal } from './query.ts';

type Choice = { label: string; description: string };

export const typeChoices = (): Record<QueryType, Choice> => ({
  'class-statistics': {
    label: t('query.type.classStatistics', 'Class statistics'),
    description: t(
      'query.type.classStatisticsHelp',
      'What each class sent, dropped and held back, as the device counted it'
    ),
  },
  'sla-compliance': {
    label: t('query.type.slaCompliance', 'SLA compliance'),
    description: t(
      'query.type.slaComplianceHelp',
      'Each objective with its measured figure, threshold, verdict and coverage'
    ),
  },
  violations: {
    label: t('query.type.violations', 'Violations'),
    description: t(
      'query.type.violationsHelp',
      'When which objective was violated, for how long, and its worst figure'
    ),
  },
  deployments: {
    label: t('query.type.deployments', 'Deployments'),
    description: t(
      'query.type.deploymentsHelp',
      'When which policy was applied or rolled back, by whom; also as annotations'
    ),
  },
});

export const metricChoices = (): Record<ClassMetric, Choice> => ({
  rate: {
    label: t('query.metric.rate', 'Rate'),
    description: t('query.metric.rateHelp', 'bit/s sent, counted at layer 2'),
  },
  packets: {
    label: t('query.metric.packets', 'Packets'),
    description: t('query.metric.packetsHelp', 'Packets/s sent'),
  },
  drops: {
    label: t('query.metric.drops', 'Drops'),
    description: t('query.metric.dropsHelp', 'Packets/s dropped by the queue'),
  },
  backlog: {
    label: t('query.metric.backlog', 'Backlog'),
    description: t('query.metric.backlogHelp', 'Bytes waiting in the queue'),
  },
});

export const formatChoices = (): Record<SlaFormat, Choice> => ({
  table: {
    label: t('query.format.table', 'Table'),
    description: t('query.format.tableHelp', 'One row for each objective, as it stands now; what the SLA panel draws'),
  },
  timeseries: {
    label: t('query.format.timeseries', 'Time series'),
    description: t('query.format.timeseriesHelp', 'The measured figure of each objective over time'),
  },
  alert: {
    label: t('query.format.alert', 'Alert signal'),
    description: t('query.format.alertHelp', '0 or 1 for each objective, labelled for alert rules'),
  },
});

export const signalChoices = (): Record<SlaSignal, Choice> => ({
  violated: {
    label: t('query.signal.violated', 'Violated'),
    description: t('query.signal.violatedHelp', '1 while the objective is violated'),
  },
  blind: {
    label: t('query.signal.blind', 'Not measured'),
    description: t('query.signal.blindHelp', '1 while no figure arrives although one should'),
  },
});

export function options<T extends string>(choices: Record<T, Choice>, order: readonly T[]): Array<ComboboxOption<T>> {
  return order.map((value) => ({ value, ...choices[value] }));
}
