/** The interfaces of a roll-out, wave by wave, each with what came of it. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { StateLabel, getTableStyles } from '../../components/index.ts';
import { sayRolloutLink } from '../../components/said.ts';
import type { RolloutLink, RolloutWaves } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';

export function Waves({ waves, leftOut }: RolloutWaves) {
  const titled = waves.map((links, wave): [string, RolloutLink[]] => [
    wave === 0 && waves.length > 1
      ? t('rollout.canary', 'Wave {{number}}, the canary', { number: 1 })
      : t('rollout.wave', 'Wave {{number}}', { number: wave + 1 }),
    links,
  ]);
  return (
    <>
      {titled.map(([title, links]) => (
        <Wave key={title} title={title} links={links} />
      ))}
      {leftOut.length > 0 && (
        <Wave title={t('rollout.left-out-title', 'Left out, since they have errors')} links={leftOut} />
      )}
    </>
  );
}

function Wave({ title, links }: { title: string; links: RolloutLink[] }) {
  const styles = useStyles2(getStyles);
  const table = useStyles2(getTableStyles);
  const done = links.filter(({ state }) => state === 'changed' || state === 'unchanged').length;
  return (
    <section className={table.card} data-testid={testIds.rolloutWave} aria-label={title}>
      <h3 className={styles.title}>
        {title} <span className={styles.count}>{`${done} / ${links.length}`}</span>
      </h3>
      <table className={table.table}>
        <tbody>
          {links.map((link) => (
            <tr key={link.name} data-testid={testIds.rolloutLink(link.name)}>
              <td className={styles.place}>
                <code>{link.interface || '–'}</code> <span className={table.quiet}>{link.target}</span>
              </td>
              <td className={styles.state}>
                <StateLabel {...sayRolloutLink(link.state)} />
              </td>
              <td className={table.quiet}>{link.message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  title: css({ margin: 0, padding: theme.spacing(1, 2), fontSize: theme.typography.h5.fontSize }),
  count: css({ color: theme.colors.text.secondary, fontVariantNumeric: 'tabular-nums' }),
  place: css({ whiteSpace: 'nowrap', width: '25%' }),
  state: css({ width: '18%' }),
});
