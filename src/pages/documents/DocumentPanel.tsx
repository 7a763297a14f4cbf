/** A binding or target as a document: left the text, right what the sidecar says of it, above what may be done with it. */
import React, { useMemo, useRef, useState } from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Alert, EmptyState, Stack, useStyles2 } from '@grafana/ui';
import { useLocation } from 'react-router';
import { PermissionButton, ProblemAlert, SkeletonLines } from '../../components/index.ts';
import { useWhyNot } from '../../components/permissions.ts';
import { useDocument, useDocumentJudgement, useSaveDocument, type DocumentKind } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { startOf } from '../policies/startPolicy.ts';
import { DocumentEditor, type EditorHandle } from '../policy/document/DocumentEditor.tsx';
import { EditState } from '../policy/document/EditState.tsx';
import { countOf, FindingsCard } from '../policy/document/FindingsCard.tsx';
import { SaveProblem } from '../policy/document/SaveProblem.tsx';
import { currentDraft, freshDraft, isConflicting, isDirty, rebase, type Draft } from '../policy/draft.ts';
import { useDebounced } from '../policy/useDebounced.ts';
import { useLeaveGuard } from '../policy/useLeaveGuard.tsx';
import { useUrlState } from '../urlState.ts';
import { useLatest } from '../useLatest.ts';
import { DeleteDocument } from './DeleteDocument.tsx';
import { filedIn } from './filed.ts';
import { startText } from './startText.ts';

interface Props {
  kind: DocumentKind;
  name: string;
  /** Kept while another tab is looked at, so that nothing typed is lost */
  visible: boolean;
}

const NOTHING = { policy: undefined, policies: [], target: undefined };

export function DocumentPanel({ kind, name, visible }: Props) {
  const styles = useStyles2(getStyles);
  const [url, setUrl] = useUrlState();
  const { state } = useLocation();
  const stored = useDocument(kind, name);
  const missing = stored.error?.trouble === 'not-found';
  const head = missing ? undefined : stored.data;
  const [edited, setEdited] = useState<Draft | null>(null);
  const isNew = url.get('new') === 'true' && missing;
  const fresh = useMemo(() => freshDraft(startOf(state) ?? startText(kind, name, NOTHING)), [kind, name, state]);
  const draft = currentDraft(edited, head, isNew ? fresh : null);
  const save = useSaveDocument(kind, name);
  const editor = useRef<EditorHandle>(null);
  const dirty = draft !== null && isDirty(draft);
  const guard = useLeaveGuard(dirty && !save.isPending);

  const settled = useDebounced(draft?.text ?? '', 300);
  const judgement = useDocumentJudgement(kind, name, settled, draft !== null && settled !== '');
  const judged = settled === draft?.text && !judgement.isPlaceholderData;
  const findings = judgement.data?.findings ?? [];
  const errors = countOf(findings, 'error');

  const filed = filedIn(head);
  const blocked =
    filed ||
    (!dirty
      ? t('policy.save-clean', 'Nothing to save: the document is as it was last saved.')
      : save.isPending
        ? t('policy.save-pending', 'Being saved…')
        : errors > 0
          ? t('policy.save-errors', '', {
              count: errors,
              defaultValue_one: 'Not while the document has an error: see Findings.',
              defaultValue_other: 'Not while the document has {{count}} errors: see Findings.',
            })
          : '');
  const mayNot = useWhyNot('bind');
  const trySave = useLatest(() => {
    if (draft && !blocked && !mayNot) {
      save.mutate(
        { source: draft.text, baseRevision: draft.base.revision },
        {
          onSuccess: (saved) => {
            setEdited((current) => current && rebase(current, saved));
            setUrl({ new: undefined }, { replace: true });
          },
        }
      );
    }
  });

  return (
    <div className={styles.page} hidden={!visible} data-testid={testIds.document}>
      {guard}
      {stored.error && !missing && <ProblemAlert problem={stored.error} onRetry={() => void stored.refetch()} />}
      {missing && !draft && (
        <EmptyState
          variant="not-found"
          hideImage
          message={t('document.not-found', 'No document of this name is stored')}
        >
          {t('document.not-found-text', 'If it was deleted, the tab Versions has its texts and brings it back.')}
        </EmptyState>
      )}
      {!draft && !stored.error && <SkeletonLines lines={10} />}
      {draft && (
        <>
          {filed && (
            <Alert severity="info" title={t('document.filed-title', 'Read-only here')} bottomSpacing={0}>
              {filed}{' '}
              {t(
                'document.filed-text',
                'The file is read at every start of the sidecar; taken out of it, the document stays as it is and is edited here.'
              )}
            </Alert>
          )}
          {head && !head.readable && !dirty && (
            <Alert
              severity="error"
              title={t('document.unreadable', 'This version of Clearpath does not take the stored text')}
              bottomSpacing={0}
            >
              {t(
                'document.unreadable-text',
                'It acts nowhere. What it brought into force stays in force. Correct what is named below, or restore an earlier version.'
              )}
            </Alert>
          )}
          <SaveProblem
            problem={save.error}
            head={isConflicting(draft, head) && !save.isPending ? head : undefined}
            onTakeTheirs={() => {
              setEdited(null);
              save.reset();
            }}
            onKeepMine={() => {
              if (head) {
                setEdited(rebase(draft, head));
              }
              save.reset();
            }}
            onDismiss={save.reset}
          />
          <div className={styles.bar}>
            <EditState draft={draft} head={head} saving={save.isPending} />
            <Stack gap={1}>
              {head && (
                <DeleteDocument
                  kind={kind}
                  name={name}
                  revision={head.revision}
                  blocked={filed || (dirty ? t('document.delete-dirty', 'Save or undo your changes first.') : '')}
                />
              )}
              <PermissionButton
                right="bind"
                blocked={blocked}
                icon="save"
                data-testid={testIds.save}
                onClick={() => trySave.current()}
              >
                {t('policy.save', 'Save')}
              </PermissionButton>
            </Stack>
          </div>
          <div className={styles.panes}>
            <DocumentEditor
              ref={editor}
              value={draft.text}
              findings={findings}
              readOnly={filed !== ''}
              onChange={(text) => setEdited({ text, base: draft.base })}
              onSave={() => trySave.current()}
            />
            <div className={cx(!judged && styles.aging)}>
              <FindingsCard
                findings={judgement.data?.findings}
                judged={judged}
                none={
                  kind === 'bindings'
                    ? t(
                        'document.binding-sound',
                        'Policy, target and interfaces are there, and no other binding is in the way.'
                      )
                    : t('document.target-sound', 'Every binding that names it finds what it needs.')
                }
                onOpen={(finding) => finding.line && editor.current?.jump(finding.line, finding.column)}
              >
                {judgement.error && (
                  <ProblemAlert
                    problem={judgement.error}
                    onRetry={() => void judgement.refetch()}
                    consequence={t(
                      'judgement.consequence',
                      'The document was not checked. Your text stays in the editor.'
                    )}
                  />
                )}
                {!judgement.data && !judgement.error && <SkeletonLines lines={3} />}
              </FindingsCard>
            </div>
          </div>
        </>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(2),
    marginTop: theme.spacing(2),
    '&[hidden]': { display: 'none' },
  }),
  bar: css({ display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: theme.spacing(2) }),
  panes: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 3fr) minmax(0, 2fr)',
    alignItems: 'start',
    gap: theme.spacing(2),
    [theme.breakpoints.down('lg')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
  aging: css({ opacity: 0.75 }),
});
