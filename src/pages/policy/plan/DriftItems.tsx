/** Changes by another hand, each with its place in the document and, where it stays out of it, the reason. */
import React from 'react';
import type { Drifted } from '../../../data/index.ts';

export function DriftItems({ items }: { items: Array<Drifted & { reason?: string }> }) {
  return (
    <ul>
      {items.map(({ path, words, reason }, index) => (
        <li key={index}>
          {words} {path && <code>{path}</code>} {reason}
        </li>
      ))}
    </ul>
  );
}
