import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Stack, TextLink, useStyles2 } from '@grafana/ui';
import { DataTable, Moment, StateCounts, StateLabel, getTableStyles, sideText } from '../../components/index.ts';
import { sayBindingState } from '../../components/said.ts';
import { shortRevision } from '../../components/units.ts';
import { APP_ROOT } from '../../constants.ts';
import type { BindingSummary, PolicySummary } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { Soundness } from './Soundness.tsx';

export function PolicyTable({ policies, bindings }: { policies: PolicySummary[]; bindings: BindingSummary[] }) {
  const table = useStyles2(getTableStyles);
  const styles = useStyles2(getStyles);
  return (
    <DataTable
      heads={[
        t('policies.name', 'Policy'),
        { text: t('policies.classes', 'Classes'), right: true },
        t('policies.soundness', 'Findings'),
        t('policies.bindings', 'Acts on'),
        t('policies.revision', 'Revision'),
        t('policies.updated', 'Last saved'),
      ]}
    >
      {policies.map((policy) => (
        <tr key={policy.name} data-testid={testIds.policyRow(policy.name)}>
          <td className={styles.name}>
            <TextLink href={`${APP_ROOT}/policies/${policy.name}`} inline={false}>
              {policy.name}
            </TextLink>
            {policy.description && <div className={styles.description}>{policy.description}</div>}
          </td>
          <td className={`${table.number} ${table.right}`}>{policy.classes}</td>
          <td>
            <Soundness errors={policy.errors} warnings={policy.warnings} />
          </td>
          <td>
            <Stack direction="column" gap={0.5}>
              {policy.bindings.length === 0 && (
                <span className={table.quiet}>{t('policies.unbound', 'no interface')}</span>
              )}
              {policy.bindings.map((name) => (
                <ActsOn key={name} name={name} links={bindings.filter((link) => link.binding === name)} />
              ))}
            </Stack>
          </td>
          <td>
            <code>{shortRevision(policy.revision)}</code>
          </td>
          <td className={styles.saved}>
            <Moment at={policy.updatedAt} /> <span className={table.quiet}>{policy.updatedBy}</span>
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

function ActsOn({ name, links }: { name: string; links: BindingSummary[] }) {
  const styles = useStyles2(getStyles);
  const [only, ...others] = links;
  if (!only) {
    return <span>{name}</span>;
  }
  return (
    <span className={styles.binding}>
      {others.length === 0 ? (
        <>
          <span>
            {only.site} <code>{sideText(only)}</code>
          </span>
          <StateLabel {...sayBindingState(only.state)} title={only.message} />
        </>
      ) : (
        <>
          <span>
            {name}, {t('binding.interfaces', '{{count}} interfaces', { count: links.length })}
          </span>
          <StateCounts links={links} />
        </>
      )}
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  name: css({ minWidth: 240 }),
  description: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    maxWidth: 520,
  }),
  binding: css({ display: 'inline-flex', gap: theme.spacing(1.5), whiteSpace: 'nowrap' }),
  saved: css({ whiteSpace: 'nowrap' }),
});
