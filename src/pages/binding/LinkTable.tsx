/** Each interface of a binding: its state, whose turn it is and until when, and the values that the policy is read with there. */
import React from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { DataTable, Moment, StateLabel, getTableStyles } from '../../components/index.ts';
import { sayBindingState } from '../../components/said.ts';
import type { BindingSummary } from '../../data/index.ts';
import { raw } from '../../locales/raw.ts';
import { testIds } from '../../testIds.ts';
import { ValuesUsed } from '../policy/plan/ValuesUsed.tsx';

export function LinkTable({ links }: { links: BindingSummary[] }) {
  const table = useStyles2(getTableStyles);
  const styles = useStyles2(getStyles);
  const timed = links.some(({ turn }) => turn);
  const valued = links.some(({ variables }) => variables.length > 0);
  return (
    <DataTable
      heads={[
        t('links.interface', 'Interface'),
        t('bindings.states', 'State'),
        ...(timed ? [t('links.schedule', 'Schedule')] : []),
        ...(valued ? [t('links.values', 'Variables')] : []),
        t('links.why', 'What that means'),
      ]}
    >
      {links.map((link) => (
        <tr
          key={link.name}
          data-testid={testIds.bindingLink(link.name)}
          data-turn={link.turn ? (link.turn.on ? 'on' : 'off') : ''}
        >
          <td className={styles.place}>
            <code>{link.interface || '–'}</code> <span className={table.quiet}>{link.target}</span>
          </td>
          <td className={styles.place}>
            <StateLabel {...sayBindingState(link.state)} />
          </td>
          {timed && (
            <td>
              <Turn link={link} />
            </td>
          )}
          {valued && (
            <td>
              <ValuesUsed variables={link.variables} />
            </td>
          )}
          <td className={table.quiet}>{link.message}</td>
        </tr>
      ))}
    </DataTable>
  );
}

function Turn({ link: { turn, changesAt } }: { link: BindingSummary }) {
  const table = useStyles2(getTableStyles);
  if (!turn) {
    return <span className={table.quiet}>–</span>;
  }
  const when = changesAt === null ? '' : dateTimeFormat(changesAt);
  const now = turn.on
    ? t('links.own-turn', 'Its turn now')
    : turn.instead
      ? t('links.turn-of', 'Turn of {{binding}}', { ...raw, binding: turn.instead })
      : t('links.no-turn', 'Not its turn');
  return (
    <>
      <StateLabel icon={turn.on ? 'play' : 'clock-nine'} tone={turn.on ? 'good' : 'quiet'} word={now} />
      {changesAt !== null && (
        <div className={table.quiet}>
          {turn.on
            ? t('links.until', 'until {{when}}', { ...raw, when })
            : t('links.from', 'next from {{when}}', { ...raw, when })}{' '}
          (<Moment at={changesAt} />)
        </div>
      )}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  place: css({ whiteSpace: 'nowrap', paddingRight: theme.spacing(3) }),
});
