/** Roll-outs of a binding over its interfaces: started, followed, stopped, resumed. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { planned } from '../deploy/index.ts';
import { Name } from '../policy/index.ts';
import { Rollout, RolloutRequest, RolloutWaves } from './contract.ts';
import type { Context } from './context.ts';
import { ProblemError } from './problem.ts';
import { requireRight } from './rights.ts';
import { rolloutView, wavesView } from './views-rollouts.ts';

const one = z.object({ id: z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/) });

export const rolloutRoutes =
  (context: Context): FastifyPluginAsyncZod =>
  async (app) => {
    const { rollouts, store, catalog } = context;
    const notFound = (detail: string) => new ProblemError(404, 'CP-NOT-FOUND', 'No such roll-out', detail);
    const exists = async (tenant: string, id: string) => {
      const row = await store.rollouts.get(tenant, id);
      if (!row) {
        throw notFound(`There is no roll-out ${id}.`);
      }
      return row;
    };

    app.get(
      '/rollouts',
      {
        schema: {
          summary: 'Roll-outs, newest first',
          querystring: z.object({
            binding: Name.optional(),
            limit: z.coerce.number().int().min(1).max(100).default(20),
          }),
          response: { 200: z.array(Rollout) },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const rows = await store.rollouts.list(request.identity.tenant, request.query);
        return Promise.all(rows.map((row) => rolloutView(row, rollouts)));
      }
    );

    app.get(
      '/rollouts/:id',
      { schema: { summary: 'One roll-out with its interfaces', params: one, response: { 200: Rollout } } },
      async (request) => {
        requireRight(request.identity, 'read');
        return rolloutView(await exists(request.identity.tenant, request.params.id), rollouts);
      }
    );

    app.post(
      '/rollouts/waves',
      {
        schema: {
          summary: 'Which interfaces would be changed in which wave',
          body: RolloutRequest.pick({ binding: true }),
          response: { 200: RolloutWaves },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const bounds = await catalog.interfacesOf(request.identity.tenant, request.body.binding);
        if (bounds.length === 0) {
          throw notFound(`There is no binding "${request.body.binding}".`);
        }
        return wavesView(planned(bounds));
      }
    );

    app.post(
      '/rollouts',
      { schema: { summary: 'Begin to roll out', body: RolloutRequest, response: { 200: Rollout } } },
      async (request) => {
        requireRight(request.identity, 'apply');
        const { tenant, login, role } = request.identity;
        const { binding, ...options } = request.body;
        return rolloutView(await rollouts.start(tenant, binding, { login: login!, role }, options), rollouts);
      }
    );

    for (const [what, summary] of [
      ['stop', 'Let no further wave begin'],
      ['confirm', 'Keep the wave that awaits confirmation'],
      ['resume', 'Go on with the interfaces that are not changed yet'],
    ] as const) {
      app.post(
        `/rollouts/:id/${what}`,
        { schema: { summary, params: one, response: { 200: Rollout } } },
        async (request) => {
          requireRight(request.identity, 'apply');
          const { tenant, login, role } = request.identity;
          await exists(tenant, request.params.id);
          return rolloutView(await rollouts[what](tenant, request.params.id, { login: login!, role }), rollouts);
        }
      );
    }
  };
