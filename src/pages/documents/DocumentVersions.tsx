/** Every save of a binding or target: what one says beside the saved document, and the way back to it. */
import React from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Button, Modal, Stack, useStyles2 } from '@grafana/ui';
import { Moment, PermissionButton, ProblemAlert, SkeletonLines, getTableStyles } from '../../components/index.ts';
import { shortRevision } from '../../components/units.ts';
import {
  useDocumentVersion,
  useDocumentVersions,
  useRestoreDocument,
  type DocumentKind,
  type DocumentVersion,
} from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { FindingList } from '../policy/document/FindingList.tsx';
import { TextDiff } from '../policy/versions/TextDiff.tsx';
import { useUrlState } from '../urlState.ts';

interface Props {
  kind: DocumentKind;
  name: string;
  /** Why nothing may be restored now, e.g. a file holds the document; empty when it may */
  blocked: string;
}

export function DocumentVersions({ kind, name, blocked }: Props) {
  const styles = useStyles2(getStyles);
  const table = useStyles2(getTableStyles);
  const [url, setUrl] = useUrlState();
  const versions = useDocumentVersions(kind, name);
  const [head] = versions.data ?? [];
  const restoring = versions.data?.find(({ number }) => number === Number(url.get('restore')));
  return (
    <div className={styles.page} data-testid={testIds.documentVersions}>
      {versions.error && <ProblemAlert problem={versions.error} onRetry={() => void versions.refetch()} />}
      {versions.isPending && !versions.error && <SkeletonLines lines={4} height={5} />}
      {head && (
        <div className={table.card} style={{ overflowX: 'auto' }}>
          <table className={table.table}>
            <thead>
              <tr>
                <th>{t('versions.number', 'Version')}</th>
                <th>{t('versions.when', 'Saved')}</th>
                <th>{t('versions.by', 'By')}</th>
                <th>{t('versions.revision', 'Revision')}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {versions.data?.map((version) => (
                <tr key={version.number} data-testid={testIds.version(version.number)}>
                  <td className={table.number}>{version.number}</td>
                  <td className={table.number}>
                    {dateTimeFormat(version.savedAt)}{' '}
                    <span className={table.quiet}>
                      <Moment at={version.savedAt} />
                    </span>
                  </td>
                  <td>{version.savedBy}</td>
                  <td>
                    {version.removed ? (
                      t('document-versions.deleted', 'Deleted')
                    ) : (
                      <code>{shortRevision(version.revision)}</code>
                    )}
                  </td>
                  <td className={table.right}>
                    {version.revision === head.revision ? (
                      <span className={table.quiet}>
                        {head.removed ? '' : t('versions.head', 'the saved document')}
                      </span>
                    ) : (
                      !version.removed && (
                        <PermissionButton
                          right="bind"
                          blocked={blocked}
                          size="sm"
                          variant="secondary"
                          icon="history"
                          tooltip={t('versions.restore-tooltip', 'Shows first what would change.')}
                          data-testid={testIds.restore(version.number)}
                          onClick={() => setUrl({ restore: String(version.number) })}
                        >
                          {t('versions.restore', 'Restore')}
                        </PermissionButton>
                      )
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {head && restoring && !restoring.removed && (
        <RestoreDocument
          kind={kind}
          name={name}
          head={head}
          version={restoring}
          onClose={() => setUrl({ restore: undefined })}
        />
      )}
    </div>
  );
}

interface RestoreProps extends Omit<Props, 'blocked'> {
  head: DocumentVersion;
  version: DocumentVersion;
  onClose: () => void;
}

function RestoreDocument({ kind, name, head, version, onClose }: RestoreProps) {
  const before = useDocumentVersion(kind, name, head.number);
  const after = useDocumentVersion(kind, name, version.number);
  const restore = useRestoreDocument(kind, name);
  const problem = before.error ?? after.error;
  return (
    <Modal
      isOpen
      title={t('restore.title', 'Restore version {{number}}?', { number: version.number })}
      onDismiss={onClose}
    >
      <Stack direction="column" gap={2}>
        <span>
          {t(
            'restore.body',
            'Its text is saved again as a new version; no version is lost. Nothing changes on any interface until it is applied. Beside the saved document:'
          )}
        </span>
        {problem && (
          <ProblemAlert problem={problem} onRetry={() => void Promise.all([before.refetch(), after.refetch()])} />
        )}
        {!problem && !(before.data && after.data) && <SkeletonLines lines={5} />}
        {before.data && after.data && <TextDiff before={before.data.source} after={after.data.source} />}
        {restore.error && (
          <ProblemAlert problem={restore.error} onRemove={restore.reset}>
            {restore.error.findings.length > 0 && <FindingList findings={restore.error.findings} />}
          </ProblemAlert>
        )}
      </Stack>
      <Modal.ButtonRow>
        <Button variant="secondary" fill="outline" onClick={onClose}>
          {t('restore.dismiss', 'Cancel')}
        </Button>
        <PermissionButton
          right="bind"
          blocked={restore.isPending ? t('restore.pending', 'Being saved…') : ''}
          data-testid={testIds.restoreConfirm}
          onClick={() =>
            restore.mutate(
              { number: version.number, baseRevision: head.removed ? null : head.revision },
              { onSuccess: onClose }
            )
          }
        >
          {t('restore.confirm', 'Restore')}
        </PermissionButton>
      </Modal.ButtonRow>
    </Modal>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), marginTop: theme.spacing(2) }),
});
