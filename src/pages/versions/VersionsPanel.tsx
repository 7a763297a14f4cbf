/** Every save of a document: what two of them differ in, and the way back to one. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EmptyState, useStyles2 } from '@grafana/ui';
import { DataTable, ProblemAlert, SkeletonLines } from '../../components/index.ts';
import { useVersions, type Versioned } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { useUrlState } from '../urlState.ts';
import { Comparison } from './Comparison.tsx';
import { RestoreDialog } from './RestoreDialog.tsx';
import { VersionRow } from './VersionRow.tsx';

interface Props {
  kind: Versioned;
  name: string;
  /** Why nothing may be restored now, e.g. a file holds the document; empty when it may */
  blocked: string;
}

export function VersionsPanel({ kind, name, blocked }: Props) {
  const styles = useStyles2(getStyles);
  const [url, setUrl] = useUrlState();
  const versions = useVersions(kind, name);
  const list = versions.data ?? [];
  const [head] = list;
  const right = kind === 'policies' ? 'draft' : 'bind';

  const texts = list.filter(({ removed }) => !removed);
  const chosen = (key: string, otherwise: number) =>
    texts.find(({ number }) => number === Number(url.get(key)))?.number ?? texts[otherwise]?.number ?? texts[0]?.number ?? 0; // prettier-ignore
  const [from, to] = [chosen('from', 1), chosen('to', 0)];
  const restoring = texts.find(({ number }) => number === Number(url.get('restore')));
  const pick = (changes: { from?: number; to?: number }) => setUrl({ from: String(from), to: String(to), ...strings(changes) }, { replace: true }); // prettier-ignore

  if (versions.error?.trouble === 'not-found') {
    return <EmptyState variant="not-found" hideImage message={t('versions.none', 'Nothing has been saved yet')} />;
  }
  return (
    <div className={styles.page} data-testid={testIds.versions}>
      {versions.error && <ProblemAlert problem={versions.error} onRetry={() => void versions.refetch()} />}
      {versions.isPending && !versions.error && <SkeletonLines lines={4} height={5} />}
      {head && (
        <>
          <DataTable
            heads={[
              t('versions.from', 'From'),
              t('versions.to', 'To'),
              t('versions.number', 'Version'),
              t('versions.when', 'Saved'),
              t('versions.by', 'By'),
              t('versions.revision', 'Revision'),
              ...(kind === 'policies' ? [t('versions.where', 'In force on')] : []),
              '',
            ]}
          >
            {list.map((version) => (
              <VersionRow
                key={version.number}
                version={version}
                right={right}
                isHead={version === head}
                from={version.number === from}
                to={version.number === to}
                blocked={
                  version.revision === head.revision
                    ? t('versions.same', 'The saved document reads like this one.')
                    : blocked
                }
                onFrom={() => pick({ from: version.number })}
                onTo={() => pick({ to: version.number })}
                onRestore={() => setUrl({ restore: String(version.number) })}
              />
            ))}
          </DataTable>
          {from !== to && <Comparison kind={kind} name={name} from={from} to={to} />}
          {restoring && restoring !== head && (
            <RestoreDialog
              kind={kind}
              name={name}
              right={right}
              head={head}
              version={restoring}
              onClose={() => setUrl({ restore: undefined, from: undefined, to: undefined })}
            />
          )}
        </>
      )}
    </div>
  );
}

const strings = (numbers: Record<string, number>) =>
  Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, String(value)]));

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), marginTop: theme.spacing(2) }),
});
