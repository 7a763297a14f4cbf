/** The panel: what each class is owed and what it got, from the rows of an SLA compliance query in table format. */
import { css } from '@emotion/css';
import type { GrafanaTheme2, PanelProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Icon, useStyles2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import { messageOf, type Notice, noticeOf, PanelNotice, PanelSkeleton, useNow } from '../panels/index.ts';
import { CompactList } from './CompactList.tsx';
import { type Drawing, drawingOf, HEADING_HEIGHT, spaceOf, tiles } from './layout.ts';
import { type Objective, readObjectives } from './objectives.ts';
import { ObjectiveTable } from './ObjectiveTable.tsx';
import type { SlaPanelOptions } from './options.ts';
import { bySite, contextOf, worstFirst } from './order.ts';
import { Summary, SUMMARY_HEIGHT } from './Summary.tsx';
import { Wall } from './Wall.tsx';

/** "for 12 min 3 s" moves on at the pace of the judgements. */
const CLOCK_MS = 5_000;

export function SlaPanel({ data, options, width, height, timeZone }: PanelProps<SlaPanelOptions>) {
  const styles = useStyles2(getStyles);
  const now = useNow(CLOCK_MS);
  const all = useMemo(() => readObjectives(data.series), [data.series]);
  const notice = noticeOf(data, all?.length);

  if (notice || !all) {
    return <SlaNotice notice={notice ?? { kind: 'empty' }} height={height} />;
  }

  const shown = options.showNotMeasured ? all : all.filter(({ verdict }) => verdict !== 'not-measured');
  const sites = options.groupBySite ? bySite(shown) : [{ name: '', objectives: worstFirst(shown) }];
  const headings = sites.length > 1;
  const failed = messageOf(data);

  // Which drawing, before the summary takes its share: a few pixels more or less do not change it.
  const sizes = sites.map(({ objectives }) => objectives.length);
  const drawing = drawingOf(options.density, width, height - SUMMARY_HEIGHT.small, sizes);
  const summary = options.showSummary && height >= 90;
  const summaryHeight = summary ? SUMMARY_HEIGHT[drawing === 'wall' ? 'large' : 'small'] : 0;

  return (
    <div className={styles.panel}>
      {summary && <Summary objectives={all} large={drawing === 'wall'} width={width} />}
      {failed !== undefined && (
        <div className={styles.failed} role="alert">
          <Icon name="exclamation-triangle" />{' '}
          {t('panel.stale', 'These figures are no longer renewed: {{message}}', { message: failed })}
        </div>
      )}
      <div className={styles.body}>
        {sites.map(({ name, objectives }) => (
          <section key={name} aria-label={headings ? name : undefined}>
            {headings && <h4 className={styles.site}>{name}</h4>}
            <Drawn
              drawing={drawing}
              objectives={objectives}
              width={width}
              height={spaceOf(objectives.length, sizes, height - summaryHeight)}
              options={options}
              contextOf={contextOf(shown, headings)}
              now={now}
              timeZone={timeZone}
            />
          </section>
        ))}
      </div>
    </div>
  );
}

interface DrawnProps extends Pick<PanelProps<SlaPanelOptions>, 'options' | 'width' | 'height' | 'timeZone'> {
  drawing: Drawing;
  objectives: readonly Objective[];
  contextOf: (objective: Objective) => string;
  now: number;
}

function Drawn({ drawing, objectives, width, height, options, contextOf: context, now, timeZone }: DrawnProps) {
  switch (drawing) {
    case 'wall':
      return (
        <Wall
          objectives={objectives}
          grid={tiles(width, height, objectives.length)}
          showTrend={options.showTrend}
          contextOf={context}
          now={now}
          timeZone={timeZone}
        />
      );
    case 'table':
      return (
        <ObjectiveTable
          objectives={objectives}
          width={width}
          showTrend={options.showTrend}
          contextOf={context}
          now={now}
          timeZone={timeZone}
        />
      );
    case 'compact':
      return <CompactList objectives={objectives} width={width} contextOf={context} timeZone={timeZone} />;
  }
}

function SlaNotice({ notice, height }: { notice: Notice; height: number }) {
  switch (notice.kind) {
    case 'loading':
      return <PanelSkeleton label={t('notice.loading', 'Loading objectives')} height={height} rowHeight={56} />;
    case 'error':
      return (
        <PanelNotice
          icon="exclamation-triangle"
          tone="error"
          height={height}
          title={t('notice.failed', 'No verdicts')}
          text={
            notice.message ||
            t(
              'notice.failedText',
              'The sidecar did not answer. Nothing is known about any objective; look at the datasource.'
            )
          }
        />
      );
    case 'wrong-query':
      return (
        <PanelNotice
          icon="question-circle"
          tone="quiet"
          height={height}
          title={t('notice.wrongQuery', 'This is not an SLA table')}
          text={t(
            'notice.wrongQueryText',
            'This panel draws the query “SLA compliance” in the format “Table”. Choose both in the query below the panel.'
          )}
        />
      );
    case 'empty':
      return (
        <PanelNotice
          icon="shield"
          tone="quiet"
          height={height}
          title={t('notice.empty', 'No objectives')}
          text={t(
            'notice.emptyText',
            'No class of the bindings asked for has an objective. State one in a policy, for example latency: { p95: 20ms }.',
            {
              interpolation: { prefix: '[[', suffix: ']]' },
            }
          )}
        />
      );
  }
}

const getStyles = (theme: GrafanaTheme2) => ({
  panel: css({ height: '100%', display: 'flex', flexDirection: 'column' }),
  body: css({ flex: 1, minHeight: 0, overflow: 'auto' }),
  site: css({
    height: HEADING_HEIGHT,
    lineHeight: `${HEADING_HEIGHT}px`,
    margin: 0,
    fontSize: theme.typography.h5.fontSize,
    color: theme.colors.text.secondary,
  }),
  failed: css({ flex: 'none', color: theme.colors.error.text, paddingBottom: theme.spacing(1) }),
});
