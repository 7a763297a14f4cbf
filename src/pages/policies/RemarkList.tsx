/** What a policy made of a tree does not say as the tree did. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { StateLabel } from '../../components/index.ts';
import type { ImportedPolicy } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';

type Remark = ImportedPolicy['remarks'][number];

export function RemarkList({ remarks }: { remarks: Remark[] }) {
  const styles = useStyles2(getStyles);
  if (remarks.length === 0) {
    return <div>{t('import.exact', 'The policy says everything that the tree did.')}</div>;
  }
  return (
    <ul className={styles.list} data-testid={testIds.importRemarks}>
      {remarks.map(({ kind, object, message }) => (
        <li key={`${kind} ${object} ${message}`} className={styles.item} data-kind={kind}>
          <StateLabel {...said[kind]()} />
          <span>
            <code>{object}</code> {message}
          </span>
        </li>
      ))}
    </ul>
  );
}

const said = {
  'left-out': () => ({ icon: 'minus-circle', tone: 'bad', word: t('import.left-out', 'Left out') }) as const,
  approximate: () => ({ icon: 'exclamation-triangle', tone: 'warn', word: t('import.approximate', 'Nearly') }) as const,
  notice: () => ({ icon: 'info-circle', tone: 'quiet', word: t('import.notice', 'Note') }) as const,
} satisfies Record<Remark['kind'], () => unknown>;

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', maxHeight: '24vh', overflow: 'auto' }),
  item: css({
    display: 'grid',
    gridTemplateColumns: '110px 1fr',
    gap: theme.spacing(1),
    padding: theme.spacing(0.5, 0),
  }),
});
