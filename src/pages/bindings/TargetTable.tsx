/** Every target, with its interfaces and what is wrong with it. */
import React from 'react';
import { t } from '@grafana/i18n';
import { TextLink, useStyles2 } from '@grafana/ui';
import { DataTable, getTableStyles } from '../../components/index.ts';
import { APP_ROOT } from '../../constants.ts';
import type { DocumentSummary, TargetSummary } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { Soundness } from '../policies/Soundness.tsx';

interface Props {
  documents: DocumentSummary[];
  /** What they are looked up to have; empty until that is known */
  targets: TargetSummary[];
}

export function TargetTable({ documents, targets }: Props) {
  const table = useStyles2(getTableStyles);
  return (
    <DataTable
      heads={[
        t('import.target', 'Target'),
        t('targets.namespace', 'Network namespace'),
        t('bindings.count', 'Interfaces'),
        t('targets.origin', 'Written in'),
        t('judgement.findings', 'Findings'),
      ]}
    >
      {documents.map(({ name, file, findings }) => {
        const target = targets.find((item) => item.name === name);
        const count = (severity: 'error' | 'warning') => findings.filter((item) => item.severity === severity).length;
        return (
          <tr key={name} data-testid={testIds.targetRow(name)}>
            <td>
              <TextLink href={`${APP_ROOT}/targets/${name}`} inline={false}>
                {name}
              </TextLink>
            </td>
            <td>{target?.namespace ?? <span className={table.quiet}>–</span>}</td>
            <td className={table.mono} title={target?.message ?? undefined}>
              {target?.message ?? target?.interfaces.join(', ')}
            </td>
            <td className={table.quiet}>
              {file ? <code>{file}</code> : t('targets.here', 'Grafana or the command line')}
            </td>
            <td title={findings[0]?.message}>
              <Soundness errors={count('error')} warnings={count('warning')} />
            </td>
          </tr>
        );
      })}
    </DataTable>
  );
}
