/** There is no policy of this name: nothing ever was, or it was deleted, and its versions bring it back. */
import React from 'react';
import { t } from '@grafana/i18n';
import { EmptyState, LinkButton } from '@grafana/ui';
import { APP_ROOT } from '../../constants.ts';
import { useVersions } from '../../data/index.ts';
import { VersionsPanel } from '../versions/VersionsPanel.tsx';

export function MissingPolicy({ name }: { name: string }) {
  const versions = useVersions('policies', name);
  const deleted = versions.data !== undefined;
  return (
    <>
      <EmptyState
        variant="not-found"
        hideImage
        message={
          deleted
            ? t('policy.deleted', 'This policy was deleted')
            : t('policy.not-found', 'There is no policy of this name')
        }
        button={
          <LinkButton href={`${APP_ROOT}/policies`} variant="secondary">
            {t('policy.to-list', 'All policies')}
          </LinkButton>
        }
      >
        {deleted && t('policy.deleted-text', 'Its versions are kept: restore one to have it back.')}
      </EmptyState>
      {deleted && <VersionsPanel kind="policies" name={name} blocked="" />}
    </>
  );
}
