/** A button that says why it cannot be pressed: first the missing role, then whatever else stands in the way. */
import React, { type ReactNode } from 'react';
import { Button, type ButtonVariant } from '@grafana/ui';
import type { IconName } from '@grafana/data';
import { useWhyNot, type Right } from './permissions.ts';

interface Props {
  right: Right;
  /** Another reason not to, in words; empty when there is none. */
  blocked?: string;
  variant?: ButtonVariant;
  fill?: 'solid' | 'outline' | 'text';
  size?: 'sm' | 'md';
  icon?: IconName;
  tooltip?: string;
  'data-testid': string;
  onClick: () => void;
  children: ReactNode;
}

export function PermissionButton({ right, blocked = '', tooltip, children, ...button }: Props) {
  const reason = useWhyNot(right) || blocked;
  return (
    <Button {...button} disabled={reason !== ''} tooltip={reason || tooltip}>
      {children}
    </Button>
  );
}
