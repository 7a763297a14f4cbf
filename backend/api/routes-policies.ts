/** Policies: list, read, judge, save. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { judgeSource } from '../deploy/index.ts';
import { hasErrors, Name } from '../policy/index.ts';
import { BoundName, Draft, Judgement, PolicyDetail, PolicySummary } from './contract.ts';
import type { Context } from './context.ts';
import { ProblemError } from './problem.ts';
import { requireRight } from './rights.ts';
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

    app.put(
      '/policies/:name',
      { schema: { summary: 'Save a policy', params: named, body: Draft, response: { 200: PolicyDetail } } },
      async (request) => {
        requireRight(request.identity, 'draft');
        const { tenant, login, role } = request.identity;
        const { source, baseRevision } = request.body;
        const judged = judgeSource(source);
        if (hasErrors(judged.findings)) {
          throw new ProblemError(
            422,
            'CP-FINDINGS',
            'The policy has errors',
            'The policy was not saved. Correct what is named below.',
            judged.findings
          );
        }
        const name = judged.document!.metadata.name;
        if (name !== request.params.name) {
          throw new ProblemError(
            422,
            'CP-NAME',
            'Another name',
            `The document calls itself "${name}", but it was to be saved as "${request.params.name}". Nothing was saved.`
          );
        }
        const entry = {
          tenant,
          by: login!,
          role,
          action: 'policy.save',
          subject: `Policy/${name}`,
          outcome: 'done',
        } as const;
        const saved = await store.documents.save(
          tenant,
          'Policy',
          name,
          source,
          login!,
          baseRevision,
          (transaction, { revision }) => store.audit.add({ ...entry, detail: `revision ${revision}` }, transaction)
        );
        context.hub.tell({ topic: 'policies', tenant, data: { name, revision: saved.revision } });
        await context.changed(tenant);
        return policyView(saved, (await catalog.usedBy(tenant)).get(name) ?? []);
      }
    );
  };
