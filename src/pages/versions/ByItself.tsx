/**
 * What saving a version changes on interfaces without anybody's apply, in words. Only schedules, by the clock, and
 * `reapply`, where the machine lost what was in force, act by themselves; they do by what is saved.
 */
import React from 'react';
import { t } from '@grafana/i18n';
import type { Comparison, Versioned } from '../../data/index.ts';
import { ScheduledBindings, useScheduled } from '../documents/ScheduledBindings.tsx';

interface Props {
  kind: Versioned;
  name: string;
  /** A Binding’s says what it does alone */
  comparison: Comparison | undefined;
}

/** Empty as long as it is not known. */
export function ByItself({ kind, name, comparison }: Props) {
  return kind === 'bindings' ? (
    <>{comparison && ofBinding(comparison.alone ?? [])}</>
  ) : (
    <OfSchedules kind={kind} name={name} />
  );
}

function OfSchedules({ kind, name }: { kind: 'policies' | 'targets'; name: string }) {
  const scheduled = useScheduled(kind, name);
  if (!scheduled) {
    return null;
  }
  if (scheduled.length === 0) {
    return <>{nothing()}</>;
  }
  return (
    <>
      {kind === 'policies'
        ? t(
            'restore.policy-scheduled',
            'Bindings with a schedule apply it by themselves; elsewhere nothing changes until it is applied.'
          )
        : t(
            'restore.target-scheduled',
            'Bindings with a schedule act on its interfaces by themselves; elsewhere nothing changes until it is applied.'
          )}
      <ScheduledBindings bindings={scheduled} />
    </>
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
