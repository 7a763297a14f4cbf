/** What is stored in versions, and where the sidecar has it. */
import type { DocumentComparison, DocumentKind, DocumentVersion, PolicyComparison, PolicyVersion } from './contract.ts';

export type Versioned = DocumentKind | 'policies';
/** Only a policy is in force by itself. */
export type Version = DocumentVersion & Partial<Pick<PolicyVersion, 'inForce'>>;
/** Only a Binding may act alone. */
export type Comparison = PolicyComparison & Partial<Pick<DocumentComparison, 'alone'>>;

export const pathOf = (kind: Versioned, name: string): string =>
  `${kind === 'policies' ? kind : `documents/${kind}`}/${encodeURIComponent(name)}`;
