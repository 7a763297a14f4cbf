/** What another hand changed, as an edit of the document: shown as a diff first, then put into the draft. Nothing is saved. */
import React, { useEffect } from 'react';
import { t } from '@grafana/i18n';
import { Button, Drawer, Stack } from '@grafana/ui';
import { PermissionButton, ProblemAlert, sideText, SkeletonLines } from '../../../components/index.ts';
import { useAdopt, type BindingSummary } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';
import { testIds } from '../../../testIds.ts';
import { FindingList } from '../document/FindingList.tsx';
import { TextDiff } from '../../versions/TextDiff.tsx';
import { DriftItems } from './DriftItems.tsx';

interface Props {
  binding: BindingSummary;
  /** The document as it is open, saved or not */
  text: string;
  onAdopt: (text: string) => void;
  onClose: () => void;
}

export function AdoptDrawer({ binding, text, onAdopt, onClose }: Props) {
  const { data, error, mutate } = useAdopt(binding.name);
  useEffect(() => mutate({ source: text }), [mutate, text]);
  const blocked = !data
    ? t('adopt.pending', 'What would change in the document is not known yet.')
    : data.adopted.length === 0
      ? t('adopt.nothing', 'None of it can be said in the document.')
      : '';
  return (
    <Drawer
      size="lg"
      title={t('adopt.title', 'Adopt from {{interface}} into the policy', { ...raw, interface: sideText(binding) })}
      subtitle={t('adopt.subtitle', 'The document gets the live figures. Nothing is saved until you save it.')}
      onClose={onClose}
    >
      <div data-testid={testIds.adoption}>
        <Stack direction="column" gap={2}>
          {error && (
            <ProblemAlert problem={error} onRetry={() => mutate({ source: text })}>
              {error.findings.length > 0 && <FindingList findings={error.findings} />}
            </ProblemAlert>
          )}
          {!data && !error && <SkeletonLines lines={6} />}
          {data && data.adopted.length > 0 && <TextDiff before={text} after={data.source} />}
          {data && data.left.length > 0 && (
            <section data-testid={testIds.adoptionLeft}>
              <h5>{t('adopt.left', 'Not adopted')}</h5>
              <DriftItems items={data.left} />
            </section>
          )}
          <Stack gap={1} justifyContent="flex-end">
            <Button variant="secondary" onClick={onClose}>
              {t('adopt.dismiss', 'Cancel')}
            </Button>
            <PermissionButton
              right="draft"
              blocked={blocked}
              icon="check"
              data-testid={testIds.adoptApply}
              onClick={() => data && onAdopt(data.source)}
            >
              {t('adopt.apply', 'Put into the draft')}
            </PermissionButton>
          </Stack>
        </Stack>
      </div>
    </Drawer>
  );
}
