/** Whether the audit still says what it said, and where it does not: never a colour alone, never a doubt left out. */
import React from 'react';
import { t } from '@grafana/i18n';
import { Alert, Button, Stack } from '@grafana/ui';
import { ProblemAlert, SkeletonLines } from '../../components/index.ts';
import { useAuditState } from '../../data/index.ts';
import { raw } from '../../locales/raw.ts';
import { testIds } from '../../testIds.ts';

export function ChainState({ enabled }: { enabled: boolean }) {
  const chain = useAuditState(enabled);
  const { data } = chain;
  if (chain.error) {
    return (
      <ProblemAlert
        problem={chain.error}
        onRetry={() => void chain.refetch()}
        consequence={t('audit.unknown', 'Whether the audit was tampered with is not known.')}
      />
    );
  }
  if (!data) {
    return <SkeletonLines lines={2} />;
  }
  const behind = data.intact && data.anchored !== null && data.anchored < data.verified;
  return (
    <Alert
      severity={data.intact ? 'success' : 'error'}
      title={
        data.intact
          ? t('audit.intact', '', {
              count: data.entries,
              defaultValue_one: 'The audit is intact: its {{count}} entry stands as it was written',
              defaultValue_other: 'The audit is intact: each of its {{count}} entries stands as it was written',
            })
          : t('audit.broken', 'The audit was tampered with')
      }
      bottomSpacing={0}
      data-testid={testIds.auditState}
      data-intact={data.intact}
    >
      <Stack direction="column" gap={1}>
        {!data.intact && (
          <span>
            {t(
              'audit.broken-text',
              'Entries up to number {{verified}} stand as they were written; what follows cannot be trusted. Find out who can write to the database, then see “clearpath audit verify” and “clearpath audit accept”.',
              { ...raw, verified: data.verified }
            )}
          </span>
        )}
        {data.breaks.length > 0 && (
          <ul>
            {data.breaks.map(({ number, message }) => (
              <li key={number}>{message}</li>
            ))}
          </ul>
        )}
        <span>
          {data.anchored === null
            ? t('audit.no-anchor', 'There is no anchor outside the database.')
            : t('audit.anchored', 'Sealed one by one; the anchor outside the database stands at entry {{number}}.', {
                number: data.anchored,
              })}{' '}
          {behind &&
            t('audit.behind', 'Entries behind it bear valid seals, as after a crash; the next entry takes it on.')}{' '}
          {data.unsealed > 0 &&
            t('audit.unsealed', '', {
              count: data.unsealed,
              defaultValue_one: '{{count}} entry is of before this chain began.',
              defaultValue_other: '{{count}} entries are of before this chain began.',
            })}
        </span>
        <div>
          <Button
            size="sm"
            variant="secondary"
            icon="sync"
            disabled={chain.isFetching}
            data-testid={testIds.auditVerify}
            onClick={() => void chain.refetch()}
          >
            {chain.isFetching ? t('audit.verifying', 'Being verified…') : t('audit.verify', 'Verify again')}
          </Button>
        </div>
      </Stack>
    </Alert>
  );
}
