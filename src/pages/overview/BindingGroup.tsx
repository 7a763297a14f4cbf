/** One binding on many interfaces: how many are in which state, and each of them when asked. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Button, Stack, useStyles2 } from '@grafana/ui';
import { StateCounts } from '../../components/index.ts';
import type { OfBinding } from '../../components/byBinding.ts';
import type { ComplianceRow } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { useUrlState } from '../urlState.ts';
import { BindingCard } from './BindingCard.tsx';

interface Props {
  group: OfBinding;
  rows: ComplianceRow[];
  now: number;
}

export function BindingGroup({ group: { binding, links }, rows, now }: Props) {
  const styles = useStyles2(getStyles);
  const [url, setUrl] = useUrlState();
  const open = url.get('open') === binding;
  const violated = new Set(rows.filter((row) => row.verdict === 'violated').map((row) => row.binding));
  return (
    <section data-testid={testIds.bindingGroup(binding)} aria-label={binding}>
      <header className={styles.header}>
        <h2 className={styles.name}>{binding}</h2>
        <span>
          {t('binding.interfaces', '', {
            count: links.length,
            defaultValue_one: '{{count}} interface',
            defaultValue_other: '{{count}} interfaces',
          })}
        </span>
        <StateCounts links={links} />
        {violated.size > 0 && (
          <span className={styles.violated}>
            {t('binding.violated-on', '', {
              count: violated.size,
              defaultValue_one: 'violated on {{count}} interface',
              defaultValue_other: 'violated on {{count}} interfaces',
            })}
          </span>
        )}
        <Button
          variant="secondary"
          size="sm"
          icon={open ? 'angle-up' : 'angle-down'}
          aria-expanded={open}
          onClick={() => setUrl({ open: open ? undefined : binding }, { replace: true })}
        >
          {open ? t('binding.hide-interfaces', 'Hide interfaces') : t('binding.show-interfaces', 'Show interfaces')}
        </Button>
      </header>
      {open && (
        <Stack direction="column" gap={2}>
          {links.map((link) => (
            <BindingCard
              key={link.name}
              binding={link}
              rows={rows.filter((row) => row.binding === link.name)}
              now={now}
            />
          ))}
        </Stack>
      )}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  header: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1, 3),
    padding: theme.spacing(1.5, 2),
    marginBottom: theme.spacing(1),
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
  }),
  name: css({ margin: 0, fontSize: theme.typography.h5.fontSize, fontWeight: theme.typography.fontWeightMedium }),
  violated: css({ color: theme.colors.error.text }),
});
