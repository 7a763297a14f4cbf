/** What to ask of the sidecar: the type of query, and the few choices each type has. */
import type { QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Combobox, InlineField, InlineSwitch, Input, Stack, Text } from '@grafana/ui';
import React, { useId } from 'react';
import { BindingField } from './BindingField.tsx';
import { formatChoices, metricChoices, options, signalChoices, typeChoices } from './choices.ts';
import type { ClearpathDatasource } from './ClearpathDatasource.ts';
import {
  CLASS_METRICS,
  type ClearpathQuery,
  DEFAULT_QUERY,
  ofType,
  QUERY_TYPES,
  SLA_FORMATS,
  SLA_SIGNALS,
} from './query.ts';
import type { ClearpathOptions } from './settings.ts';

type Props = QueryEditorProps<ClearpathDatasource, ClearpathQuery, ClearpathOptions>;

export function QueryEditor({ datasource, query, onChange, onRunQuery }: Props) {
  const id = useId();
  const type = query.type ?? DEFAULT_QUERY.type;
  const choices = typeChoices();

  const change = (next: ClearpathQuery) => {
    onChange(next);
    onRunQuery();
  };
  const set = (part: Partial<ClearpathQuery>) => change({ ...query, type, ...part });

  return (
    <Stack direction="column" gap={0.5}>
      <Stack direction="row" gap={0.5} wrap="wrap">
        <InlineField label={t('query.typeLabel', 'Query')} labelWidth={14} htmlFor={`${id}-type`}>
          <Combobox
            id={`${id}-type`}
            width={32}
            options={options(choices, QUERY_TYPES)}
            value={type}
            onChange={({ value }) => change(ofType(query, value))}
          />
        </InlineField>
        <BindingField
          id={`${id}-binding`}
          value={query.binding}
          load={() => datasource.bindings()}
          onChange={(binding) => set({ binding })}
        />
      </Stack>
      {type === 'class-statistics' && <ClassStatistics id={id} query={query} set={set} />}
      {type === 'sla-compliance' && <SlaCompliance id={id} query={query} set={set} />}
      {type === 'violations' && (
        <InlineField
          label={t('query.open', 'Open only')}
          labelWidth={14}
          htmlFor={`${id}-open`}
          tooltip={t(
            'query.openHelp',
            'Violations that have not ended, whenever they began. Off: all that touch the time range.'
          )}
        >
          <InlineSwitch
            id={`${id}-open`}
            value={query.open ?? false}
            onChange={(event) => set({ open: event.currentTarget.checked })}
          />
        </InlineField>
      )}
      <Text variant="bodySmall" color="secondary">
        {choices[type].description}
      </Text>
    </Stack>
  );
}

interface PartProps {
  id: string;
  query: ClearpathQuery;
  set: (part: Partial<ClearpathQuery>) => void;
}

function ClassStatistics({ id, query, set }: PartProps) {
  return (
    <Stack direction="row" gap={0.5} wrap="wrap">
      <InlineField label={t('query.metricLabel', 'Metric')} labelWidth={14} htmlFor={`${id}-metric`}>
        <Combobox
          id={`${id}-metric`}
          width={32}
          options={options(metricChoices(), CLASS_METRICS)}
          value={query.metric ?? 'rate'}
          onChange={({ value }) => set({ metric: value })}
        />
      </InlineField>
      <InlineField
        label={t('query.live', 'Live')}
        labelWidth={14}
        htmlFor={`${id}-live`}
        tooltip={t(
          'query.liveHelp',
          'After the history, one row a second as the device counts. Needs a time range that ends now.'
        )}
      >
        <InlineSwitch
          id={`${id}-live`}
          value={query.live ?? false}
          onChange={(event) =>
            set(event.currentTarget.checked ? { live: true } : { live: undefined, liveFields: undefined })
          }
        />
      </InlineField>
      {query.live && (
        <InlineField
          label={t('query.everything', 'All quantities')}
          labelWidth={16}
          htmlFor={`${id}-everything`}
          tooltip={t(
            'query.everythingHelp',
            'Rate, drops, backlog, guarantee and ceiling of each class, as the queues panel needs them. Off: the metric alone.'
          )}
        >
          <InlineSwitch
            id={`${id}-everything`}
            value={query.liveFields === 'everything'}
            onChange={(event) => set({ liveFields: event.currentTarget.checked ? 'everything' : 'metric' })}
          />
        </InlineField>
      )}
    </Stack>
  );
}

function SlaCompliance({ id, query, set }: PartProps) {
  const format = query.format ?? 'table';
  return (
    <Stack direction="row" gap={0.5} wrap="wrap">
      <InlineField label={t('query.formatLabel', 'Format')} labelWidth={14} htmlFor={`${id}-format`}>
        <Combobox
          id={`${id}-format`}
          width={32}
          options={options(formatChoices(), SLA_FORMATS)}
          value={format}
          onChange={({ value }) =>
            set({ format: value, signal: value === 'alert' ? (query.signal ?? 'violated') : undefined })
          }
        />
      </InlineField>
      {format === 'alert' && (
        <InlineField label={t('query.signalLabel', 'Signal')} labelWidth={14} htmlFor={`${id}-signal`}>
          <Combobox
            id={`${id}-signal`}
            width={32}
            options={options(signalChoices(), SLA_SIGNALS)}
            value={query.signal ?? 'violated'}
            onChange={({ value }) => set({ signal: value })}
          />
        </InlineField>
      )}
      <InlineField
        label={t('query.trafficClass', 'Class')}
        labelWidth={14}
        htmlFor={`${id}-class`}
        tooltip={t(
          'query.trafficClassHelp',
          'The path of a class, for example voice or voice/g711. Empty: all classes.'
        )}
      >
        <Input
          id={`${id}-class`}
          width={32}
          defaultValue={query.trafficClass ?? ''}
          placeholder={t('query.allClasses', 'All classes')}
          onBlur={(event) => set({ trafficClass: event.currentTarget.value.trim() || undefined })}
        />
      </InlineField>
    </Stack>
  );
}
