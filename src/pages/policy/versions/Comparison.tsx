/** Two versions beside each other: first what it means, then the texts. */
import React from 'react';
import { t } from '@grafana/i18n';
import { Stack } from '@grafana/ui';
import { ProblemAlert, SkeletonLines } from '../../../components/index.ts';
import { usePolicyChanges } from '../../../data/index.ts';
import { ChangeList } from './ChangeList.tsx';
import { TextDiff } from './TextDiff.tsx';

export function Comparison({ policy, from, to }: { policy: string; from: number; to: number }) {
  const comparison = usePolicyChanges(policy, { from, to });
  return (
    <section>
      <Stack direction="column" gap={2}>
        <h4>{t('versions.comparison', 'Version {{to}} beside version {{from}}', { from, to })}</h4>
        {comparison.error && <ProblemAlert problem={comparison.error} onRetry={() => void comparison.refetch()} />}
        {comparison.isPending && !comparison.error && <SkeletonLines lines={6} />}
        {comparison.data && (
          <>
            <ChangeList comparison={comparison.data} />
            <TextDiff before={comparison.data.sources[0]} after={comparison.data.sources[1]} />
          </>
        )}
      </Stack>
    </section>
  );
}
