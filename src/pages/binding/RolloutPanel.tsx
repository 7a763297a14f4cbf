/** The last roll-out of a binding with its waves, or the waves that one would have; and what may be done about it. */
import React, { useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Checkbox, ConfirmModal, Field, Input, Stack, useStyles2 } from '@grafana/ui';
import {
  Countdown,
  Moment,
  PermissionButton,
  ProblemAlert,
  SkeletonLines,
  StateLabel,
} from '../../components/index.ts';
import { sayRolloutState } from '../../components/said.ts';
import { useRolloutAction, useRollouts, useRolloutWaves, useStartRollout, type Rollout } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { Waves } from './Waves.tsx';

export function RolloutPanel({ binding }: { binding: string }) {
  const styles = useStyles2(getStyles);
  const rollouts = useRollouts(binding);
  const waves = useRolloutWaves(binding);
  const start = useStartRollout();
  const last = rollouts.data?.[0];
  const action = useRolloutAction(last?.id ?? '');
  const [asking, setAsking] = useState(false);
  const [replaceForeign, setReplaceForeign] = useState(false);
  const [seconds, setSeconds] = useState('');
  const busy = last?.state === 'running' || last?.state === 'paused';
  const pending = start.isPending || action.isPending ? t('rollout.pending', 'Being told to the sidecar…') : '';
  const problem = start.error ?? action.error ?? rollouts.error ?? waves.error;
  const count = waves.data?.waves.flat().length ?? 0;
  const blocked =
    pending ||
    (busy ? t('rollout.busy', 'The last roll-out is still under way.') : '') ||
    (count === 0 ? t('rollout.nobody', 'No interface of this binding can be changed.') : '');
  return (
    <div className={styles.page} data-testid={testIds.rollout}>
      {problem && <ProblemAlert problem={problem} onRetry={() => void rollouts.refetch()} />}
      <div className={styles.bar}>
        {last ? (
          <Standing rollout={last} />
        ) : (
          <span>{t('rollout.none', 'Not rolled out as a whole yet. It would go in these waves:')}</span>
        )}
        <Stack gap={1}>
          {busy && (
            <PermissionButton
              right="apply"
              blocked={pending}
              variant="secondary"
              icon="square-shape"
              tooltip={t('rollout.stop-tooltip', 'The wave under way ends; no further interface is changed.')}
              data-testid={testIds.rolloutStop}
              onClick={() => action.mutate('stop')}
            >
              {t('rollout.stop', 'Stop')}
            </PermissionButton>
          )}
          {busy && last.waves.flat().some(({ state }) => state === 'awaiting') && (
            <PermissionButton
              right="apply"
              blocked={pending}
              icon="check"
              tooltip={t(
                'rollout.confirm-tooltip',
                'The network still works: this wave stays, and the next one may begin.'
              )}
              data-testid={testIds.rolloutConfirm}
              onClick={() => action.mutate('confirm')}
            >
              {t('rollout.confirm', 'Confirm the wave')}
            </PermissionButton>
          )}
          {last && mayResume(last) && (
            <PermissionButton
              right="apply"
              blocked={pending}
              variant="secondary"
              icon="play"
              tooltip={t('rollout.resume-tooltip', 'Goes on with what waits, and tries what failed again.')}
              data-testid={testIds.rolloutResume}
              onClick={() => action.mutate('resume')}
            >
              {t('rollout.resume', 'Go on')}
            </PermissionButton>
          )}
          <PermissionButton
            right="apply"
            blocked={blocked}
            icon="play"
            data-testid={testIds.rolloutStart}
            onClick={() => setAsking(true)}
          >
            {t('rollout.start', 'Roll out')}
          </PermissionButton>
        </Stack>
      </div>
      {!last && !waves.data && !problem && <SkeletonLines lines={4} />}
      {last ? <Waves {...last} /> : waves.data && <Waves {...waves.data} />}
      <ConfirmModal
        isOpen={asking}
        title={t('rollout.ask', '', {
          count,
          defaultValue_one: 'Roll out on {{count}} interface?',
          defaultValue_other: 'Roll out on {{count}} interfaces?',
        })}
        body={
          <Stack direction="column" gap={2}>
            <span>
              {t(
                'rollout.ask-body',
                'The saved policy is applied wave by wave ({{waves}}). The first interface that refuses ends it after its wave.',
                { waves: (waves.data?.waves ?? []).map((wave) => wave.length).join(' + ') }
              )}
            </span>
            <Field
              noMargin
              label={t('rollout.seconds', 'Confirm each wave within')}
              description={t(
                'rollout.seconds-text',
                'Seconds; otherwise all of the wave goes back. Empty: as the binding says.'
              )}
            >
              <Input
                id="rollout-seconds"
                type="number"
                min={0}
                max={86400}
                width={16}
                value={seconds}
                onChange={(event) => setSeconds(event.currentTarget.value)}
                data-testid={testIds.rolloutSeconds}
              />
            </Field>
            <Checkbox
              value={replaceForeign}
              onChange={(event) => setReplaceForeign(event.currentTarget.checked)}
              label={t('rollout.replace-foreign', 'Replace trees that could not be restored exactly, too')}
            />
          </Stack>
        }
        confirmText={t('rollout.start', 'Roll out')}
        confirmVariant={replaceForeign ? 'destructive' : 'primary'}
        confirmButtonVariant={replaceForeign ? 'destructive' : 'primary'}
        dismissText={t('plan.dismiss', 'Cancel')}
        onConfirm={() => {
          setAsking(false);
          start.mutate({ binding, replaceForeign, ...(seconds === '' ? {} : { confirm: Number(seconds) }) });
        }}
        onDismiss={() => setAsking(false)}
      />
    </div>
  );
}

/** As the sidecar decides it: there is something left, and nothing was taken back. */
function mayResume({ state, waves }: Rollout): boolean {
  const links = waves.flat();
  return (
    state !== 'running' &&
    links.some((link) => link.state === 'waiting' || link.state === 'failed') &&
    links.every((link) => link.state !== 'rolled-back')
  );
}

function Standing({ rollout }: { rollout: Rollout }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.standing} data-testid={testIds.rolloutState} data-state={rollout.state}>
      <StateLabel {...sayRolloutState(rollout.state)} />
      <span>{rollout.message}</span>
      <span className={styles.quiet}>
        <Moment at={rollout.startedAt} /> {rollout.by}
      </span>
      {rollout.secondsToConfirm !== null && <Countdown id={rollout.id} seconds={rollout.secondsToConfirm} />}
      {rollout.nextAt !== null && (
        <span className={styles.quiet}>
          {t('rollout.next', 'Next wave')} <Moment at={rollout.nextAt} />
        </span>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  bar: css({ display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', gap: theme.spacing(1, 3) }),
  standing: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'baseline', gap: theme.spacing(0.5, 2), flex: 1 }),
  quiet: css({ color: theme.colors.text.secondary }),
});
