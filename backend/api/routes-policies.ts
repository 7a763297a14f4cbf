/** Policies: list, read, judge, save, delete. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { judgeSource } from '../deploy/index.ts';
import { applyEdits, explainAll, Name } from '../policy/index.ts';
import {
  BoundName,
  Draft,
  Explanation,
  FixedText,
  Judgement,
  PolicyDetail,
  PolicySummary,
  RemoveDocument,
} from './contract.ts';
import type { Context } from './context.ts';
import { ProblemError } from './problem.ts';
import { requireRight } from './rights.ts';
import { savePolicy } from './save-policy.ts';
import { deleteDocument } from './versions.ts';
import { judgementView, policySummary, policyView } from './views.ts';

/** Made when first asked for: each example is judged. */
let explanations: Explanation[] | undefined;

const named = z.object({ name: Name });

export const policyRoutes =
  (context: Context): FastifyPluginAsyncZod =>
  async (app) => {
    const { store, catalog } = context;
    const stored = async (tenant: string, name: string) => {
      const head = await store.documents.head(tenant, 'Policy', name);
      if (!head) {
        throw new ProblemError(404, 'CP-NOT-FOUND', 'No such policy', `There is no policy "${name}".`);
      }
      return head;
    };

    app.get(
      '/policies',
      { schema: { summary: 'All policies', response: { 200: z.array(PolicySummary) } } },
      async (request) => {
        requireRight(request.identity, 'read');
        const used = await catalog.usedBy(request.identity.tenant);
        const all = await store.documents.list(request.identity.tenant, 'Policy');
        return all.map((item) => policySummary(policyView(item, used.get(item.name) ?? [])));
      }
    );

    app.get(
      '/policies/:name',
      { schema: { summary: 'One policy with its source', params: named, response: { 200: PolicyDetail } } },
      async (request) => {
        requireRight(request.identity, 'read');
        const { tenant } = request.identity;
        const { name } = request.params;
        return policyView(await stored(tenant, name), (await catalog.usedBy(tenant)).get(name) ?? []);
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

    app.get(
      '/findings',
      { schema: { summary: 'What each code of a finding means', response: { 200: z.array(Explanation) } } },
      async (request) => {
        requireRight(request.identity, 'read');
        explanations ??= explainAll();
        return explanations;
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

    app.delete(
      '/policies/:name',
      {
        schema: {
          summary: 'Delete a policy that no binding uses and that is in force nowhere; its versions stay',
          params: named,
          body: RemoveDocument,
          response: { 200: z.object({ removed: z.literal(true) }) },
        },
      },
      async (request) => {
        requireRight(request.identity, 'draft');
        const { name } = request.params;
        await stored(request.identity.tenant, name);
        await deleteDocument(context, request.identity, 'Policy', name, request.body.baseRevision);
        context.hub.tell({ topic: 'policies', tenant: request.identity.tenant, data: { name, revision: null } });
        return { removed: true as const };
      }
    );
  };
