import React, { useState, type FormEvent } from 'react';
import { t } from '@grafana/i18n';
import { locationService } from '@grafana/runtime';
import { Button, Field, Input, Modal } from '@grafana/ui';
import { APP_ROOT } from '../../constants.ts';
import { testIds } from '../../testIds.ts';
import { whyNotThisName } from './policyName.ts';

const EXAMPLE = 'branch-edge';

/** Asks for the name only: the rest is the document's own business. Nothing is saved before the operator saves. */
export function NewPolicyModal({ taken, onClose }: { taken: string[]; onClose: () => void }) {
  const [name, setName] = useState('');
  const wrong = whyNotThisName(name, taken);

  const create = (event: FormEvent) => {
    event.preventDefault();
    if (name && !wrong) {
      locationService.push(`${APP_ROOT}/policies/${name}?new=true`);
    }
  };

  return (
    <Modal title={t('new-policy.title', 'New policy')} isOpen onDismiss={onClose}>
      <form onSubmit={create}>
        <Field
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
        <Modal.ButtonRow>
          <Button variant="secondary" fill="outline" onClick={onClose}>
            {t('new-policy.cancel', 'Cancel')}
          </Button>
          <Button type="submit" disabled={!name || wrong !== ''} data-testid={testIds.newPolicyCreate}>
            {t('new-policy.create', 'Write it')}
          </Button>
        </Modal.ButtonRow>
      </form>
    </Modal>
  );
}
