/** How many interfaces of a binding are in each state, worst first. */
import React from 'react';
import { t } from '@grafana/i18n';
import { Stack } from '@grafana/ui';
import type { BindingSummary } from '../data/index.ts';
import { countStates } from './byBinding.ts';
import { sayBindingState } from './said.ts';
import { StateLabel } from './StateLabel.tsx';

export function StateCounts({ links }: { links: BindingSummary[] }) {
  return (
    <Stack gap={1.5} wrap="wrap">
      {countStates(links).map(([state, count]) => {
        const said = sayBindingState(state);
        const word = t('binding.state-count', '{{state}}: {{number}}', { state: said.word, number: count });
        return <StateLabel key={state} {...said} word={word} />;
      })}
    </Stack>
  );
}
