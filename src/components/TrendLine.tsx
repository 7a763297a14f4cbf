/**
 * The last judgements as a line with the threshold through it; what lies on the wrong side is drawn in the error colour.
 * SVG instead of Grafana's Sparkline: that one has no threshold, joins gaps, and rebuilds a canvas at every refresh.
 */
import React, { useId } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { drawTrend, type TrendPoint } from './trend.ts';

interface Props {
  points: TrendPoint[];
  threshold: number;
  floor: boolean;
  label: string;
  width?: number;
  height?: number;
}

export function TrendLine({ points, threshold, floor, label, width = 120, height = 24 }: Props) {
  const styles = useStyles2(getStyles);
  const clip = useId();
  const { line, thresholdY, last } = drawTrend(points, threshold, floor, width - 4, height);
  if (!line) {
    return null;
  }
  const wrong = floor ? { y: thresholdY, height: height + 4 - thresholdY } : { y: -4, height: thresholdY + 4 };
  const right = floor ? { y: -4, height: thresholdY + 4 } : { y: thresholdY, height: height + 4 - thresholdY };
  const lastIsWrong = last !== null && (floor ? last.y > thresholdY : last.y < thresholdY);
  return (
    <svg
      width={width}
      height={height}
      viewBox={`-2 0 ${width} ${height}`}
      role="img"
      aria-label={label}
      className={styles.svg}
    >
      <clipPath id={`${clip}r`}>
        <rect x={-4} width={width + 8} {...right} />
      </clipPath>
      <clipPath id={`${clip}w`}>
        <rect x={-4} width={width + 8} {...wrong} />
      </clipPath>
      <line x1={0} x2={width - 4} y1={thresholdY} y2={thresholdY} className={styles.threshold} />
      <path d={line} clipPath={`url(#${clip}r)`} className={styles.right} />
      <path d={line} clipPath={`url(#${clip}w)`} className={styles.wrong} />
      {last && <circle cx={last.x} cy={last.y} r={2} className={lastIsWrong ? styles.wrongDot : styles.rightDot} />}
    </svg>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  svg: css({ display: 'block', overflow: 'visible' }),
  threshold: css({ stroke: theme.colors.text.disabled, strokeDasharray: '2 3' }),
  right: css({
    fill: 'none',
    stroke: theme.colors.text.secondary,
    strokeWidth: 1.5,
    strokeLinejoin: 'round',
    strokeLinecap: 'round',
  }),
  wrong: css({
    fill: 'none',
    stroke: theme.colors.error.text,
    strokeWidth: 1.5,
    strokeLinejoin: 'round',
    strokeLinecap: 'round',
  }),
  rightDot: css({ fill: theme.colors.text.primary }),
  wrongDot: css({ fill: theme.colors.error.text }),
});
