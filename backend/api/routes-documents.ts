/** Bindings and Targets as documents: listed, judged, saved, deleted, and gone back to. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { judgeChange, keepDocument, type Kept } from '../deploy/index.ts';
import { Name } from '../policy/index.ts';
import { isRemoval } from '../store/index.ts';
import {
  DocumentComparison, DocumentDetail, DocumentKind, DocumentSummary, DocumentVersion, DocumentVersionText, Draft, RemoveDocument, RestoreDocument,
} from './contract.ts'; // prettier-ignore
import { Finding } from '../policy/finding.ts';
import type { Context } from './context.ts';
import { ProblemError } from './problem.ts';
import { requireRight, type Identity } from './rights.ts';
import { Between, compareVersions, deleteDocument, requireRestorable, VersionNumber, versionOf } from './versions.ts';
import { actsAlone, documentView } from './views-documents.ts';

const KIND = { bindings: 'Binding', targets: 'Target' } as const;
const ofKind = z.object({ kind: DocumentKind });
const named = ofKind.extend({ name: Name });
const version = named.extend({ number: VersionNumber });

export const documentRoutes =
  (context: Context): FastifyPluginAsyncZod =>
  async (app) => {
    const { store, catalog } = context;
    const keeping = ({ tenant, login, role }: Identity) => ({ store, catalog, tenant, actor: { login: login!, role } });
    const notThere = (what: string) => new ProblemError(404, 'CP-NOT-FOUND', 'No such document', what);
    const refused = (findings: Finding[], what: string) =>
      new ProblemError(422, 'CP-FINDINGS', 'The document has errors', `The document was not ${what}. Correct what is named below.`, findings); // prettier-ignore
    const detail = async (tenant: string, kind: DocumentKind, name: string) => {
      const stored = await store.documents.head(tenant, KIND[kind], name);
      if (!stored) {
        throw notThere(`There is no ${KIND[kind].toLowerCase()} "${name}".`);
      }
      return { ...documentView(catalog, KIND[kind], stored, await catalog.bindings(tenant)), source: stored.source };
    };
    const told = async (identity: Identity, kind: DocumentKind, name: string, kept: Kept) => {
      if ('refused' in kept) {
        throw refused(kept.refused, 'saved');
      }
      await context.changed(identity.tenant);
      return detail(identity.tenant, kind, name);
    };

    app.get(
      '/documents/:kind',
      {
        schema: { summary: 'Bindings or Targets as documents', params: ofKind, response: { 200: z.array(DocumentSummary) } },
      }, // prettier-ignore
      async (request) => {
        requireRight(request.identity, 'read');
        const { tenant } = request.identity;
        const kind = KIND[request.params.kind];
        const [stored, bounds] = await Promise.all([store.documents.list(tenant, kind), catalog.bindings(tenant)]);
        return stored.map((item) => documentView(catalog, kind, item, bounds));
      }
    );

    app.post(
      '/documents/:kind/validate',
      {
        schema: {
          summary: 'Judge a Binding or a Target, with what it would change around it, without saving it',
          params: ofKind,
          body: z.object({ name: Name, source: z.string().max(1_000_000) }),
          response: { 200: z.object({ findings: z.array(Finding) }) },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const change = { kind: KIND[request.params.kind], ...request.body };
        return { findings: await judgeChange(context, request.identity.tenant, change) };
      }
    );

    app.get(
      '/documents/:kind/:name',
      {
        schema: { summary: 'One Binding or Target with its source', params: named, response: { 200: DocumentDetail } },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        return detail(request.identity.tenant, request.params.kind, request.params.name);
      }
    );

    app.put(
      '/documents/:kind/:name',
      {
        schema: { summary: 'Save a Binding or a Target', params: named, body: Draft, response: { 200: DocumentDetail } },
      }, // prettier-ignore
      async (request) => {
        requireRight(request.identity, 'bind');
        const { kind, name } = request.params;
        const { source, baseRevision } = request.body;
        const kept = await keepDocument(keeping(request.identity), { kind: KIND[kind], name, source }, baseRevision);
        return told(request.identity, kind, name, kept);
      }
    );

    app.delete(
      '/documents/:kind/:name',
      {
        schema: {
          summary: 'Delete a Binding or a Target; its versions stay',
          params: named,
          body: RemoveDocument,
          response: { 200: z.object({ removed: z.literal(true) }) },
        },
      },
      async (request) => {
        requireRight(request.identity, 'bind');
        const { kind, name } = request.params;
        await detail(request.identity.tenant, kind, name);
        await deleteDocument(context, request.identity, KIND[kind], name, request.body.baseRevision);
        return { removed: true as const };
      }
    );

    app.get(
      '/documents/:kind/:name/versions',
      {
        schema: {
          summary: 'Every save of a Binding or a Target, newest first',
          params: named,
          response: { 200: z.array(DocumentVersion) },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const { kind, name } = request.params;
        const versions = await store.documents.versions(request.identity.tenant, KIND[kind], name);
        if (versions.length === 0) {
          throw notThere(`There is no ${KIND[kind].toLowerCase()} "${name}".`);
        }
        return versions.map(({ number, revision, savedAt, savedBy }) => ({ number, revision, savedAt, savedBy, removed: isRemoval({ revision }) })); // prettier-ignore
      }
    );

    app.get(
      '/documents/:kind/:name/versions/:number',
      { schema: { summary: 'The text of one version', params: version, response: { 200: DocumentVersionText } } },
      async (request) => {
        requireRight(request.identity, 'read');
        const { kind, name } = request.params;
        const { number, revision, savedAt, savedBy, source } = await versionOf(store, request.identity.tenant, KIND[kind], name, request.params.number); // prettier-ignore
        return { number, revision, savedAt, savedBy, source, removed: isRemoval({ revision }) };
      }
    );

    app.get(
      '/documents/:kind/:name/changes',
      {
        schema: {
          summary: 'What one version of a Binding or a Target says beside another',
          params: named,
          querystring: Between,
          response: { 200: DocumentComparison },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const { kind, name } = request.params;
        const compared = await compareVersions(store, request.identity.tenant, KIND[kind], name, request.query);
        return { ...compared, alone: actsAlone(compared.sources[1]) };
      }
    );

    app.post(
      '/documents/:kind/:name/restore',
      {
        schema: {
          summary: 'Save the text of an earlier version as a new one, also of a document that was deleted',
          params: named,
          body: RestoreDocument,
          response: { 200: DocumentDetail },
        },
      },
      async (request) => {
        requireRight(request.identity, 'bind');
        const { kind, name } = request.params;
        const { number, baseRevision } = request.body;
        const version = await versionOf(store, request.identity.tenant, KIND[kind], name, number);
        requireRestorable(KIND[kind], version, baseRevision);
        const change = { kind: KIND[kind], name, source: version.source };
        return told(request.identity, kind, name, await keepDocument(keeping(request.identity), change, baseRevision, number)); // prettier-ignore
      }
    );
  };
