/** Every binding: which policy acts where, and how many of its interfaces are as they should be. */
import React, { useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { EmptyState, Stack, TextLink, useStyles2 } from '@grafana/ui';
import {
  DataTable,
  PermissionButton,
  ProblemAlert,
  SkeletonLines,
  StateCounts,
  getTableStyles,
} from '../../components/index.ts';
import { byBinding } from '../../components/byBinding.ts';
import { APP_ROOT } from '../../constants.ts';
import { useBindings, useDocuments, useTargets, type DocumentKind } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { NewDocumentModal } from '../documents/NewDocumentModal.tsx';
import { TargetTable } from './TargetTable.tsx';

export function BindingsPage() {
  const table = useStyles2(getTableStyles);
  const styles = useStyles2(getStyles);
  const bindings = useBindings();
  const documents = useDocuments('targets');
  const targets = useTargets();
  const [making, setMaking] = useState<DocumentKind | null>(null);
  const noTarget = documents.data?.length === 0;
  const groups = byBinding(bindings.data ?? []).sort((a, b) => a.binding.localeCompare(b.binding));
  const newBinding = (
    <PermissionButton right="bind" icon="plus" data-testid={testIds.newBinding} onClick={() => setMaking('bindings')}>
      {t('new-document.binding', 'New binding')}
    </PermissionButton>
  );
  const newTarget = (
    <PermissionButton
      right="bind"
      variant={noTarget ? 'primary' : 'secondary'}
      icon="plus"
      data-testid={testIds.newTarget}
      onClick={() => setMaking('targets')}
    >
      {t('new-document.target', 'New target')}
    </PermissionButton>
  );
  return (
    <PluginPage subTitle={t('bindings.subtitle', 'Which policy acts on which interfaces.')}>
      <div data-testid={testIds.bindings}>
        {bindings.error && <ProblemAlert problem={bindings.error} onRetry={() => void bindings.refetch()} />}
        {bindings.isPending && !bindings.error && <SkeletonLines lines={6} />}
        {bindings.data && groups.length === 0 && (
          <EmptyState
            variant="call-to-action"
            hideImage
            message={t('overview.empty', 'No policy acts on an interface yet')}
            button={noTarget ? newTarget : newBinding}
          >
            <Trans i18nKey="bindings.empty-text">
              A target names a machine and its interfaces, a binding says which policy acts on which of them. Nothing
              changes on an interface until it is planned and applied.
            </Trans>
          </EmptyState>
        )}
        {groups.length > 0 && (
          <div className={styles.heading}>
            <h2 className={styles.title}>{t('bindings.title', 'Bindings')}</h2>
            {newBinding}
          </div>
        )}
        {groups.length > 0 && (
          <DataTable
            heads={[
              t('bindings.name', 'Binding'),
              t('deployment.policy', 'Policy'),
              { text: t('bindings.count', 'Interfaces'), right: true },
              t('bindings.states', 'State'),
            ]}
          >
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
          </DataTable>
        )}
        <section className={styles.targets} data-testid={testIds.targets}>
          <div className={styles.heading}>
            <h2 className={styles.title}>{t('targets.title', 'Targets')}</h2>
            {newTarget}
          </div>
          {documents.error && <ProblemAlert problem={documents.error} onRetry={() => void documents.refetch()} />}
          {documents.isPending && !documents.error && <SkeletonLines lines={2} />}
          {noTarget && (
            <Stack>
              {t('targets.none', 'None yet. The first one is mostly the machine that the sidecar runs on.')}
            </Stack>
          )}
          {documents.data && !noTarget && <TargetTable documents={documents.data} targets={targets.data ?? []} />}
        </section>
      </div>
      {making && <NewDocumentModal kind={making} onClose={() => setMaking(null)} />}
    </PluginPage>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  targets: css({ marginTop: theme.spacing(4) }),
  heading: css({
    display: 'flex',
    justifyContent: 'space-between',
    alignItems: 'center',
    marginBottom: theme.spacing(1),
  }),
  title: css({ margin: 0, fontSize: theme.typography.h4.fontSize }),
});
