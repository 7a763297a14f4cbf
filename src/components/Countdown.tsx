/** The seconds that are left before what is in force goes back by itself, counted down. */
import React, { useEffect, useState } from 'react';
import { t } from '@grafana/i18n';
import { testIds } from '../testIds.ts';

/** Counts down from what the sidecar said, by a clock that nobody can set. */
function useSecondsLeft(said: number): number {
  const [left, setLeft] = useState(said);
  useEffect(() => {
    const began = performance.now();
    const count = () => setLeft(Math.max(0, said - Math.floor((performance.now() - began) / 1000)));
    count();
    const timer = setInterval(count, 250);
    return () => clearInterval(timer);
  }, [said]);
  return left;
}

interface Props {
  /** Of the deployment or roll-out */
  id: string;
  seconds: number;
}

export function Countdown({ id, seconds }: Props) {
  const left = useSecondsLeft(seconds);
  return (
    <span role="timer" data-testid={testIds.countdown(id)} data-seconds={left}>
      {left > 0
        ? t('confirmation.left', '', {
            count: left,
            defaultValue_one: 'Rolled back in {{count}} second unless it is confirmed.',
            defaultValue_other: 'Rolled back in {{count}} seconds unless it is confirmed.',
          })
        : t('confirmation.over', 'The time is over: it is being rolled back.')}
    </span>
  );
}
