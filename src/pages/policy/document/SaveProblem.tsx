/** Why a save did not happen; and when somebody else saved first, the two ways on. Neither is taken without being asked for. */
import React from 'react';
import { dateTimeFormat } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Alert, Box, Button, Stack } from '@grafana/ui';
import { ProblemAlert } from '../../../components/index.ts';
import { shortRevision } from '../../../components/units.ts';
import type { PolicyDetail, ProblemError } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';
import { FindingList } from './FindingList.tsx';

interface Props {
  problem: ProblemError | null;
  /** The head that somebody else saved while this document was being edited. */
  head: Pick<PolicyDetail, 'revision' | 'updatedBy' | 'updatedAt'> | undefined;
  onTakeTheirs: () => void;
  onKeepMine: () => void;
  onDismiss: () => void;
}

export function SaveProblem({ problem, head, onTakeTheirs, onKeepMine, onDismiss }: Props) {
  if (head) {
    return (
      <Alert severity="warning" title={t('conflict.title', 'Somebody else has saved this document meanwhile')}>
        <Stack direction="column" gap={1}>
          {t(
            'conflict.detail',
            '{{who}} saved revision {{revision}} on {{when}}. Your changes started from an earlier one and are not saved; nothing was overwritten.',
            {
              ...raw,
              who: head.updatedBy,
              revision: shortRevision(head.revision),
              when: dateTimeFormat(head.updatedAt),
            }
          )}
          <Stack gap={1}>
            <Button size="sm" variant="secondary" onClick={onTakeTheirs}>
              <Trans i18nKey="conflict.theirs">Load theirs, drop my changes</Trans>
            </Button>
            <Button size="sm" variant="secondary" fill="outline" onClick={onKeepMine}>
              <Trans i18nKey="conflict.mine">Keep my text; saving then replaces theirs</Trans>
            </Button>
          </Stack>
        </Stack>
      </Alert>
    );
  }
  if (!problem) {
    return null;
  }
  return (
    <Box marginBottom={2}>
      <ProblemAlert problem={problem} onRemove={onDismiss}>
        {problem.findings.length > 0 && <FindingList findings={problem.findings} />}
      </ProblemAlert>
    </Box>
  );
}
