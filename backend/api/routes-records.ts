/** What was done: deployments and the audit, newest first. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { AuditEntry, AuditQuery, AuditState, BoundName, Deployment } from './contract.ts';
import type { Context } from './context.ts';
import { ProblemError } from './problem.ts';
import { requireRight } from './rights.ts';
import { deploymentView } from './views.ts';

const limit = z.coerce.number().int().min(1).max(1000).default(100);
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export const recordRoutes =
  (context: Context): FastifyPluginAsyncZod =>
  async (app) => {
    const { engine, store } = context;

    app.get(
      '/deployments',
      {
        schema: {
          summary: 'Deployments, newest first',
          querystring: z.object({ binding: BoundName.optional(), limit }),
          response: { 200: z.array(Deployment) },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        return (await store.deployments.list(request.identity.tenant, request.query)).map((row) =>
          deploymentView(row, engine)
        );
      }
    );

    app.get(
      '/deployments/:id',
      {
        schema: {
          summary: 'One deployment',
          params: z.object({ id: z.string().regex(ULID) }),
          response: { 200: Deployment },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const row = await store.deployments.get(request.identity.tenant, request.params.id);
        if (!row) {
          throw new ProblemError(
            404,
            'CP-NOT-FOUND',
            'No such deployment',
            `There is no deployment ${request.params.id}.`
          );
        }
        return deploymentView(row, engine);
      }
    );

    app.get(
      '/audit/verify',
      { schema: { summary: 'Whether the audit was tampered with', response: { 200: AuditState } } },
      async (request) => {
        requireRight(request.identity, 'plan');
        return store.audit.verify();
      }
    );

    app.get(
      '/audit',
      {
        schema: {
          summary: 'Who did what, newest first',
          querystring: AuditQuery,
          response: { 200: z.array(AuditEntry) },
        },
      },
      async (request) => {
        requireRight(request.identity, 'plan');
        const { search = '', ...filter } = request.query;
        const words = search.split(/\s+/).filter(Boolean);
        const found = await store.audit.list(request.identity.tenant, { ...filter, words });
        return found.map(({ tenant: _, ...entry }) => entry);
      }
    );
  };
