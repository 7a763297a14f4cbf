/** Bindings that apply what is saved by the clock, without anybody's apply: which, and when each does next. */
import React from 'react';
import { dateTimeFormat } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Moment } from '../../components/index.ts';
import { useBindings, type BindingSummary } from '../../data/index.ts';
import { raw } from '../../locales/raw.ts';
import { testIds } from '../../testIds.ts';

export interface ScheduledBinding {
  name: string;
  /** ms since the epoch; null where no window begins in sight */
  begins: number | null;
  /** Its window holds, and it is not in force on an interface: there it is applied as soon as that is possible. */
  due: boolean;
}

/** @returns those of a policy or a target, a document each, however many interfaces it has; undefined as long as they are not known */
export function useScheduled(kind: 'policies' | 'targets', name: string): ScheduledBinding[] | undefined {
  const links = useBindings().data?.filter((link) => (kind === 'policies' ? link.policy : link.target) === name);
  return links && scheduledOf(links);
}

function scheduledOf(links: readonly BindingSummary[]): ScheduledBinding[] {
  const found = new Map<string, ScheduledBinding>();
  for (const { binding, schedule, state } of links) {
    if (schedule) {
      const due = schedule.holds && (state === 'not-applied' || state === 'unreachable');
      found.set(binding, {
        name: binding,
        begins: schedule.begins,
        due: due || (found.get(binding)?.due ?? false),
      });
    }
  }
  return [...found.values()];
}

export function ScheduledBindings({ bindings }: { bindings: readonly ScheduledBinding[] }) {
  return (
    <ul data-testid={testIds.scheduledBindings}>
      {bindings.map(({ name, begins, due }) => (
        <li key={name}>
          {due
            ? t(
                'scheduled.due',
                '{{binding}}: at once where nothing of it was applied since its window began, which holds now',
                { ...raw, binding: name }
              )
            : begins === null
              ? t('scheduled.never', '{{binding}}: no window of it begins in the next two weeks', {
                  ...raw,
                  binding: name,
                })
              : t('scheduled.begins', '{{binding}}: when its next window begins, on {{when}}', {
                  ...raw,
                  binding: name,
                  when: dateTimeFormat(begins),
                })}
          {!due && begins !== null && (
            <>
              {' '}
              (<Moment at={begins} />)
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
