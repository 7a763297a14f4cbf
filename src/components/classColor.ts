/** Colours of classes. Red, orange, yellow and green are left to verdicts; the default class is grey, as what is left over. */
import type { GrafanaTheme2 } from '@grafana/data';

const names = [
  'semi-dark-blue',
  'light-blue',
  'semi-dark-purple',
  'light-purple',
  'dark-blue',
  'super-light-blue',
  'dark-purple',
  'super-light-purple',
];

/** Place among the classes of the first level, or `default`. */
export type Place = number | 'default';

export const classColor = (theme: GrafanaTheme2, place: Place): string =>
  place === 'default'
    ? theme.colors.text.disabled
    : theme.visualization.getColorByName(names[place % names.length] ?? 'blue');
