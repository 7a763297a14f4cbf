/** A new policy that begins with a text: it is a draft on the policy's own page until the operator saves it. */
import { locationService } from '@grafana/runtime';
import { APP_ROOT } from '../../constants.ts';

/** What the history entry carries, so that the draft is there after a reload and gone with the entry. */
export interface Start {
  source: string;
}

export const startPolicy = (name: string, source: string): void =>
  locationService.push({
    pathname: `${APP_ROOT}/policies/${name}`,
    search: '?new=true',
    state: { source } satisfies Start,
  });

export const startOf = (state: unknown): string | undefined =>
  typeof state === 'object' && state !== null && 'source' in state && typeof state.source === 'string'
    ? state.source
    : undefined;
