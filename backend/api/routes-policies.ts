/** Policies: list, read, judge, save. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { judgeSource } from '../deploy/index.ts';
import { applyEdits, Name } from '../policy/index.ts';
import { BoundName, Draft, FixedText, Judgement, PolicyDetail, PolicySummary } from './contract.ts';
import type { Context } from './context.ts';
import { ProblemError } from './problem.ts';
import { requireRight } from './rights.ts';
import { savePolicy } from './save-policy.ts';
import { judgementView, policySummary, policyView } from './views.ts';

const named = z.object({ name: Name });

export const policyRoutes =
  (context: Context): FastifyPluginAsyncZod =>
  async (app) => {
    const { store, catalog } = context;

    app.get(
      '/policies',
      { schema: { summary: 'All policies', response: { 200: z.array(PolicySummary) } } },
      async (request) => {
        requireRight(request.identity, 'read');
        const used = await catalog.usedBy(request.identity.tenant);
        const stored = await store.documents.list(request.identity.tenant, 'Policy');
        return stored.map((item) => policySummary(policyView(item, used.get(item.name) ?? [])));
      }
    );

    app.get(
      '/policies/:name',
      { schema: { summary: 'One policy with its source', params: named, response: { 200: PolicyDetail } } },
      async (request) => {
        requireRight(request.identity, 'read');
        const { tenant } = request.identity;
        const stored = await store.documents.head(tenant, 'Policy', request.params.name);
        if (!stored) {
          throw new ProblemError(404, 'CP-NOT-FOUND', 'No such policy', `There is no policy "${request.params.name}".`);
        }
        return policyView(stored, (await catalog.usedBy(tenant)).get(stored.name) ?? []);
      }
    );

    app.post(
      '/policies/validate',
      {
        schema: {
          summary: 'Judge a policy without saving it',
          body: z.object({
            source: z.string().max(1_000_000),
            binding: BoundName.optional().describe(
              'Judge with its bandwidth and values; by default the policy by itself'
            ),
          }),
          response: { 200: Judgement },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const { source, binding } = request.body;
        if (!binding) {
          return judgementView(source);
        }
        const bound = await catalog.binding(request.identity.tenant, binding);
        if (!bound) {
          throw new ProblemError(404, 'CP-NOT-FOUND', 'No such binding', `There is no binding "${binding}".`);
        }
        return judgementView(source, bound);
      }
    );

    app.post(
      '/policies/fix',
      {
        schema: {
          summary: 'The text with the fix of one of its findings; nothing is saved',
          body: z.object({
            source: z.string().max(1_000_000),
            code: z.string().describe('Of the finding, as policies/validate says it of this text'),
            path: z.string(),
          }),
          response: { 200: FixedText },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const { source, code, path } = request.body;
        const found = judgeSource(source).findings.find((item) => item.code === code && item.path === path && item.fix);
        if (!found?.fix) {
          const detail = `The text has no ${code} at ${path} that offers a fix. Nothing was edited.`;
          throw new ProblemError(422, 'CP-NO-FIX', 'Nothing to fix', detail);
        }
        return { source: applyEdits(source, found.fix.edits, found.document) };
      }
    );

    app.put(
      '/policies/:name',
      { schema: { summary: 'Save a policy', params: named, body: Draft, response: { 200: PolicyDetail } } },
      async (request) => {
        requireRight(request.identity, 'draft');
        return savePolicy(context, request.identity, request.params.name, request.body, ({ revision }) => ({
          action: 'policy.save',
          detail: `revision ${revision}`,
        }));
      }
    );
  };
