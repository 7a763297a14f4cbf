/** Who did what, when, where and how it ended; and whether that record can be trusted. */
import React from 'react';
import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { Button, EmptyState, FilterInput, RadioButtonGroup, Stack } from '@grafana/ui';
import { ProblemAlert, SkeletonLines } from '../../components/index.ts';
import { useWhyNot } from '../../components/permissions.ts';
import { useAudit, useWhoami } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { useUrlState } from '../urlState.ts';
import { ChainState } from './ChainState.tsx';
import { EntryTable } from './EntryTable.tsx';
import { filtered, OUTCOMES } from './filter.ts';
import { sayOutcome } from './words.ts';

const FIRST = 100;
/** The most that the sidecar gives at once */
const MOST = 1000;

export function AuditPage() {
  const [url, setUrl] = useUrlState();
  const caller = useWhoami();
  const mayNot = useWhyNot('plan');
  const limit = url.get('all') === 'true' ? MOST : FIRST;
  const audit = useAudit(limit, mayNot === '');
  const search = url.get('search') ?? '';
  const outcome = OUTCOMES.find((item) => item === url.get('outcome'));
  const shown = filtered(audit.data ?? [], search, outcome);
  return (
    <PluginPage
      pageNav={{
        text: t('audit.title', 'Audit'),
        subTitle: t('audit.subtitle', 'Who did what, when, where, and how it ended. Entries are only ever added.'),
      }}
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
            <Stack gap={2} wrap="wrap">
              <FilterInput
                placeholder={t('audit.search', 'Search by person, action, place or text')}
                value={search}
                onChange={(text) => setUrl({ search: text }, { replace: true })}
                width={48}
                data-testid={testIds.auditFilter}
              />
              <div data-testid={testIds.auditOutcome}>
                <RadioButtonGroup
                  aria-label={t('audit.outcome', 'Outcome')}
                  options={[
                    { value: '', label: t('audit.every', 'All') },
                    ...OUTCOMES.map((item) => ({ value: item as string, label: sayOutcome(item).word })),
                  ]}
                  value={outcome ?? ''}
                  onChange={(value) => setUrl({ outcome: value }, { replace: true })}
                />
              </div>
            </Stack>
            {audit.error && <ProblemAlert problem={audit.error} onRetry={() => void audit.refetch()} />}
            {audit.isPending && !audit.error && <SkeletonLines lines={8} height={5} />}
            {audit.data?.length === 0 && (
              <EmptyState variant="not-found" hideImage message={t('audit.empty', 'Nothing has been done yet')} />
            )}
            {audit.data && audit.data.length > 0 && shown.length === 0 && (
              <EmptyState
                variant="not-found"
                hideImage
                message={t('audit.none-found', 'No entry matches the filter')}
              />
            )}
            {shown.length > 0 && <EntryTable entries={shown} />}
            {audit.data && audit.data.length === limit && limit < MOST && (
              <div>
                <Button
                  variant="secondary"
                  data-testid={testIds.auditMore}
                  onClick={() => setUrl({ all: 'true' }, { replace: true })}
                >
                  {t('audit.more', 'Show older entries')}
                </Button>
              </div>
            )}
            {audit.data && audit.data.length === MOST && (
              <span>
                {t(
                  'audit.most',
                  'Older entries are not shown here; all of them are in the sidecar’s database and verified above.'
                )}
              </span>
            )}
          </Stack>
        )}
      </div>
    </PluginPage>
  );
}
