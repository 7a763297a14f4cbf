import type { GrafanaTheme2 } from '@grafana/data';

/** Behind what cannot be judged: a pattern, so that it is told from what is well without seeing colours. */
export const hatching = (theme: GrafanaTheme2) =>
  `repeating-linear-gradient(135deg, ${theme.colors.border.weak} 0 1px, transparent 1px 9px)`;
