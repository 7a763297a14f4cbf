/** A table as every page has it: a card that scrolls sideways, heads, and rows of the caller's. */
import React, { type ReactNode } from 'react';
import { useStyles2 } from '@grafana/ui';
import { getTableStyles } from './tableStyles.ts';

/** A head that stands over figures is on their side; one without words is named for who cannot see the column. */
export type Head = string | { text: string; right: true } | { label: string };

const say = (head: Head): string => (typeof head === 'string' ? head : 'text' in head ? head.text : '');

export function DataTable({ heads, children }: { heads: readonly Head[]; children: ReactNode }) {
  const table = useStyles2(getTableStyles);
  return (
    <div className={table.card} style={{ overflowX: 'auto' }}>
      <table className={table.table}>
        <thead>
          <tr>
            {heads.map((head, at) => (
              <th
                key={at}
                className={typeof head !== 'string' && 'right' in head ? table.right : undefined}
                aria-label={typeof head !== 'string' && 'label' in head ? head.label : undefined}
              >
                {say(head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
