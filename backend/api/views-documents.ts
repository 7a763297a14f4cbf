/** Bindings and Targets as the contract shows them: as documents, and a Binding that cannot be read among the others. */
import { firstError, judgeStored, type Bound, type Catalog, type Unreadable } from '../deploy/index.ts';
import { parseDocuments } from '../policy/index.ts';
import type { StoredDocument } from '../store/index.ts';
import type { BindingSummary, DocumentComparison, DocumentSummary } from './contract.ts';

export function documentView(
  catalog: Catalog,
  kind: 'Binding' | 'Target',
  stored: StoredDocument,
  bounds: readonly Bound[]
): DocumentSummary {
  const { name, revision, savedAt, savedBy, source } = stored;
  const read = parseDocuments(source).documents.find(({ document }) => document.kind === kind);
  return {
    name,
    description: read?.document.metadata.description ?? '',
    revision,
    updatedAt: savedAt,
    updatedBy: savedBy,
    file: catalog.fileOf(kind, name) ?? null,
    readable: read !== undefined,
    findings: judgeStored(kind, name, source, bounds),
  };
}

/** By which of its keys a Binding changes interfaces without anybody's apply. */
export function actsAlone(source: string): DocumentComparison['alone'] {
  const binding = parseDocuments(source).documents.find(({ document }) => document.kind === 'Binding')?.document;
  const spec = binding?.kind === 'Binding' ? binding.spec : undefined;
  return (['schedule', 'reapply'] as const).filter((key) => spec?.[key]);
}

/** It acts nowhere, and must not vanish for that. */
export const unreadableBinding = ({ name, findings }: Unreadable): BindingSummary => ({
  name,
  binding: name,
  policy: '',
  target: '',
  interface: '',
  direction: 'egress',
  site: '',
  service: '',
  state: 'unreachable',
  turn: null,
  schedule: null,
  changesAt: null,
  variables: [],
  message: `The stored document is not one that this version takes: ${firstError(findings)} Correct it, or restore a version of it.`,
  deployment: null,
  revision: null,
});
