/** Service levels, queries of the bridge, and events as they happen. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Name } from '../policy/index.ts';
import { readViolations } from '../store/index.ts';
import { ComplianceRow, QueryRequest, QueryResponse, Topic, Violation, type ClassSample } from './contract.ts';
import type { Context } from './context.ts';
import { answerQueries, counterFrame } from './frames.ts';
import type { Happening } from './hub.ts';
import { require } from './rights.ts';

const KEEP_ALIVE_MS = 15_000;
/** A listener that takes nothing for so long is gone; without a bound its events would fill the memory. */
const MAX_BUFFERED = 4 * 1024 ** 2;

const topics = z
  .string()
  .default(Topic.options.join(','))
  .transform((value) => value.split(','))
  .pipe(z.array(Topic));

export const measureRoutes =
  (context: Context): FastifyPluginAsyncZod =>
  async (app) => {
    const { monitor, store } = context;

    app.get(
      '/sla',
      {
        schema: {
          summary: 'Every objective with its verdict',
          querystring: z.object({ binding: Name.optional() }),
          response: { 200: z.array(ComplianceRow) },
        },
      },
      async (request) => {
        require(request.identity, 'read');
        return monitor.rows(request.identity.tenant, request.query.binding);
      }
    );

    const violationQuery = z.object({
      open: z.stringbool().optional(),
      binding: Name.optional(),
      from: z.coerce.number().optional(),
      to: z.coerce.number().optional(),
    });
    app.get(
      '/violations',
      { schema: { summary: 'Violations', querystring: violationQuery, response: { 200: z.array(Violation) } } },
      async (request) => {
        require(request.identity, 'read');
        const { tenant } = request.identity;
        if (request.query.open) {
          return monitor
            .openViolations(tenant)
            .filter((item) => !request.query.binding || item.binding === request.query.binding);
        }
        return readViolations(store.measurements, { tenant, ...request.query });
      }
    );

    app.post(
      '/query',
      {
        schema: {
          summary: 'Frames for panels, alert rules and annotations',
          body: QueryRequest,
          response: { 200: QueryResponse },
        },
      },
      async (request) => {
        require(request.identity, 'read');
        return answerQueries(context, request.identity.tenant, request.body);
      }
    );

    app.get(
      '/events',
      {
        schema: {
          summary: 'Server-Sent Events',
          querystring: z.object({
            topics,
            binding: Name.optional(),
            format: z.enum(['json', 'frame']).default('json'),
          }),
        },
      },
      (request, reply) => {
        require(request.identity, 'read');
        const { tenant } = request.identity;
        const { binding, format } = request.query;
        reply.hijack();
        const stream = reply.raw;
        stream.writeHead(200, {
          'content-type': 'text/event-stream',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        });
        stream.write(': listening\n\n');
        const send = (happening: Happening) => {
          if (happening.tenant !== tenant || !request.query.topics.includes(happening.topic)) {
            return;
          }
          if (binding && happening.binding !== undefined && happening.binding !== binding) {
            return;
          }
          if (stream.writableLength > MAX_BUFFERED) {
            stream.destroy();
            return;
          }
          const asFrame = format === 'frame' && happening.topic === 'counters';
          const { at, classes } = happening.data as { at: number; classes: ClassSample[] };
          stream.write(
            `event: ${asFrame ? 'frame' : happening.topic}\ndata: ${JSON.stringify(asFrame ? counterFrame(at, classes) : happening.data)}\n\n`
          );
        };
        const alive = setInterval(() => stream.write(': alive\n\n'), KEEP_ALIVE_MS);
        context.hub.on('happening', send);
        stream.on('close', () => {
          clearInterval(alive);
          context.hub.off('happening', send);
        });
      }
    );
  };
