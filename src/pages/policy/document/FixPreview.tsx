/** The fix of a finding, shown before it is made: which lines go and which come. */
import React, { useEffect } from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Button, Stack, useStyles2 } from '@grafana/ui';
import { ProblemAlert, SkeletonLines, toneColor } from '../../../components/index.ts';
import { useFix, type Finding } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { changedLines } from './changedLines.ts';

const MARK = { new: '+', gone: '−' } as const;

interface Props {
  text: string;
  finding: Finding;
  onApply: (text: string) => void;
  onClose: () => void;
}

export function FixPreview({ text, finding, onApply, onClose }: Props) {
  const styles = useStyles2(getStyles);
  const { data, error, mutate } = useFix();
  useEffect(() => mutate({ source: text, finding }), [mutate, text, finding]);
  if (error) {
    return (
      <ProblemAlert
        problem={error}
        consequence={t('fix.consequence', 'Nothing was edited. Your text stays in the editor.')}
      />
    );
  }
  if (!data) {
    return <SkeletonLines lines={2} />;
  }
  return (
    <div className={styles.preview} data-testid={testIds.fixPreview}>
      <pre className={styles.lines}>
        {changedLines(text, data.source).map((line, place) => (
          <div key={place} className={cx(line.kind === 'new' ? styles.new : styles.gone)}>
            {`${MARK[line.kind]} ${line.text}`}
          </div>
        ))}
      </pre>
      <Stack>
        <Button
          size="sm"
          icon="check"
          data-testid={testIds.fixApply}
          onClick={() => {
            onApply(data.source);
            onClose();
          }}
        >
          <Trans i18nKey="fix.apply">Put into the draft</Trans>
        </Button>
        <Button size="sm" variant="secondary" fill="outline" onClick={onClose}>
          <Trans i18nKey="fix.cancel">Leave it</Trans>
        </Button>
      </Stack>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  preview: css({ padding: theme.spacing(0, 1.5, 1, 4.5) }),
  lines: css({ fontSize: theme.typography.bodySmall.fontSize, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
  new: css({ color: toneColor(theme, 'good') }),
  gone: css({ color: toneColor(theme, 'bad') }),
});
