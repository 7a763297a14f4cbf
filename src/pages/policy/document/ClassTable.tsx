/** Every class in figures: what it is sure of, what it never exceeds, who goes first, what belongs to it, what it is owed. */
import React, { Fragment } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Badge, Tooltip, useStyles2, useTheme2 } from '@grafana/ui';
import { ClassSwatch, getTableStyles } from '../../../components/index.ts';
import { classColor, type Place } from '../../../components/classColor.ts';
import { formatBitrate, formatShare } from '../../../components/units.ts';
import type { OutlineClass } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { placesOf } from './allocation.ts';

interface Props {
  bandwidth: number;
  classes: OutlineClass[];
  onOpen: (path: string) => void;
}

export function ClassTable({ bandwidth, classes, onOpen }: Props) {
  const styles = useStyles2(getStyles);
  const table = useStyles2(getTableStyles);
  const places = placesOf(classes);
  return (
    <div className={table.card} style={{ overflowX: 'auto' }}>
      <table className={`${table.table} ${styles.table}`}>
        <thead>
          <tr>
            <th>{t('class.name', 'Class')}</th>
            <th className={table.right}>{t('class.priority', 'Priority')}</th>
            <th className={table.right}>{t('class.guarantee', 'Guarantee')}</th>
            <th className={table.right}>{t('class.ceiling', 'Ceiling')}</th>
            <th>{t('class.of-link', 'Part of the link')}</th>
          </tr>
        </thead>
        <tbody>
          {classes.map((item) => (
            <Fragment key={item.path}>
              <tr data-testid={testIds.classRow(item.path)} className={styles.figures}>
                <td>
                  <span className={styles.name} style={{ paddingLeft: item.depth * 16 }}>
                    <ClassSwatch place={places.get(item.path) ?? 0} />
                    <button type="button" className={styles.jump} onClick={() => onOpen(item.path)}>
                      {item.path.split('/').at(-1)}
                    </button>
                    {item.strict && (
                      <Badge
                        color="purple"
                        text={t('class.strict', 'strict')}
                        tooltip={t(
                          'class.strict-tooltip',
                          'Served before all others; what exceeds its rate is dropped.'
                        )}
                      />
                    )}
                    {item.default && (
                      <Badge
                        color="darkgrey"
                        text={t('class.default', 'default')}
                        tooltip={t('class.default-tooltip', 'Takes what no other class of its level matched.')}
                      />
                    )}
                  </span>
                </td>
                <td className={`${table.number} ${table.right}`}>
                  {item.strict ? <span className={table.quiet}>–</span> : item.priority}
                </td>
                <td className={`${table.number} ${table.right}`}>{formatBitrate(item.guarantee)}</td>
                <td className={`${table.number} ${table.right}`}>{formatBitrate(item.ceiling)}</td>
                <td>
                  <PartOfLink item={item} bandwidth={bandwidth} place={places.get(item.path) ?? 0} />
                </td>
              </tr>
              <tr className={styles.words}>
                <td colSpan={5}>
                  <div style={{ paddingLeft: 18 + item.depth * 16 }}>
                    <div>
                      {item.default ? t('class.everything-else', 'everything else') : item.matches.join('  |  ')}
                    </div>
                    {item.objectives.length > 0 && (
                      <div className={styles.owed}>
                        {t('class.owed', 'Owed:')} {item.objectives.join(', ')}
                      </div>
                    )}
                  </div>
                </td>
              </tr>
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Filled: guaranteed. Outlined up to the mark: what the class may take when the link is idle. */
function PartOfLink({ item, bandwidth, place }: { item: OutlineClass; bandwidth: number; place: Place }) {
  const styles = useStyles2(getStyles);
  const color = classColor(useTheme2(), place);
  const percent = (rate: number) => `${Math.min(100, (rate / (bandwidth || 1)) * 100)}%`;
  return (
    <Tooltip
      content={t('class.part-tooltip', 'Guaranteed {{guarantee}}, up to {{ceiling}} of the link', {
        guarantee: formatShare(item.guarantee, bandwidth),
        ceiling: formatShare(item.ceiling, bandwidth),
      })}
    >
      <div className={styles.track}>
        <div className={styles.reach} style={{ width: percent(item.ceiling), borderColor: color }} />
        <div className={styles.sure} style={{ width: percent(item.guarantee), background: color }} />
      </div>
    </Tooltip>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  table: css({ 'th:first-child, td:first-child': { paddingLeft: theme.spacing(1.5) } }),
  figures: css({ '&& > td': { borderBottom: 0, paddingBottom: 0 } }),
  words: css({
    '&& > td': {
      paddingTop: theme.spacing(0.25),
      color: theme.colors.text.secondary,
      fontSize: theme.typography.bodySmall.fontSize,
    },
  }),
  owed: css({ color: theme.colors.text.primary }),
  name: css({ display: 'inline-flex', alignItems: 'center', gap: theme.spacing(1) }),
  jump: css({
    padding: 0,
    border: 0,
    background: 'none',
    fontWeight: theme.typography.fontWeightMedium,
    '&:hover': { textDecoration: 'underline' },
  }),
  track: css({
    position: 'relative',
    minWidth: 72,
    height: 10,
    background: theme.colors.background.secondary,
    borderRadius: 2,
  }),
  reach: css({
    position: 'absolute',
    top: 0,
    bottom: 0,
    left: 0,
    border: '1px solid',
    borderRightWidth: 3,
    borderRadius: 2,
    opacity: 0.7,
  }),
  sure: css({ position: 'absolute', top: 0, bottom: 0, left: 0, borderRadius: 2 }),
});
