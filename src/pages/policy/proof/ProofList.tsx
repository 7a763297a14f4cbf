/** Earlier proofs, to look at one again. */
import React from 'react';
import { dateTimeFormat } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Button, useStyles2 } from '@grafana/ui';
import { DataTable, StateLabel, getTableStyles } from '../../../components/index.ts';
import { sayProofState } from '../../../components/said.ts';
import { shortRevision } from '../../../components/units.ts';
import type { Proof } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';
import { testIds } from '../../../testIds.ts';

interface Props {
  proofs: Proof[];
  shown: string;
  onShow: (id: string) => void;
}

export function ProofList({ proofs, shown, onShow }: Props) {
  const table = useStyles2(getTableStyles);
  return (
    <DataTable
      heads={[
        t('proof.list-when', 'When'),
        t('proof.list-verdict', 'Verdict'),
        t('proof.list-revision', 'Revision'),
        t('proof.list-kernel', 'Kernel'),
        t('proof.list-by', 'By'),
        { label: t('proof.list-show', 'Show') },
      ]}
    >
      {proofs.map((proof) => (
        <tr key={proof.id} data-testid={testIds.proof(proof.id)} data-state={proof.state}>
          <td className={table.number}>{dateTimeFormat(proof.startedAt)}</td>
          <td>
            <StateLabel {...sayProofState(proof.state)} title={proof.message} />
          </td>
          <td>
            <code>{shortRevision(proof.revision)}</code>
          </td>
          <td>{proof.kernel}</td>
          <td>{proof.by}</td>
          <td className={table.right}>
            <Button
              size="sm"
              fill="text"
              disabled={proof.id === shown}
              aria-label={t('proof.show-label', 'Show the proof of {{when}}', {
                ...raw,
                when: dateTimeFormat(proof.startedAt),
              })}
              onClick={() => onShow(proof.id)}
            >
              {proof.id === shown ? (
                <Trans i18nKey="proof.shown">Shown</Trans>
              ) : (
                <Trans i18nKey="proof.show">Show</Trans>
              )}
            </Button>
          </td>
        </tr>
      ))}
    </DataTable>
  );
}
