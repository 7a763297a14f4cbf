/** What the judgement found: how bad, where, what it means on the wire, and what to do. */
import React, { useState } from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Button, Icon, useStyles2 } from '@grafana/ui';
import { toneColor } from '../../../components/index.ts';
import { saySeverity } from '../../../components/said.ts';
import type { Finding, Severity } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { ExplanationDrawer } from './ExplanationDrawer.tsx';
import { FixPreview } from './FixPreview.tsx';

const order: Severity[] = ['error', 'warning', 'info'];

/** Worst first, then by line: the order in which one repairs. */
export const worstFirst = (findings: Finding[]): Finding[] =>
  [...findings].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || (a.line ?? 0) - (b.line ?? 0));

interface Props {
  findings: Finding[];
  /** Go to the finding's line; findings without a line cannot be gone to. */
  onOpen?: (finding: Finding) => void;
  /** The text that the findings are about and what takes a corrected one; without it no fix is offered. */
  editing?: { text: string; onFixed: (text: string) => void };
}

export function FindingList({ findings, onOpen, editing }: Props) {
  const styles = useStyles2(getStyles);
  const [fixing, setFixing] = useState<string | null>(null);
  const [explained, setExplained] = useState<string | null>(null);
  const keyOf = (finding: Finding) => `${finding.code} ${finding.path}`;
  return (
    <ul className={styles.list}>
      {worstFirst(findings).map((finding, place) => (
        <li
          key={`${finding.code} ${finding.path} ${place}`}
          data-testid={testIds.finding(finding.code)}
          data-severity={finding.severity}
        >
          {onOpen && finding.line ? (
            <button type="button" className={cx(styles.item, styles.link)} onClick={() => onOpen(finding)}>
              <Body finding={finding} />
            </button>
          ) : (
            <div className={styles.item}>
              <Body finding={finding} />
            </div>
          )}
          <div className={styles.actions}>
            {finding.fix && editing && (
              <Button
                size="sm"
                variant="secondary"
                icon="wrench"
                data-testid={testIds.findingFix(finding.code)}
                aria-expanded={fixing === keyOf(finding)}
                onClick={() => setFixing(fixing === keyOf(finding) ? null : keyOf(finding))}
              >
                {finding.fix.title}
              </Button>
            )}
            <Button
              size="sm"
              variant="secondary"
              fill="text"
              icon="question-circle"
              data-testid={testIds.findingExplain(finding.code)}
              onClick={() => setExplained(finding.code)}
            >
              {t('finding.explain', 'What is {{code}}?', { code: finding.code })}
            </Button>
          </div>
          {editing && fixing === keyOf(finding) && (
            <FixPreview
              text={editing.text}
              finding={finding}
              onApply={editing.onFixed}
              onClose={() => setFixing(null)}
            />
          )}
        </li>
      ))}
      {explained && <ExplanationDrawer code={explained} onClose={() => setExplained(null)} />}
    </ul>
  );
}

function Body({ finding }: { finding: Finding }) {
  const styles = useStyles2(getStyles);
  const { icon, word } = saySeverity(finding.severity);
  return (
    <>
      <span className={styles[finding.severity]}>
        <Icon name={icon} title={word} />
      </span>
      <span className={styles.text}>
        <span className={styles.message}>{finding.message}</span>
        {finding.hint && <span className={styles.hint}>{finding.hint}</span>}
        <span className={styles.where}>
          {finding.line !== undefined && (
            <span className={styles.line}>{t('finding.line', 'Line {{line}}', { line: finding.line })}</span>
          )}
          <code className={styles.code}>{finding.path}</code>
          <span>{finding.code}</span>
        </span>
      </span>
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', 'li + li': { borderTop: `1px solid ${theme.colors.border.weak}` } }),
  item: css({
    display: 'flex',
    gap: theme.spacing(1),
    width: '100%',
    padding: theme.spacing(1, 1.5),
    textAlign: 'left',
    background: 'none',
    border: 0,
  }),
  link: css({
    cursor: 'pointer',
    '&:hover, &:focus-visible': { background: theme.colors.action.hover },
  }),
  actions: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), padding: theme.spacing(0, 1.5, 1, 4.5) }),
  text: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(0.25), minWidth: 0 }),
  message: css({ color: theme.colors.text.primary, overflowWrap: 'anywhere' }),
  hint: css({ color: theme.colors.text.secondary }),
  where: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(0, 1.5),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  line: css({ color: theme.colors.text.link }),
  code: css({ background: 'none', border: 0, padding: 0, fontSize: 'inherit', color: 'inherit' }),
  error: css({ color: toneColor(theme, 'bad') }),
  warning: css({ color: toneColor(theme, 'warn') }),
  info: css({ color: toneColor(theme, 'info') }),
});
