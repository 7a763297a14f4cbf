/**
 * Asks before unsaved edits are left behind. Built on Grafana's own history: react-router's `useBlocker` needs a data router,
 * which Grafana has none of. Moves within the page (tabs, selections) pass.
 */
import React, { useEffect, useRef, useState } from 'react';
import { t } from '@grafana/i18n';
import { locationService } from '@grafana/runtime';
import { ConfirmModal } from '@grafana/ui';

type Destination = ReturnType<typeof locationService.getLocation>;

export function useLeaveGuard(dirty: boolean): React.ReactNode {
  const [wanted, setWanted] = useState<Destination | null>(null);
  const leaving = useRef(false);

  useEffect(() => {
    if (!dirty) {
      return;
    }
    leaving.current = false;
    return locationService.getHistory().block((to: Destination) => {
      if (leaving.current || to.pathname === locationService.getLocation().pathname) {
        return undefined;
      }
      setWanted(to);
      return false;
    });
  }, [dirty]);

  useEffect(() => {
    if (!dirty) {
      return;
    }
    // Closing the tab or reloading: the browser asks in its own words.
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [dirty]);

  const leave = () => {
    if (wanted) {
      leaving.current = true;
      setWanted(null);
      // Path, query string and fragment: orgId and selections of the page one goes to are kept.
      locationService.push(wanted);
    }
  };

  return (
    <ConfirmModal
      isOpen={wanted !== null}
      title={t('leave.title', 'Leave without saving?')}
      body={t('leave.body', 'The document has changes that are not saved. They are lost when you leave this page.')}
      confirmText={t('leave.confirm', 'Leave and lose them')}
      dismissText={t('leave.dismiss', 'Stay')}
      onConfirm={leave}
      onDismiss={() => setWanted(null)}
    />
  );
}
