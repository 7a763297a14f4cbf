/** The recent past of a class's rate, with its guarantee as a dashed line. */
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import { paths, type Point } from '../panels/line.ts';
import { thinned } from './queues.ts';

interface Props {
  history: readonly Point[];
  guarantee: number | null;
  seconds: number;
  width: number;
  height: number;
}

export const HistoryLine = React.memo(function HistoryLine({ history, guarantee, seconds, width, height }: Props) {
  const styles = useStyles2(getStyles);
  const { line, area, guaranteeY } = useMemo(() => {
    const points = thinned(history, seconds, width);
    const end = points.at(-1)?.at ?? 0;
    const top = Math.max(1, guarantee ?? 0, highest(points)) * 1.08;
    const x = (at: number) => width - ((end - at) / (seconds * 1000)) * width;
    const y = (value: number) => height - 1 - (value / top) * (height - 2);
    return {
      ...paths(points, x, y, height),
      guaranteeY: guarantee !== null && guarantee > 0 ? y(guarantee) : undefined,
    };
  }, [history, guarantee, seconds, width, height]);

  return (
    <svg width={width} height={height} className={styles.svg} aria-hidden>
      <path d={area} className={styles.area} />
      {guaranteeY !== undefined && (
        <line x1={0} x2={width} y1={guaranteeY} y2={guaranteeY} className={styles.guarantee} />
      )}
      <path d={line} className={styles.line} />
    </svg>
  );
});

const highest = (points: readonly Point[]) => points.reduce((top, { value }) => Math.max(top, value ?? 0), 0);

const getStyles = (theme: GrafanaTheme2) => ({
  svg: css({ display: 'block', overflow: 'hidden' }),
  area: css({ fill: theme.colors.primary.transparent }),
  line: css({
    fill: 'none',
    stroke: theme.colors.primary.text,
    strokeWidth: 1.25,
    strokeLinejoin: 'round',
    strokeLinecap: 'round',
  }),
  guarantee: css({ stroke: theme.colors.text.disabled, strokeDasharray: '2 3' }),
});
