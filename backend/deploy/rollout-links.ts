/** The interfaces of a roll-out in their waves, as they are written down. */
import { sideWords } from '../compile/tc/index.ts';
import { hasErrors, wavesOf, type Rollout } from '../policy/index.ts';
import type { RolloutRow } from '../store/index.ts';
import type { Bound } from './catalog.ts';

/** An interface in its wave. */
export interface RolloutLink {
  /** See Bound.name */
  name: string;
  target: string;
  interface: string;
  /** From 0; -1 for one that has errors and is left out */
  wave: number;
  state: 'waiting' | 'awaiting' | 'changed' | 'unchanged' | 'failed' | 'rolled-back' | 'left-out';
  /** ULID of what was in force when it began */
  before: string | null;
  /** ULID of what this roll-out put into force */
  deployment: string | null;
  message: string;
}
export interface RolloutSettings extends Pick<Rollout, 'pause' | 'onFailure'> {
  replaceForeign: boolean;
  /** Seconds in which somebody confirms each wave, else all of it goes back */
  confirm?: number | undefined;
}

export const linksIn = (row: RolloutRow): RolloutLink[] => JSON.parse(row.links) as RolloutLink[];
export const settingsIn = (row: RolloutRow): RolloutSettings => JSON.parse(row.settings) as RolloutSettings;

export const wordOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
export const interfaces = (count: number) => `${count} ${count === 1 ? 'interface' : 'interfaces'}`;

/** How many came out how, e.g. "38 changed, 1 failed, 1 waiting" */
export function tally(links: readonly RolloutLink[]): string {
  const counts = Map.groupBy(links, ({ state }) => state.replaceAll('-', ' '));
  return [...counts].map(([state, of]) => `${of.length} ${state}`).join(', ');
}

/** The interfaces in their waves, in the order of the catalogue. */
export function planned(bounds: readonly Bound[]): RolloutLink[] {
  const sound = bounds.filter((bound) => !hasErrors(bound.findings));
  const sizes = wavesOf(sound.length, bounds[0]?.binding.spec.rollout);
  const waves = sizes.flatMap((size, wave) => Array<number>(size).fill(wave)).values();
  return bounds.map((bound) => {
    const wrong = bound.findings.find(({ severity }) => severity === 'error');
    return {
      name: bound.name,
      target: bound.targetName,
      interface: sideWords(bound.device),
      wave: wrong ? -1 : waves.next().value!,
      state: wrong ? 'left-out' : 'waiting',
      before: null,
      deployment: null,
      message: wrong?.message ?? '',
    };
  });
}
