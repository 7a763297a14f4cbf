/** What a modal ends with: the way out, and beside it what it is there to do. */
import React, { type ReactNode } from 'react';
import { t } from '@grafana/i18n';
import { Button, Modal } from '@grafana/ui';

export function ModalFoot({ onCancel, children }: { onCancel: () => void; children: ReactNode }) {
  return (
    <Modal.ButtonRow>
      <Button variant="secondary" fill="outline" onClick={onCancel}>
        {t('modal.cancel', 'Cancel')}
      </Button>
      {children}
    </Modal.ButtonRow>
  );
}
