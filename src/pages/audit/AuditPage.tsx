/** Who did what, when, where and how it ended; and whether that record can be trusted. */
import React, { useMemo } from 'react';
import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { Button, EmptyState, Stack } from '@grafana/ui';
import { ProblemAlert, SkeletonLines } from '../../components/index.ts';
import { useWhyNot } from '../../components/permissions.ts';
import { useAudit, useWhoami, type AuditQuery } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { useUrlState } from '../urlState.ts';
import { useDebounced } from '../policy/useDebounced.ts';
import { AuditFilter } from './AuditFilter.tsx';
import { ChainState } from './ChainState.tsx';
import { EntryTable } from './EntryTable.tsx';
import { questionOf, type Key } from './question.ts';

export function AuditPage() {
  const [url, setUrl] = useUrlState();
  const caller = useWhoami();
  const mayNot = useWhyNot('plan');
  const text = (key: Key) => url.get(key) ?? '';
  const settled = useDebounced(JSON.stringify(questionOf(text)), 300);
  const question = useMemo(() => JSON.parse(settled) as AuditQuery, [settled]);
  const audit = useAudit(question, mayNot === '');
  const shown = audit.data?.pages.flat() ?? [];
  const asked = Object.keys(question).length > 0;
  return (
    <PluginPage
      subTitle={t('audit.subtitle', 'Who did what, when, where, and how it ended. Entries are only ever added.')}
    >
      <div data-testid={testIds.audit}>
        {caller.data && mayNot && (
          <EmptyState
            variant="not-found"
            hideImage
            message={t('audit.rights', 'The audit needs the role Editor or Admin')}
          />
        )}
        {caller.error && <ProblemAlert problem={caller.error} onRetry={() => void caller.refetch()} />}
        {!caller.data && !caller.error && <SkeletonLines lines={6} />}
        {caller.data && !mayNot && (
          <Stack direction="column" gap={2}>
            <ChainState enabled />
            <AuditFilter text={text} onChange={(key, value) => setUrl({ [key]: value }, { replace: true })} />
            {audit.error && <ProblemAlert problem={audit.error} onRetry={() => void audit.refetch()} />}
            {audit.isPending && !audit.error && <SkeletonLines lines={8} height={5} />}
            {audit.data && shown.length === 0 && (
              <EmptyState
                variant="not-found"
                hideImage
                message={
                  asked
                    ? t('audit.none-found', 'No entry matches the filter')
                    : t('audit.empty', 'Nothing has been done yet')
                }
              />
            )}
            {shown.length > 0 && <EntryTable entries={shown} />}
            {audit.hasNextPage && (
              <div>
                <Button
                  variant="secondary"
                  disabled={audit.isFetchingNextPage}
                  data-testid={testIds.auditMore}
                  onClick={() => void audit.fetchNextPage()}
                >
                  {t('audit.more', 'Show older entries')}
                </Button>
              </div>
            )}
          </Stack>
        )}
      </div>
    </PluginPage>
  );
}
