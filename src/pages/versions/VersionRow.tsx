import React from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { Moment, PermissionButton, StateLabel, getTableStyles } from '../../components/index.ts';
import type { Right } from '../../components/permissions.ts';
import { shortRevision } from '../../components/units.ts';
import type { Version } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';

interface Props {
  version: Version;
  right: Right;
  isHead: boolean;
  from: boolean;
  to: boolean;
  /** Why it cannot be restored; empty when it can */
  blocked: string;
  onFrom: () => void;
  onTo: () => void;
  onRestore: () => void;
}

/** One save: when, by whom, of a policy where it is in force; and the two sides of a comparison to choose it for. */
export function VersionRow({ version, right, isHead, from, to, blocked, onFrom, onTo, onRestore }: Props) {
  const table = useStyles2(getTableStyles);
  const styles = useStyles2(getStyles);
  const { number, removed, inForce } = version;
  return (
    <tr data-testid={testIds.version(number)}>
      <Side
        name="version-from"
        label={t('versions.pick-from', 'Compare from version {{number}}', { number })}
        disabled={removed}
        chosen={from}
        onChoose={onFrom}
      />
      <Side
        name="version-to"
        label={t('versions.pick-to', 'Compare with version {{number}}', { number })}
        disabled={removed}
        chosen={to}
        onChoose={onTo}
      />
      <td className={table.number}>{number}</td>
      <td className={table.number}>
        {dateTimeFormat(version.savedAt)}{' '}
        <span className={table.quiet}>
          <Moment at={version.savedAt} />
        </span>
      </td>
      <td>{version.savedBy}</td>
      <td>{removed ? t('versions.removed', 'Deleted') : <code>{shortRevision(version.revision)}</code>}</td>
      {inForce && (
        <td>
          {inForce.length > 0 && (
            <StateLabel
              icon="check-circle"
              tone="good"
              word={inForce.join(', ')}
              title={t('versions.in-force', 'Interfaces that carry this revision')}
            />
          )}
        </td>
      )}
      <td className={styles.action}>
        {isHead && !removed && <span className={table.quiet}>{t('versions.head', 'the saved document')}</span>}
        {!isHead && !removed && (
          <PermissionButton
            right={right}
            blocked={blocked}
            size="sm"
            variant="secondary"
            icon="history"
            tooltip={t('versions.restore-tooltip', 'Shows first what would change.')}
            data-testid={testIds.restore(number)}
            onClick={onRestore}
          >
            {t('versions.restore', 'Restore')}
          </PermissionButton>
        )}
      </td>
    </tr>
  );
}

interface SideProps {
  /** Of the radio buttons of all rows */
  name: string;
  label: string;
  disabled: boolean;
  chosen: boolean;
  onChoose: () => void;
}

/** One side of the comparison. */
function Side({ name, label, disabled, chosen, onChoose }: SideProps) {
  return (
    <td>
      <input type="radio" name={name} aria-label={label} disabled={disabled} checked={chosen} onChange={onChoose} />
    </td>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  action: css({
    '&&': { textAlign: 'right', paddingTop: 0, paddingBottom: 0, height: theme.spacing(5) },
    whiteSpace: 'nowrap',
  }),
});
