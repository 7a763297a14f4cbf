import React, { useState, type FormEvent } from 'react';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { Button, Field, Input, Modal, Stack, useStyles2 } from '@grafana/ui';
import { ModalFoot, ProblemAlert, SkeletonLines } from '../../components/index.ts';
import { useTemplates } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { blank, named } from './newDocument.ts';
import { whyNotThisName } from './policyName.ts';
import { startPolicy } from './startPolicy.ts';
import { TemplateGallery } from './TemplateGallery.tsx';

const EXAMPLE = 'branch-edge';
/** What most who begin need. */
const FIRST = 'small-branch-voice';

/** Asks for a name and what to start from: the rest is the document's own business. Nothing is saved before the operator saves. */
export function NewPolicyModal({ taken, onClose }: { taken: string[]; onClose: () => void }) {
  const styles = useStyles2(getStyles);
  const templates = useTemplates();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState(FIRST);
  const wrong = whyNotThisName(name, taken);
  const template = templates.data?.find((item) => item.name === chosen);

  const create = (event: FormEvent) => {
    event.preventDefault();
    if (name && !wrong) {
      startPolicy(name, template ? named(template.source, name) : blank(name));
    }
  };

  return (
    <Modal title={t('new-policy.title', 'New policy')} isOpen onDismiss={onClose} className={styles.modal}>
      <form onSubmit={create}>
        <Stack direction="column" gap={2}>
          <Field
            noMargin
            label={t('new-policy.name', 'Name')}
            description={t(
              'new-policy.name-description',
              'Lower-case letters, digits and hyphens. It names the policy for good: in bindings, deployments and reports.'
            )}
            invalid={wrong !== ''}
            error={wrong}
          >
            <Input
              id="new-policy-name"
              autoFocus
              value={name}
              placeholder={EXAMPLE}
              onChange={(event) => setName(event.currentTarget.value)}
              data-testid={testIds.newPolicyName}
            />
          </Field>
          {templates.isPending && !templates.error && <SkeletonLines lines={6} />}
          {templates.error && (
            <ProblemAlert
              problem={templates.error}
              consequence={t('new-policy.no-templates', 'The policy starts blank.')}
              onRetry={() => void templates.refetch()}
            />
          )}
          {templates.data && (
            <TemplateGallery templates={templates.data} chosen={template ? chosen : ''} onChoose={setChosen} />
          )}
        </Stack>
        <ModalFoot onCancel={onClose}>
          <Button
            type="submit"
            disabled={!name || wrong !== '' || (templates.isPending && !templates.error)}
            data-testid={testIds.newPolicyCreate}
          >
            {t('new-policy.create', 'Write it')}
          </Button>
        </ModalFoot>
      </form>
    </Modal>
  );
}

const getStyles = () => ({ modal: css({ width: 'min(1000px, 95vw)' }) });
