/** One look for every table of the app: dense, quiet rules, figures that line up. */
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';

export const getTableStyles = (theme: GrafanaTheme2) => ({
  table: css({
    width: '100%',
    borderCollapse: 'collapse',
    // The card's own border closes the table: the last rule goes under it, also that of a cell over several rows.
    marginBottom: -1,
    fontSize: theme.typography.body.fontSize,
    'th, td': {
      padding: theme.spacing(0.75, 1),
      textAlign: 'left',
      verticalAlign: 'middle',
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    },
    th: {
      fontSize: theme.typography.bodySmall.fontSize,
      fontWeight: theme.typography.fontWeightMedium,
      color: theme.colors.text.secondary,
      whiteSpace: 'nowrap',
    },
    'th:first-child, td:first-child': { paddingLeft: theme.spacing(2) },
    'th:last-child, td:last-child': { paddingRight: theme.spacing(2) },
  }),
  number: css({ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }),
  right: css({ '&&': { textAlign: 'right' } }),
  quiet: css({ color: theme.colors.text.secondary }),
  mono: css({ fontFamily: theme.typography.fontFamilyMonospace, fontSize: theme.typography.bodySmall.fontSize }),
  card: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    overflow: 'hidden',
  }),
});
