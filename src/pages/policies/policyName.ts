import { t } from '@grafana/i18n';

/** The rule for names of documents (policy language, "Documents"). */
const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** Why a new policy cannot be called this, or an empty string. */
export function whyNotThisName(name: string, taken: readonly string[]): string {
  if (taken.includes(name)) {
    return t('new-policy.taken', 'A policy of this name exists already.');
  }
  return name === '' || NAME.test(name)
    ? ''
    : t(
        'new-policy.rule',
        'A name begins with a lower-case letter and holds lower-case letters, digits and hyphens, at most 63.'
      );
}
