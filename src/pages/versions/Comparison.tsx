/** Two versions beside each other: first what it means, then the texts. */
import React from 'react';
import { t } from '@grafana/i18n';
import { Stack } from '@grafana/ui';
import { ProblemAlert, SkeletonLines } from '../../components/index.ts';
import { useChanges, type Versioned } from '../../data/index.ts';
import { ChangeList } from './ChangeList.tsx';
import { TextDiff } from './TextDiff.tsx';

interface Props {
  kind: Versioned;
  name: string;
  from: number;
  to: number;
}

export function Comparison({ kind, name, from, to }: Props) {
  const comparison = useChanges(kind, name, { from, to });
  return (
    <section>
      <Stack direction="column" gap={2}>
        <h4>{t('versions.comparison', 'Version {{to}} beside version {{from}}', { from, to })}</h4>
        {comparison.error && <ProblemAlert problem={comparison.error} onRetry={() => void comparison.refetch()} />}
        {comparison.isPending && !comparison.error && <SkeletonLines lines={6} />}
        {comparison.data && (
          <>
            <ChangeList kind={kind} comparison={comparison.data} />
            <TextDiff before={comparison.data.sources[0]} after={comparison.data.sources[1]} />
          </>
        )}
      </Stack>
    </section>
  );
}
