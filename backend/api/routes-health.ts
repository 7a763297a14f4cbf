/** For those who run the sidecar: is it alive, can it be used, what does it count. Without a token. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { sql } from 'kysely';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { Context } from './context.ts';
import { problem } from './problem.ts';
import { reply } from './replies.ts';

const Health = z.object({ status: z.string(), version: z.string() });
const Metrics = { description: 'Prometheus text format', content: { 'text/plain': { schema: z.string() } } };

/** @param starting why it is not ready yet, or null */
export const healthRoutes =
  (context: Context, registry: Registry, starting: () => string | null): FastifyPluginAsyncZod =>
  async (app) => {
    const { version, store } = context;
    const storeTrouble = () =>
      sql`select 1 from documents limit 1`.execute(store.db).then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : String(error))
      );

    app.get(
      '/healthz',
      { schema: { summary: 'The process answers', security: [], response: { 200: Health } } },
      () => ({ status: 'alive', version })
    );
    app.get(
      '/readyz',
      { schema: { summary: 'The store answers and recovery is done', security: [], response: { 200: Health } } },
      async (_, to) => {
        const why = starting() ?? (await storeTrouble());
        return why === null ? { status: 'ready', version } : reply(to, problem(503, 'CP-NOT-READY', 'Not ready', why));
      }
    );
    app.get(
      '/metrics',
      { schema: { summary: 'Prometheus metrics', security: [], response: { 200: Metrics } } },
      async (_, to) =>
        to
          .type(registry.contentType)
          .serializer(String)
          .send(await registry.metrics())
    );
  };
