/**
 * What saving a version changes on interfaces without anybody's apply, in words. Only schedules, by the clock, and
 * `reapply`, where the machine lost what was in force, act by themselves; they do by what is saved.
 */
import { t } from '@grafana/i18n';
import { useBindings, type Comparison, type Versioned } from '../../data/index.ts';

/** @returns empty as long as it is not known */
export function useByItself(kind: Versioned, name: string, comparison: Comparison | undefined): string {
  const bindings = useBindings();
  if (kind === 'bindings') {
    return comparison ? ofBinding(comparison.alone ?? []) : '';
  }
  if (!bindings.data) {
    return '';
  }
  const scheduled = bindings.data.filter(
    (bound) => (kind === 'policies' ? bound.policy : bound.target) === name && bound.turn?.scheduled
  );
  const names = { bindings: [...new Set(scheduled.map(({ binding }) => binding))].join(', ') };
  if (scheduled.length === 0) {
    return nothing();
  }
  return kind === 'policies'
    ? t(
        'restore.policy-scheduled',
        'Bindings with a schedule apply it by themselves when a window begins ({{bindings}}); elsewhere nothing changes until it is applied.',
        names
      )
    : t(
        'restore.target-scheduled',
        'Bindings with a schedule act on its interfaces by themselves ({{bindings}}); elsewhere nothing changes until it is applied.',
        names
      );
}

const nothing = () => t('restore.until-applied', 'Nothing changes on any interface until it is applied.');

function ofBinding(alone: NonNullable<Comparison['alone']>): string {
  const schedule = alone.includes('schedule')
    ? t(
        'restore.by-schedule',
        'It has a schedule, so it changes its interfaces by itself: at once where a window holds now, else when one begins or ends.'
      )
    : nothing();
  const reapply = t(
    'restore.by-reapply',
    'With reapply, what it has in force is put back by itself where the machine lost it, as after a restart.'
  );
  return alone.includes('reapply') ? `${schedule} ${reapply}` : schedule;
}
