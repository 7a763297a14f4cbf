/** Versions of a policy: who saved what when, what two of them differ in, and going back to one. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Name } from '../policy/index.ts';
import { isRemoval } from '../store/index.ts';
import { PolicyComparison, PolicyDetail, PolicyVersion, RestoreDocument } from './contract.ts';
import type { Context } from './context.ts';
import { ProblemError } from './problem.ts';
import { requireRight } from './rights.ts';
import { savePolicy } from './save-policy.ts';
import { Between, compareVersions, requireRestorable, versionOf } from './versions.ts';

const named = z.object({ name: Name });

export const historyRoutes =
  (context: Context): FastifyPluginAsyncZod =>
  async (app) => {
    const { store } = context;
    const { documents, deployments } = store;

    app.get(
      '/policies/:name/versions',
      {
        schema: {
          summary: 'Every save of a policy, newest first',
          params: named,
          response: { 200: z.array(PolicyVersion) },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const { tenant } = request.identity;
        const { name } = request.params;
        const [versions, standing] = await Promise.all([documents.versions(tenant, 'Policy', name), deployments.standing(tenant, name)]); // prettier-ignore
        if (versions.length === 0) {
          throw new ProblemError(404, 'CP-NOT-FOUND', 'No such policy', `There is no policy "${name}".`);
        }
        return versions.map((version) => ({
          number: version.number,
          revision: version.revision,
          savedAt: version.savedAt,
          savedBy: version.savedBy,
          removed: isRemoval(version),
          inForce: standing.filter(({ revision }) => revision === version.revision).map(({ place }) => place),
        }));
      }
    );

    app.get(
      '/policies/:name/changes',
      {
        schema: {
          summary: 'What one version means beside another',
          params: named,
          querystring: Between,
          response: { 200: PolicyComparison },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const { tenant } = request.identity;
        return compareVersions(store, tenant, 'Policy', request.params.name, request.query);
      }
    );

    app.post(
      '/policies/:name/restore',
      {
        schema: {
          summary: 'Save the text of an earlier version as a new one, also of a policy that was deleted',
          params: named,
          body: RestoreDocument,
          response: { 200: PolicyDetail },
        },
      },
      async (request) => {
        requireRight(request.identity, 'draft');
        const { number: wanted, baseRevision } = request.body;
        const version = await versionOf(store, request.identity.tenant, 'Policy', request.params.name, wanted);
        requireRestorable('Policy', version, baseRevision);
        const draft = { source: version.source, baseRevision };
        return savePolicy(context, request.identity, request.params.name, draft, (saved) => ({
          action: 'policy.restore',
          detail: `version ${wanted}, revision ${saved.revision}`,
        }));
      }
    );
  };
