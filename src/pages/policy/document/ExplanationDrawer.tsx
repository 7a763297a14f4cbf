/** What a code means, with an example: read from the sidecar, so that it is there without the internet. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Drawer, useStyles2 } from '@grafana/ui';
import { ProblemAlert, SkeletonLines } from '../../../components/index.ts';
import { useExplanations } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';

export function ExplanationDrawer({ code, onClose }: { code: string; onClose: () => void }) {
  const styles = useStyles2(getStyles);
  const { data, error, refetch } = useExplanations();
  const found = data?.find((item) => item.code === code);
  return (
    <Drawer title={code} subtitle={found?.title} onClose={onClose} size="md">
      <div data-testid={testIds.explanation}>
        {error && <ProblemAlert problem={error} onRetry={() => void refetch()} />}
        {!data && !error && <SkeletonLines lines={6} />}
        {data && !found && (
          <p>
            <Trans i18nKey="explanation.unknown">This sidecar has no page for this code.</Trans>
          </p>
        )}
        {found && (
          <>
            <h4>{t('explanation.wire', 'On the wire')}</h4>
            <p>{found.wire}</p>
            {found.example && (
              <>
                <h4>{t('explanation.example', 'Example')}</h4>
                <pre className={styles.text}>{found.example.text}</pre>
                <p>{found.example.message}</p>
                {found.example.hint && <p>{found.example.hint}</p>}
                {found.example.mended !== undefined && (
                  <>
                    <h4>{found.example.fix ?? t('explanation.mended', 'Mended')}</h4>
                    <pre className={styles.text}>{found.example.mended}</pre>
                  </>
                )}
              </>
            )}
          </>
        )}
      </div>
    </Drawer>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  text: css({ fontSize: theme.typography.bodySmall.fontSize, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
});
