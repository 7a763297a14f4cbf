/** The templates to choose from: for whom each is and how it shares the link; the chosen one in full. */
import React from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import type { Template } from '../../data/index.ts';
import { raw } from '../../locales/raw.ts';
import { testIds } from '../../testIds.ts';
import { TemplateBar } from './TemplateBar.tsx';

interface Props {
  templates: Template[];
  /** Name of the chosen one; empty for a document with nothing but a default class */
  chosen: string;
  onChoose: (name: string) => void;
}

export function TemplateGallery({ templates, chosen, onChoose }: Props) {
  const styles = useStyles2(getStyles);
  const found = templates.find(({ name }) => name === chosen);
  const card = (name: string, title: string, purpose: string, outline: Template['outline']) => (
    <label
      key={name}
      className={cx(styles.card, name === chosen && styles.chosen)}
      data-testid={testIds.template(name)}
    >
      <input
        type="radio"
        name="template"
        className={styles.radio}
        checked={name === chosen}
        onChange={() => onChoose(name)}
      />
      <span className={styles.title}>{title}</span>
      <span className={styles.purpose}>{purpose}</span>
      {outline && <TemplateBar outline={outline} />}
    </label>
  );
  return (
    <div className={styles.gallery}>
      <div className={styles.cards} role="radiogroup" aria-label={t('template.choose', 'Template')}>
        {templates.map(({ name, title, purpose, outline }) => card(name, title, purpose, outline))}
        {card(
          '',
          t('template.blank', 'Blank'),
          t('template.blank-purpose', 'One default class, and nothing else.'),
          null
        )}
      </div>
      {found && (
        <div>
          <p>{t('template.assumes', 'Assumes {{assumes}}', { ...raw, assumes: found.assumes })}</p>
          <p>{t('template.change', 'To change: {{change}}', { ...raw, change: found.change })}</p>
          <pre className={styles.document} data-testid={testIds.templateDocument}>
            {found.source}
          </pre>
        </div>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  gallery: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(280px, 2fr) minmax(0, 3fr)',
    gap: theme.spacing(2),
    [theme.breakpoints.down('md')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
  cards: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), maxHeight: '55vh', overflow: 'auto' }),
  card: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(0.5),
    padding: theme.spacing(1),
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    cursor: 'pointer',
    '&:focus-within': { outline: `2px solid ${theme.colors.primary.border}` },
  }),
  chosen: css({ borderColor: theme.colors.primary.border, background: theme.colors.background.secondary }),
  radio: css({ position: 'absolute', opacity: 0 }),
  title: css({ fontWeight: theme.typography.fontWeightMedium }),
  purpose: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  document: css({ maxHeight: '42vh', overflow: 'auto', fontSize: theme.typography.bodySmall.fontSize }),
});
