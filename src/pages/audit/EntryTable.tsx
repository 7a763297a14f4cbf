/** Entries of the audit, each with its lines when asked. */
import React, { useState } from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Button, useStyles2 } from '@grafana/ui';
import { DataTable, Moment, StateLabel, getTableStyles } from '../../components/index.ts';
import type { AuditEntry } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { sayOutcome } from './words.ts';

export function EntryTable({ entries }: { entries: AuditEntry[] }) {
  return (
    <DataTable
      heads={[
        t('audit.when', 'When'),
        t('audit.who', 'Who'),
        t('audit.what', 'What'),
        t('audit.where', 'Where'),
        t('audit.outcome', 'Outcome'),
        t('audit.detail', 'Detail'),
      ]}
    >
      {entries.map((entry) => (
        <Entry key={entry.id} entry={entry} />
      ))}
    </DataTable>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const table = useStyles2(getTableStyles);
  const styles = useStyles2(getStyles);
  const [open, setOpen] = useState(false);
  const [first = '', ...lines] = entry.detail.split('\n');
  return (
    <tr data-testid={testIds.auditEntry(entry.id)}>
      <td className={table.number}>
        {dateTimeFormat(entry.at)}
        <div className={table.quiet}>
          <Moment at={entry.at} />
        </div>
      </td>
      <td>
        {entry.by} <span className={table.quiet}>{entry.role}</span>
      </td>
      <td>
        <code>{entry.action}</code>
      </td>
      <td>{entry.subject}</td>
      <td>
        <StateLabel {...sayOutcome(entry.outcome)} />
      </td>
      <td className={styles.detail}>
        <div>{first}</div>
        {lines.length > 0 && (
          <Button
            size="sm"
            variant="secondary"
            fill="text"
            icon={open ? 'angle-up' : 'angle-down'}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {t('audit.lines', '', {
              count: lines.length,
              defaultValue_one: '{{count}} line',
              defaultValue_other: '{{count}} lines',
            })}
          </Button>
        )}
        {open && <pre className={styles.lines}>{lines.join('\n')}</pre>}
      </td>
    </tr>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  detail: css({ overflowWrap: 'anywhere', width: '42%', minWidth: 280 }),
  lines: css({
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'pre-wrap',
    maxHeight: 320,
    overflow: 'auto',
  }),
});
