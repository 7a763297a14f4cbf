/** The values that the policy was read with for this link, and who gave them. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import type { Plan } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';

type Variable = Plan['variables'][number];

const sayFrom: Record<Variable['from'], () => string> = {
  binding: () => t('plan.value-binding', 'given by the binding'),
  default: () => t('plan.value-default', 'by default'),
  example: () => t('plan.value-example', 'as an example'),
};

export function ValuesUsed({ variables }: { variables: Variable[] }) {
  const styles = useStyles2(getStyles);
  return (
    <ul
      className={styles.list}
      aria-label={t('plan.values', 'Values of the policy’s variables')}
      data-testid={testIds.planValues}
    >
      {variables.map(({ name, value, from }) => (
        <li key={name}>
          <code>{`${name} = ${value}`}</code> <span className={styles.from}>{sayFrom[from]()}</span>
        </li>
      ))}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5, 3) }),
  from: css({ color: theme.colors.text.secondary }),
});
