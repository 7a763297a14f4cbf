/** Every promise with its figures; what is broken stands first. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { DataTable, StateLabel, getTableStyles } from '../../../components/index.ts';
import { sayPromiseKind, sayPromiseVerdict } from '../../../components/said.ts';
import type { ProofPromise } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { byUrgency, formatBound, formatMeasured } from './figure.ts';

export function PromiseTable({ promises }: { promises: ProofPromise[] }) {
  const table = useStyles2(getTableStyles);
  const styles = useStyles2(getStyles);
  return (
    <DataTable
      heads={[
        t('proof.verdict', 'Verdict'),
        t('proof.about', 'About'),
        t('proof.promise', 'Promise'),
        { text: t('proof.measured', 'Measured'), right: true },
        { text: t('proof.bound', 'Held with'), right: true },
      ]}
    >
      {byUrgency(promises).map((promise) => (
        <tr
          key={`${promise.kind} ${promise.class}`}
          data-testid={testIds.proofPromise(promise.kind, promise.class)}
          data-verdict={promise.verdict}
        >
          <td>
            <StateLabel {...sayPromiseVerdict(promise.verdict)} />
          </td>
          <td className={styles.about}>{sayPromiseKind(promise.kind)}</td>
          <td>
            {promise.says}
            {promise.reason && <div className={styles.reason}>{promise.reason}</div>}
          </td>
          <td className={`${table.number} ${table.right}`}>{formatMeasured(promise)}</td>
          <td className={`${table.number} ${table.right} ${table.quiet}`}>{formatBound(promise)}</td>
        </tr>
      ))}
    </DataTable>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  about: css({ whiteSpace: 'nowrap', fontWeight: theme.typography.fontWeightMedium }),
  reason: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
