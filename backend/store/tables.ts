/** The tables of documents, identities, deployments and the audit. Types are those that SQLite and PostgreSQL share. */
import type { Kysely } from 'kysely';
import { textOf } from './dialect.ts';
import type { ChangesTable, DeploymentsTable } from './changes.ts';
import type { LastWritingTable } from './remembered.ts';
import type { JournalTextsTable } from './texts.ts';
import { createMeasurementTables, type MeasurementTables } from './measurement-tables.ts';

export type DocumentsTable = {
  tenant: string;
  kind: string;
  name: string;
  /** Hash of the source: the same text is the same revision. */
  revision: string;
  source: string;
  /** Order of saving; the head is the greatest. */
  number: number;
  saved_at: number;
  saved_by: string;
};

/** One row an interface: who has it, with which identities. */
export type PlacesTable = {
  tenant: string;
  place: string;
  /** ULID of the deployment in force; null when what was there before Clearpath is there. */
  deployment: string | null;
  /** JSON of compile/tc's Allocation, or a reference to it (texts.ts) */
  allocation: string;
};

export type AuditTable = {
  /** Order of writing, from 1 without a gap */
  number: number;
  id: string;
  tenant: string;
  at: number;
  by: string;
  role: string;
  action: string;
  subject: string;
  outcome: 'done' | 'refused' | 'failed';
  detail: string;
  /** HMAC over this entry and the seal before it; null for entries of before there were seals */
  seal: string | null;
};

/** One row: what the entries are sealed with. */
export type AuditChainTable = {
  key_id: string;
  /** Number of the last entry before the chain began */
  since: number;
};

export type ProofsTable = {
  /** ULID */
  id: string;
  tenant: string;
  policy: string;
  revision: string;
  /** Whose figures it was proved with; empty on the command line */
  binding: string;
  /** Hash of the policy with all its figures: what exactly was proved */
  subject: string;
  kernel: string;
  by: string;
  started_at: number;
  finished_at: number;
  /** `failed`: no proof could be made */
  state: 'held' | 'broken' | 'inconclusive' | 'failed';
  message: string;
  /** JSON of prove's report */
  report: string | null;
};

export type RolloutsTable = {
  id: string;
  tenant: string;
  /** Name of the Binding document, and the revision that this roll-out began with */
  binding: string;
  binding_revision: string;
  policy: string;
  revision: string;
  state: 'running' | 'paused' | 'stopped' | 'failed' | 'done';
  by: string;
  role: string;
  started_at: number;
  finished_at: number | null;
  /** When the next wave may begin */
  next_at: number;
  /** When the program that drives it last said so */
  driven_at: number;
  message: string;
  /** JSON: what it was started with */
  settings: string;
  /** JSON: the interfaces in their waves, and what came of each */
  links: string;
};

export type Tables = MeasurementTables & {
  documents: DocumentsTable;
  journal_texts: JournalTextsTable;
  places: PlacesTable;
  changes: ChangesTable;
  deployments: DeploymentsTable;
  last_writing: LastWritingTable;
  rollouts: RolloutsTable;
  audit: AuditTable;
  audit_chain: AuditChainTable;
  proofs: ProofsTable;
};

/** Version 1. */
export async function createTables(db: Kysely<Tables>): Promise<void> {
  const text = textOf(db);
  await createMeasurementTables(db.$pickTables<keyof MeasurementTables>());
  await db.schema
    .createTable('documents')
    .ifNotExists()
    .addColumn('tenant', text, (c) => c.notNull())
    .addColumn('kind', text, (c) => c.notNull())
    .addColumn('name', text, (c) => c.notNull())
    .addColumn('revision', text, (c) => c.notNull())
    .addColumn('source', text, (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('saved_at', 'bigint', (c) => c.notNull())
    .addColumn('saved_by', text, (c) => c.notNull())
    // Two writers that start from the same head cannot both become its successor.
    .addPrimaryKeyConstraint('documents_key', ['tenant', 'kind', 'name', 'number'])
    .execute();
  await db.schema
    .createTable('places')
    .ifNotExists()
    .addColumn('tenant', text, (c) => c.notNull())
    .addColumn('place', text, (c) => c.notNull())
    .addColumn('deployment', text)
    .addColumn('allocation', text, (c) => c.notNull())
    .addPrimaryKeyConstraint('places_key', ['tenant', 'place'])
    .execute();
  await db.schema
    .createTable('deployments')
    .ifNotExists()
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('tenant', text, (c) => c.notNull())
    .addColumn('place', text, (c) => c.notNull())
    .addColumn('action', text, (c) => c.notNull())
    .addColumn('binding', text, (c) => c.notNull())
    .addColumn('policy', text, (c) => c.notNull())
    .addColumn('revision', text, (c) => c.notNull())
    .addColumn('target', text, (c) => c.notNull())
    .addColumn('interface', text, (c) => c.notNull())
    .addColumn('state', text, (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('finished_at', 'bigint')
    .addColumn('by', text, (c) => c.notNull())
    .addColumn('message', text, (c) => c.notNull())
    .addColumn('before', text, (c) => c.notNull())
    .addColumn('after', text, (c) => c.notNull())
    .addColumn('operations', text, (c) => c.notNull())
    .addColumn('previous', text)
    .addColumn('allocation', text, (c) => c.notNull())
    .addColumn('undoes', text)
    .execute();
  await db.schema
    .createIndex('deployments_by_place')
    .ifNotExists()
    .on('deployments')
    .columns(['tenant', 'place', 'id'])
    .execute();
  await db.schema
    .createTable('audit')
    .ifNotExists()
    .addColumn('number', 'integer', (c) => c.primaryKey())
    .addColumn('id', text, (c) => c.notNull())
    .addColumn('tenant', text, (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('by', text, (c) => c.notNull())
    .addColumn('role', text, (c) => c.notNull())
    .addColumn('action', text, (c) => c.notNull())
    .addColumn('subject', text, (c) => c.notNull())
    .addColumn('outcome', text, (c) => c.notNull())
    .addColumn('detail', text, (c) => c.notNull())
    .execute();
}

/** Version 2: the audit is sealed. */
export async function addAuditChain(db: Kysely<Tables>): Promise<void> {
  const text = textOf(db);
  await db.schema.alterTable('audit').addColumn('seal', text).execute();
  await db.schema
    .createTable('audit_chain')
    .addColumn('key_id', text, (c) => c.notNull())
    .addColumn('since', 'integer', (c) => c.notNull())
    .execute();
}

/** Version 3: deadlines of confirmation; and what is unfinished is looked for at every start and before every change. */
export async function addConfirmation(db: Kysely<Tables>): Promise<void> {
  await db.schema.alterTable('deployments').addColumn('confirm_within', 'integer').execute();
  await db.schema.alterTable('deployments').addColumn('confirm_boot', textOf(db)).execute();
  await db.schema.alterTable('deployments').addColumn('confirm_until', 'bigint').execute();
  await db.schema.createIndex('deployments_by_state').on('deployments').column('state').execute();
}

export async function addMatching(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .alterTable('deployments')
    .addColumn('matching', textOf(db), (c) => c.notNull().defaultTo(''))
    .execute();
}
