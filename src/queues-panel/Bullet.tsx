/**
 * Bullet chart of one class: the track ends at its ceiling, the darker part is what it is owed, the bar what it sends.
 * Plain boxes moved by transforms, so that fifty of them glide once a second without a layout of the page.
 */
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';
import type { Queue, QueueState } from './queues.ts';
import { percentOf } from './scale.ts';

interface Props {
  queue: Pick<Queue, 'rate' | 'guarantee' | 'ceiling'>;
  state: QueueState;
  /** bit/s at the right edge */
  end: number;
  height: number;
}

export const Bullet = React.memo(function Bullet({ queue, state, end, height }: Props) {
  const styles = useStyles2(getStyles);
  const rate = queue.rate ?? 0;
  const { guarantee, ceiling } = queue;
  const owed = guarantee === null ? rate : Math.min(rate, guarantee);
  const more = rate - owed;
  const bar = Math.max(6, Math.round(height * 0.42));
  const track = Math.max(12, Math.round(height * 0.72));

  return (
    <div className={styles.bullet} style={{ height }} aria-hidden>
      <div
        className={styles.track}
        style={{ height: track, width: `${ceiling === null ? 100 : percentOf(ceiling, end)}%` }}
      />
      {guarantee !== null && (
        <div className={styles.guaranteed} style={{ height: track, width: `${percentOf(guarantee, end)}%` }} />
      )}
      <div className={styles.lane} style={{ height: bar }}>
        <div className={cx(styles.bar, styles[state])} style={{ transform: `scaleX(${percentOf(owed, end) / 100})` }} />
      </div>
      {guarantee !== null && (
        <div className={styles.lane} style={{ height: bar, left: `${percentOf(guarantee, end)}%` }}>
          <div
            className={cx(styles.bar, styles[state], styles.more)}
            style={{ transform: `scaleX(${percentOf(more, end) / 100})` }}
          />
        </div>
      )}
      {guarantee !== null && guarantee > 0 && (
        <div className={styles.guarantee} style={{ height: track + 4, left: `${percentOf(guarantee, end)}%` }} />
      )}
      {ceiling !== null && (
        <div className={styles.ceiling} style={{ height: track, left: `${percentOf(ceiling, end)}%` }} />
      )}
    </div>
  );
});

const getStyles = (theme: GrafanaTheme2) => {
  const centred = { position: 'absolute', top: '50%', transform: 'translateY(-50%)' } as const;
  return {
    bullet: css({ position: 'relative', overflow: 'hidden', minWidth: 0 }),
    track: css({
      ...centred,
      left: 0,
      borderRadius: theme.shape.radius.default,
      background: theme.colors.background.secondary,
      boxShadow: `inset 0 0 0 1px ${theme.colors.border.weak}`,
    }),
    guaranteed: css({
      ...centred,
      left: 0,
      borderRadius: theme.shape.radius.default,
      background: theme.colors.border.weak,
    }),
    lane: css({ ...centred, left: 0, width: '100%', pointerEvents: 'none' }),
    bar: css({
      width: '100%',
      height: '100%',
      transformOrigin: 'left',
      [theme.transitions.handleMotion('no-preference')]: {
        transition: 'transform 0.95s linear, background-color 0.3s',
      },
    }),
    idle: css({ background: theme.colors.primary.main }),
    sending: css({ background: theme.colors.primary.main }),
    owed: css({ background: theme.colors.primary.main }),
    borrowing: css({ background: theme.colors.primary.main }),
    full: css({ background: theme.colors.primary.main }),
    dropping: css({ background: theme.colors.warning.main }),
    deprived: css({ background: theme.colors.error.main }),
    more: css({ opacity: 0.6 }),
    guarantee: css({ ...centred, width: 2, marginLeft: -1, background: theme.colors.text.maxContrast }),
    ceiling: css({ ...centred, width: 3, marginLeft: -3, background: theme.colors.text.secondary }),
  };
};
