/** Roll-outs as the contract shows them. */
import { linksIn, settingsIn, type RolloutLink, type Rollouts } from '../deploy/index.ts';
import type { RolloutRow } from '../store/index.ts';
import type { Rollout, RolloutWaves } from './contract.ts';

const linkView = ({ wave: _, before: __, ...link }: RolloutLink) => link;

export function wavesView(links: readonly RolloutLink[]): RolloutWaves {
  const last = Math.max(-1, ...links.map(({ wave }) => wave));
  return {
    waves: Array.from({ length: last + 1 }, (_, wave) => links.filter((link) => link.wave === wave).map(linkView)),
    leftOut: links.filter(({ wave }) => wave < 0).map(linkView),
  };
}

export async function rolloutView(row: RolloutRow, rollouts: Rollouts): Promise<Rollout> {
  const settings = settingsIn(row);
  const links = linksIn(row);
  const going = row.state === 'running' && links.some(({ state }) => state === 'waiting');
  const { pause } = settings;
  return {
    id: row.id,
    binding: row.binding,
    policy: row.policy,
    revision: row.revision,
    state: row.state,
    by: row.by,
    startedAt: Number(row.started_at),
    finishedAt: row.finished_at === null ? null : Number(row.finished_at),
    nextAt: going ? Number(row.next_at) : null,
    message: row.message,
    pause: pause === undefined || pause === 'manual' ? (pause ?? null) : pause / 1000,
    onFailure: settings.onFailure ?? 'stop',
    confirm: settings.confirm ?? null,
    secondsToConfirm: (await rollouts.secondsToConfirm(row)) ?? null,
    ...wavesView(links),
  };
}
