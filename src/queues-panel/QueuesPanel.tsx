/** The panel: every class of a link, second by second, from class statistics that are streamed or fetched now and then. */
import { css } from '@emotion/css';
import { type GrafanaTheme2, LoadingState, type PanelProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Icon, useStyles2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import { messageOf, type Notice, noticeOf, PanelNotice, PanelSkeleton } from '../panels/index.ts';
import { LINK_HEIGHT, LinkLine, SCALE_HEIGHT, ScaleLine } from './Heading.tsx';
import { columnsFor, rowHeight } from './layout.ts';
import type { QueuesPanelOptions } from './options.ts';
import { byBinding, type Queue, readQueues, totalOf } from './queues.ts';
import { QueueRow } from './QueueRow.tsx';
import { endOf } from './scale.ts';
import { useFreshness } from './useFreshness.ts';

export function QueuesPanel({ data, options, width, height }: PanelProps<QueuesPanelOptions>) {
  const styles = useStyles2(getStyles);
  const queues = useMemo(() => readQueues(data.series, options.historySeconds), [data.series, options.historySeconds]);
  const notice = noticeOf(data, queues?.length);

  if (notice || !queues) {
    return <QueuesNotice notice={notice ?? { kind: 'empty' }} height={height} />;
  }
  const links = byBinding(queues);
  const streaming = data.state === LoadingState.Streaming;
  const failed = messageOf(data);
  const rows = rowHeight(height - links.length * (LINK_HEIGHT + SCALE_HEIGHT + 2), queues.length);

  return (
    <div className={styles.panel}>
      {failed !== undefined && (
        <div className={styles.failed} role="alert">
          <Icon name="exclamation-triangle" /> {failed}
        </div>
      )}
      {links.map(({ binding, site, queues: ofLink }) => (
        <Link
          key={binding}
          name={links.length > 1 ? [site, binding].filter((part) => part !== '').join(' · ') : ''}
          queues={ofLink}
          options={options}
          width={width}
          rows={rows}
          streaming={streaming}
        />
      ))}
    </div>
  );
}

interface LinkProps {
  name: string;
  queues: Queue[];
  options: QueuesPanelOptions;
  width: number;
  rows: number;
  streaming: boolean;
}

function Link({ name, queues, options, width, rows, streaming }: LinkProps) {
  const freshness = useFreshness(Math.max(...queues.map(({ at }) => at)));
  const columns = useMemo(() => columnsFor(width, options.showHistory), [width, options.showHistory]);
  const shared = options.scale === 'link' ? endOf(queues) : undefined;

  return (
    <section>
      <LinkLine
        name={name}
        total={totalOf(queues)}
        unit={options.unit}
        freshness={streaming ? freshness : undefined}
        width={width}
      />
      <div
        role="table"
        aria-label={t('panel.table', 'Classes of {{binding}}', {
          binding: queues[0].binding || t('panel.link', 'the link'),
        })}
      >
        <ScaleLine columns={columns} end={shared} options={options} />
        {queues.map((queue) => (
          <QueueRow
            key={queue.key}
            queue={queue}
            end={shared ?? endOf([queue])}
            columns={columns}
            height={rows}
            options={options}
          />
        ))}
      </div>
    </section>
  );
}

function QueuesNotice({ notice, height }: { notice: Notice; height: number }) {
  switch (notice.kind) {
    case 'loading':
      return <PanelSkeleton label={t('notice.loading', 'Loading counters')} height={height} rowHeight={40} />;
    case 'error':
      return (
        <PanelNotice
          icon="exclamation-triangle"
          tone="error"
          height={height}
          title={t('notice.failed', 'No counters')}
          text={notice.message || t('notice.failedText', 'The sidecar did not answer. Look at the datasource.')}
        />
      );
    case 'wrong-query':
      return (
        <PanelNotice
          icon="question-circle"
          tone="quiet"
          height={height}
          title={t('notice.wrongQuery', 'These are no class counters')}
          text={t(
            'notice.wrongQueryText',
            'This panel draws the query “Class statistics”, best with “Live” and “All quantities” switched on.'
          )}
        />
      );
    case 'empty':
      return (
        <PanelNotice
          icon="exchange-alt"
          tone="quiet"
          height={height}
          title={t('notice.empty', 'No classes')}
          text={t(
            'notice.emptyText',
            'No policy is in force on the bindings asked for, so there are no classes to count. Apply one on the Policies page.'
          )}
        />
      );
  }
}

const getStyles = (theme: GrafanaTheme2) => ({
  panel: css({ height: '100%', overflow: 'auto', overflowX: 'hidden' }),
  failed: css({ color: theme.colors.error.text, paddingBottom: theme.spacing(1) }),
});
