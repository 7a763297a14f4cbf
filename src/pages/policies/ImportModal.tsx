/** What is on an interface, by whomever, as a policy: shown with what it does not say, then opened as an unsaved draft. */
import React, { useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Alert, Button, Field, Input, Modal, RadioButtonGroup, Stack, useStyles2 } from '@grafana/ui';
import { ModalFoot, ProblemAlert, SkeletonLines } from '../../components/index.ts';
import { useImport, useTargets, type ImportedPolicy, type TargetSummary } from '../../data/index.ts';
import { raw } from '../../locales/raw.ts';
import { testIds } from '../../testIds.ts';
import { Choice } from './Choice.tsx';
import { whyNotThisName } from './policyName.ts';
import { RemarkList } from './RemarkList.tsx';
import { Soundness } from './Soundness.tsx';
import { startPolicy } from './startPolicy.ts';

type Direction = ImportedPolicy['direction'];
interface Props {
  taken: string[];
  /** Chosen before, e.g. where a foreign tree was met */
  target?: string;
  device?: string;
  direction?: Direction;
  onClose: () => void;
}

const firstOf = (targets: readonly TargetSummary[]) => targets.find(({ interfaces }) => interfaces.length > 0);

export function ImportModal({ taken, onClose, ...chosen }: Props) {
  const styles = useStyles2(getStyles);
  const targets = useTargets();
  const [wanted, setWanted] = useState(chosen);
  const target = targets.data?.find(({ name }) => name === wanted.target) ?? firstOf(targets.data ?? []);
  const device = wanted.device && target?.interfaces.includes(wanted.device) ? wanted.device : target?.interfaces[0];
  const direction = wanted.direction ?? 'egress';
  const reading = useImport(target?.name ?? '');
  const [name, setName] = useState('');
  const wrong = whyNotThisName(name, taken);
  const ready = target !== undefined && device !== undefined && wrong === '' && !reading.isPending;
  const found = reading.data;
  const clash = found ? whyNotThisName(found.name, taken) : '';

  const choose = (next: { target?: string; device?: string; direction?: Direction }) => {
    setWanted({ direction, ...next });
    reading.reset();
  };
  const read = () => ready && reading.mutate({ interface: device, direction, ...(name && { policy: name }) });

  return (
    <Modal title={t('import.title', 'Import from an interface')} isOpen onDismiss={onClose} className={styles.modal}>
      <div data-testid={testIds.importModal}>
        <Stack direction="column" gap={2}>
          {targets.error && <ProblemAlert problem={targets.error} onRetry={() => void targets.refetch()} />}
          {targets.isPending && !targets.error && <SkeletonLines lines={3} />}
          {targets.data?.length === 0 && (
            <Trans i18nKey="import.no-target">There is no target yet, so there is no interface to read.</Trans>
          )}
          {target && (
            <Stack gap={2} wrap="wrap" alignItems="flex-end">
              <Field noMargin label={t('import.target', 'Target')}>
                <Choice
                  options={(targets.data ?? []).map((item) => ({
                    value: item.name,
                    description: item.message ?? item.site,
                  }))}
                  value={target.name}
                  label={t('import.target', 'Target')}
                  onChange={(value) => choose({ target: value })}
                />
              </Field>
              <Field noMargin label={t('import.interface', 'Interface')}>
                <Choice
                  options={target.interfaces.map((value) => ({ value }))}
                  value={device ?? ''}
                  label={t('import.interface', 'Interface')}
                  onChange={(value) => choose({ target: target.name, device: value })}
                />
              </Field>
              <Field noMargin label={t('import.direction', 'Direction')}>
                <RadioButtonGroup
                  options={[
                    { value: 'egress', label: t('import.leaves', 'What leaves by it') },
                    { value: 'ingress', label: t('import.receives', 'What it receives') },
                  ]}
                  value={direction}
                  aria-label={t('import.direction', 'Direction')}
                  onChange={(value: Direction) => choose({ target: target.name, device, direction: value })}
                />
              </Field>
              <Field noMargin label={t('import.name', 'Name of the policy')} invalid={wrong !== ''} error={wrong}>
                <Input
                  id="import-name"
                  value={name}
                  placeholder={found?.name ?? `${device ?? ''}${direction === 'ingress' ? '-ingress' : ''}-imported`}
                  onChange={(event) => {
                    setName(event.currentTarget.value);
                    reading.reset();
                  }}
                  width={28}
                />
              </Field>
              <Button icon="download-alt" disabled={!ready} onClick={read} data-testid={testIds.importRead}>
                {t('import.read', 'Read it')}
              </Button>
            </Stack>
          )}
          {reading.error && <ProblemAlert problem={reading.error} />}
          {reading.isPending && <SkeletonLines lines={8} height={3} />}
          {found && (
            <>
              <Stack alignItems="center" gap={2}>
                <span>{found.live}</span>
                <Soundness
                  errors={found.findings.filter(({ severity }) => severity === 'error').length}
                  warnings={found.findings.filter(({ severity }) => severity === 'warning').length}
                />
              </Stack>
              {found.direction === 'ingress' && (
                <Alert
                  severity="info"
                  title={t('import.ingress', 'Bind it with direction: ingress, for what {{interface}} receives', {
                    ...raw,
                    interface: device,
                  })}
                  bottomSpacing={0}
                />
              )}
              <RemarkList remarks={found.remarks} />
              <pre className={styles.document} data-testid={testIds.importDocument}>
                {found.source}
              </pre>
            </>
          )}
        </Stack>
        <ModalFoot onCancel={onClose}>
          <Button
            disabled={!found || clash !== ''}
            tooltip={clash || undefined}
            onClick={() => found && startPolicy(found.name, found.source)}
            data-testid={testIds.importOpen}
          >
            {t('import.open', 'Open as a draft')}
          </Button>
        </ModalFoot>
      </div>
    </Modal>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  modal: css({ width: 'min(1000px, 95vw)' }),
  document: css({
    maxHeight: '40vh',
    overflow: 'auto',
    margin: 0,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
