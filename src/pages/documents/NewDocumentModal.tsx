/** Asks for a name and, of a binding, what acts where: the rest is the document's own business. Nothing is saved before the operator saves. */
import React, { useState, type FormEvent } from 'react';
import { t } from '@grafana/i18n';
import { locationService } from '@grafana/runtime';
import { Button, Field, Input, Modal, Stack } from '@grafana/ui';
import { ModalFoot, ProblemAlert, SkeletonLines } from '../../components/index.ts';
import { APP_ROOT } from '../../constants.ts';
import { useDocuments, usePolicies, useTargets, type DocumentKind } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { Choice } from '../policies/Choice.tsx';
import { whyNotThisName } from '../policies/policyName.ts';
import type { Start } from '../policies/startPolicy.ts';
import { startText } from './startText.ts';

const EXAMPLE: Record<DocumentKind, string> = { bindings: 'branch-uplink', targets: 'branch-router' };

export function NewDocumentModal({ kind, onClose }: { kind: DocumentKind; onClose: () => void }) {
  const documents = useDocuments(kind);
  const policies = usePolicies();
  const targets = useTargets();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<{ policy?: string; target?: string }>({});
  const taken = documents.data?.some((item) => item.name === name)
    ? t('new-document.taken', 'A document of this name exists already.')
    : '';
  const wrong = taken || whyNotThisName(name, []);
  const policy = policies.data?.find((item) => item.name === chosen.policy) ?? policies.data?.[0];
  const target = targets.data?.find((item) => item.name === chosen.target) ?? targets.data?.[0];
  const problem = policies.error ?? targets.error;
  const asks = kind === 'bindings';
  const ready = !asks || (policies.data !== undefined && targets.data !== undefined) || problem !== null;

  const begin = (event: FormEvent) => {
    event.preventDefault();
    if (name && !wrong && ready) {
      const there = { policy: policy?.name, policies: policies.data?.map((item) => item.name) ?? [], target };
      locationService.push({
        pathname: `${APP_ROOT}/${kind}/${name}`,
        search: '?new=true&tab=document',
        state: { source: startText(kind, name, there) } satisfies Start,
      });
    }
  };

  return (
    <Modal
      isOpen
      title={asks ? t('new-document.binding', 'New binding') : t('new-document.target', 'New target')}
      onDismiss={onClose}
    >
      <form onSubmit={begin} data-testid={testIds.newDocumentModal}>
        <Stack direction="column" gap={2}>
          <span>
            {asks
              ? t(
                  'new-document.binding-text',
                  'A binding says which policy acts on which interfaces, and how it gets there.'
                )
              : t(
                  'new-document.target-text',
                  'A target is a machine whose interfaces bindings may name: this one, or a network namespace on it.'
                )}
          </span>
          <Field
            noMargin
            label={t('new-policy.name', 'Name')}
            description={t(
              'new-document.name-description',
              'Lower-case letters, digits and hyphens. It stays for good.'
            )}
            invalid={wrong !== ''}
            error={wrong}
          >
            <Input
              id="new-document-name"
              autoFocus
              value={name}
              placeholder={EXAMPLE[kind]}
              onChange={(event) => setName(event.currentTarget.value)}
              data-testid={testIds.newDocumentName}
            />
          </Field>
          {asks && problem && (
            <ProblemAlert
              problem={problem}
              consequence={t('new-document.unknown', 'The text begins with names to replace.')}
            />
          )}
          {asks && !ready && <SkeletonLines lines={3} />}
          {asks && policy && (
            <Field noMargin label={t('deployment.policy', 'Policy')}>
              <Choice
                label={t('deployment.policy', 'Policy')}
                options={(policies.data ?? []).map((item) => ({ value: item.name, description: item.description }))}
                value={policy.name}
                onChange={(value) => setChosen({ ...chosen, policy: value })}
              />
            </Field>
          )}
          {asks && target && (
            <Field noMargin label={t('import.target', 'Target')}>
              <Choice
                label={t('import.target', 'Target')}
                options={(targets.data ?? []).map((item) => ({ value: item.name, description: item.site }))}
                value={target.name}
                onChange={(value) => setChosen({ ...chosen, target: value })}
              />
            </Field>
          )}
          {asks && targets.data?.length === 0 && (
            <span>
              {t('new-document.no-target', 'There is no target yet: make one first, a binding has to name it.')}
            </span>
          )}
        </Stack>
        <ModalFoot onCancel={onClose}>
          <Button type="submit" disabled={!name || wrong !== '' || !ready} data-testid={testIds.newDocumentCreate}>
            {t('new-policy.create', 'Write it')}
          </Button>
        </ModalFoot>
      </form>
    </Modal>
  );
}
