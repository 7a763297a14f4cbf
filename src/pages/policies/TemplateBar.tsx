/** How a template shares the link, as one narrow bar. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { classColor } from '../../components/classColor.ts';
import { formatShare } from '../../components/units.ts';
import type { Template } from '../../data/index.ts';
import { allocate } from '../policy/document/allocation.ts';

export function TemplateBar({ outline }: { outline: NonNullable<Template['outline']> }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const { segments } = allocate(outline.bandwidth, outline.classes);
  return (
    <div className={styles.bar}>
      {segments.map(({ path, place, left, width, guarantee }) => (
        <div
          key={path}
          className={styles.segment}
          title={[path, formatShare(guarantee, outline.bandwidth)].join(' ')}
          style={{ left: `${left}%`, width: `${width}%`, background: classColor(theme, place) }}
        />
      ))}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({
    position: 'relative',
    height: 14,
    background: theme.colors.background.secondary,
    borderRadius: theme.shape.radius.default,
    overflow: 'hidden',
  }),
  segment: css({
    position: 'absolute',
    top: 0,
    bottom: 0,
    boxShadow: `inset -1px 0 0 ${theme.colors.background.primary}`,
  }),
});
