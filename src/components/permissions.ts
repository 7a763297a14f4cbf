/** What the caller may do, as the sidecar says, and the sentence for what they may not. */
import { t } from '@grafana/i18n';
import { useWhoami, type Caller } from '../data/index.ts';

export type Right = Caller['can'][number];

/** Why a right is missing, in words; empty while it is there. */
export function whyNot(caller: Caller | undefined, right: Right): string {
  if (!caller) {
    return t('permission.unknown', 'The sidecar has not said yet what you may do.');
  }
  if (caller.can.includes(right)) {
    return '';
  }
  if (caller.login === null && right !== 'read' && right !== 'plan') {
    return t('permission.no-login', 'Sign in first: every change is recorded with a name.');
  }
  const role = { role: caller.role };
  switch (right) {
    case 'read':
      return t('permission.read', 'Reading needs the role Viewer or higher.');
    case 'draft':
      return t(
        'permission.draft',
        'Saving and deleting policies needs the role Editor or Admin. Yours is {{role}}.',
        role
      );
    case 'plan':
      return t('permission.plan', 'Planning needs the role Editor or Admin. Yours is {{role}}.', role);
    case 'prove':
      return t('permission.prove', 'Proving needs the role Editor or Admin. Yours is {{role}}.', role);
    case 'bind':
      return t(
        'permission.bind',
        'Saving and deleting bindings and targets needs the role Admin. Yours is {{role}}.',
        role
      );
    case 'apply':
      return t('permission.apply', 'Applying needs the role Admin. Yours is {{role}}.', role);
    case 'rollback':
      return t('permission.rollback', 'Rolling back needs the role Admin. Yours is {{role}}.', role);
  }
}

export function useWhyNot(right: Right): string {
  return whyNot(useWhoami().data, right);
}
