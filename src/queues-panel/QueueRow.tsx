/** One class: its name and state, its bar, its figures, its recent past. */
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import { Bullet } from './Bullet.tsx';
import { countFigure, NOTHING, rateFigure, sizeFigure } from './figures.ts';
import { HistoryLine } from './HistoryLine.tsx';
import type { Columns } from './layout.ts';
import type { QueuesPanelOptions } from './options.ts';
import { type Queue, stateOf } from './queues.ts';
import { barWords, stateWord } from './words.ts';

interface Props {
  queue: Queue;
  end: number;
  columns: Columns;
  height: number;
  options: QueuesPanelOptions;
}

export const QueueRow = React.memo(function QueueRow({ queue, end, columns, height, options }: Props) {
  const styles = useStyles2(getStyles);
  const state = stateOf(queue);
  const name = queue.trafficClass.split('/').at(-1) ?? '';
  const { rate, drops, backlog, guarantee, ceiling } = queue;
  const dropping = drops !== null && drops > 0;
  // Looking words up costs more than drawing the row, and these stay the same for most seconds.
  const { word, bar } = useMemo(
    () => ({ word: stateWord(state), bar: barWords({ guarantee, ceiling }, state, options.unit) }),
    [guarantee, ceiling, state, options.unit]
  );

  return (
    <div
      role="row"
      className={styles.row}
      style={{ gridTemplateColumns: columns.template, height }}
      title={bar}
      data-state={state}
    >
      <div role="rowheader" className={styles.name} style={{ paddingLeft: queue.depth * 12 }}>
        <div className={styles.trafficClass}>{name}</div>
        {height >= 40 && (
          <div className={cx(styles.state, state === 'dropping' && styles.warn, state === 'deprived' && styles.bad)}>
            {word}
          </div>
        )}
      </div>
      <div role="cell" aria-label={bar}>
        <Bullet queue={{ rate, guarantee, ceiling }} state={state} end={end} height={Math.min(height - 4, 36)} />
      </div>
      <div role="cell" className={styles.figure}>
        {rate === null ? NOTHING : rateFigure(rate, options.unit)}
      </div>
      {columns.drops && (
        <div
          role="cell"
          className={cx(styles.figure, !dropping ? styles.quiet : state === 'deprived' ? styles.bad : styles.warn)}
        >
          {dropping && <Icon name="exclamation-triangle" size="xs" />} {drops === null ? NOTHING : countFigure(drops)}
        </div>
      )}
      {columns.backlog && (
        <div role="cell" className={cx(styles.figure, !backlog && styles.quiet)}>
          {backlog === null ? NOTHING : sizeFigure(backlog)}
        </div>
      )}
      {columns.history > 0 && (
        <div role="cell" className={styles.history}>
          <HistoryLine
            history={queue.history}
            guarantee={guarantee}
            seconds={options.historySeconds}
            width={columns.history - 12}
            height={Math.min(height - 6, 34)}
          />
        </div>
      )}
    </div>
  );
});

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({
    display: 'grid',
    alignItems: 'center',
    columnGap: theme.spacing(1),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    fontVariantNumeric: 'tabular-nums',
    '&:hover': { background: theme.colors.action.hover },
  }),
  name: css({ minWidth: 0, lineHeight: 1.2 }),
  trafficClass: css({
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    fontWeight: theme.typography.fontWeightMedium,
  }),
  state: css({
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
    whiteSpace: 'nowrap',
  }),
  history: css({ paddingLeft: 12 }),
  figure: css({ textAlign: 'right', whiteSpace: 'nowrap' }),
  quiet: css({ color: theme.colors.text.secondary }),
  warn: css({ color: theme.colors.warning.text }),
  bad: css({ color: theme.colors.error.text, fontWeight: theme.typography.fontWeightMedium }),
});
