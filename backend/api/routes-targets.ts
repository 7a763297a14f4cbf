/** Targets: what there is to shape, and what is on an interface as a policy. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { sideName } from '../compile/tc/index.ts';
import { importPolicy } from '../deploy/index.ts';
import { Name } from '../policy/index.ts';
import { listLinks } from '../target/index.ts';
import { ImportedPolicy, ImportRequest, TargetSummary } from './contract.ts';
import type { Context } from './context.ts';
import { asProblem, ProblemError } from './problem.ts';
import { requireRight } from './rights.ts';

export const targetRoutes =
  (context: Context): FastifyPluginAsyncZod =>
  async (app) => {
    const { catalog, engine } = context;

    app.get(
      '/targets',
      { schema: { summary: 'Targets and their interfaces', response: { 200: z.array(TargetSummary) } } },
      async (request) => {
        requireRight(request.identity, 'read');
        const targets = await catalog.targets(request.identity.tenant);
        return Promise.all(
          targets.map(async ({ document: { metadata, spec }, place }) => {
            const base = {
              name: metadata.name,
              namespace: spec.namespace ?? null,
              site: metadata.labels?.site ?? null,
            };
            try {
              const interfaces = spec.interfaces ?? (await listLinks(place)).filter((device) => device !== 'lo');
              return { ...base, interfaces, message: null };
            } catch {
              return { ...base, interfaces: [], message: `The interfaces of ${metadata.name} cannot be listed.` };
            }
          })
        );
      }
    );

    app.post(
      '/targets/:name/import',
      {
        schema: {
          summary: 'What is on an interface as a policy; nothing is saved',
          params: z.object({ name: Name }),
          body: ImportRequest,
          response: { 200: ImportedPolicy },
        },
      },
      async (request) => {
        requireRight(request.identity, 'plan');
        const { tenant } = request.identity;
        const { interface: device, direction, policy } = request.body;
        const target = (await catalog.targets(tenant)).find(
          ({ document }) => document.metadata.name === request.params.name
        );
        if (!target) {
          throw new ProblemError(404, 'CP-NOT-FOUND', 'No such target', `There is no target "${request.params.name}".`);
        }
        const { interfaces } = target.document.spec;
        if (interfaces && !interfaces.includes(device)) {
          const detail = `The target "${request.params.name}" names no interface "${device}". It has ${interfaces.join(', ')}.`;
          throw new ProblemError(422, 'CP-INTERFACE', 'No such interface', detail);
        }
        try {
          return await importPolicy(engine, tenant, target.place, sideName(device, direction), policy);
        } catch (error) {
          const problem = asProblem(error);
          throw problem ? new ProblemError(problem.status, problem.code, problem.title, problem.detail ?? '') : error;
        }
      }
    );
  };
