/** What one version means beside another, a sentence for each thing. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Icon, useStyles2 } from '@grafana/ui';
import type { Comparison, PolicyChange, Versioned } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';

const icons: Record<PolicyChange['kind'], IconName> = {
  added: 'plus-circle',
  removed: 'minus-circle',
  changed: 'pen',
  moved: 'arrows-v',
  reclassified: 'exchange-alt',
};

interface Props {
  kind: Versioned;
  comparison: Comparison;
}

export function ChangeList({ kind, comparison: { changes, unreadable } }: Props) {
  const styles = useStyles2(getStyles);
  if (!changes && unreadable.length === 0) {
    return (
      <p data-testid={testIds.changes}>{t('versions.deleted', 'The document was deleted. All of its text returns:')}</p>
    );
  }
  if (!changes) {
    return (
      <p data-testid={testIds.changes}>
        {t('versions.unreadable', '', {
          count: unreadable.length,
          versions: unreadable.join(', '),
          defaultValue_one:
            'Version {{versions}} cannot be read by this version of Clearpath, so only the texts can be compared.',
          defaultValue_other:
            'Versions {{versions}} cannot be read by this version of Clearpath, so only the texts can be compared.',
        })}
      </p>
    );
  }
  if (changes.length === 0) {
    return (
      <p data-testid={testIds.changes}>
        {kind === 'policies'
          ? t('versions.no-effect', 'No effect on traffic: at most comments, descriptions and spelling differ.')
          : t('versions.no-other', 'It says the same: at most comments, descriptions and spelling differ.')}
      </p>
    );
  }
  return (
    <ul className={styles.list} data-testid={testIds.changes}>
      {changes.map(({ kind, path, text }) => (
        <li key={`${path} ${text}`} title={path} data-testid={testIds.change} data-kind={kind}>
          <Icon name={icons[kind]} size="sm" className={styles.icon} /> {text}
        </li>
      ))}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', display: 'flex', flexDirection: 'column', gap: theme.spacing(0.5) }),
  icon: css({ color: theme.colors.text.secondary }),
});
