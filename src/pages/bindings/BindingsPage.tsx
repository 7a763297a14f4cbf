/** Every binding: which policy acts where, and how many of its interfaces are as they should be. */
import React from 'react';
import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { EmptyState, TextLink, useStyles2 } from '@grafana/ui';
import { ProblemAlert, SkeletonLines, StateCounts, getTableStyles } from '../../components/index.ts';
import { byBinding } from '../../components/byBinding.ts';
import { APP_ROOT } from '../../constants.ts';
import { useBindings } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';

export function BindingsPage() {
  const table = useStyles2(getTableStyles);
  const bindings = useBindings();
  const groups = byBinding(bindings.data ?? []).sort((a, b) => a.binding.localeCompare(b.binding));
  return (
    <PluginPage
      pageNav={{
        text: t('bindings.title', 'Bindings'),
        subTitle: t('bindings.subtitle', 'Which policy acts on which interfaces.'),
      }}
    >
      <div data-testid={testIds.bindings}>
        {bindings.error && <ProblemAlert problem={bindings.error} onRetry={() => void bindings.refetch()} />}
        {bindings.isPending && !bindings.error && <SkeletonLines lines={6} />}
        {bindings.data && groups.length === 0 && (
          <EmptyState
            variant="not-found"
            hideImage
            message={t('overview.empty', 'No policy acts on an interface yet')}
          />
        )}
        {groups.length > 0 && (
          <div className={table.card} style={{ overflowX: 'auto' }}>
            <table className={table.table}>
              <thead>
                <tr>
                  <th>{t('bindings.name', 'Binding')}</th>
                  <th>{t('deployment.policy', 'Policy')}</th>
                  <th className={table.right}>{t('bindings.count', 'Interfaces')}</th>
                  <th>{t('bindings.states', 'State')}</th>
                </tr>
              </thead>
              <tbody>
                {groups.map(({ binding, links }) => (
                  <tr key={binding} data-testid={testIds.bindingRow(binding)}>
                    <td>
                      <TextLink href={`${APP_ROOT}/bindings/${binding}`} inline={false}>
                        {binding}
                      </TextLink>
                    </td>
                    <td>{links[0]!.policy}</td>
                    <td className={`${table.number} ${table.right}`}>{links.length}</td>
                    <td title={links[0]!.message}>
                      <StateCounts links={links} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
    </PluginPage>
  );
}
