/** Service levels, queries of the bridge, and events as they happen. */
import type { ServerResponse } from 'node:http';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readViolations } from '../store/index.ts';
import {
  BoundName,
  ComplianceRow,
  QueryRequest,
  QueryResponse,
  Topic,
  Violation,
  type ClassSample,
} from './contract.ts';
import type { Context } from './context.ts';
import { counterFrame } from './frames-classes.ts';
import type { Happening } from './hub.ts';
import { answerQueries } from './queries.ts';
import { requireRight } from './rights.ts';

const KEEP_ALIVE_MS = 15_000;
/** A listener that takes nothing for so long is gone; without a bound its events would fill the memory. */
const MAX_BUFFERED = 4 * 1024 ** 2;

/** Ends a stream; one that takes nothing any more is not waited for. */
const ended = (stream: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, 500);
    stream.end(() => {
      clearTimeout(timer);
      resolve();
    });
  });

const topics = z
  .string()
  .default(Topic.options.join(','))
  .transform((value) => value.split(','))
  .pipe(z.array(Topic));

export const measureRoutes =
  (context: Context): FastifyPluginAsyncZod =>
  async (app) => {
    const { monitor, store } = context;
    const streams = new Set<ServerResponse>();
    // A stream that is ended, rather than cut, tells its listener to come back.
    app.addHook('preClose', async () => {
      await Promise.all([...streams].map(ended));
    });

    app.get(
      '/sla',
      {
        schema: {
          summary: 'Every objective with its verdict',
          querystring: z.object({ binding: BoundName.optional() }),
          response: { 200: z.array(ComplianceRow) },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        return monitor.rows(request.identity.tenant, request.query.binding);
      }
    );

    const violationQuery = z.object({
      open: z.stringbool().optional(),
      binding: BoundName.optional(),
      from: z.coerce.number().optional(),
      to: z.coerce.number().optional(),
    });
    app.get(
      '/violations',
      { schema: { summary: 'Violations', querystring: violationQuery, response: { 200: z.array(Violation) } } },
      async (request) => {
        requireRight(request.identity, 'read');
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
        requireRight(request.identity, 'read');
        return answerQueries(context, request.identity.tenant, request.body);
      }
    );

    app.get(
      '/events',
      {
        schema: {
          summary: 'Server-Sent Events: the event is a topic (or "frame"), the data JSON',
          querystring: z.object({
            topics,
            binding: BoundName.optional(),
            format: z.enum(['json', 'frame']).default('json'),
          }),
          response: { 200: { description: 'As it happens', content: { 'text/event-stream': { schema: z.string() } } } },
        },
      },
      (request, reply) => {
        requireRight(request.identity, 'read');
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
        streams.add(stream);
        const send = (happening: Happening) => {
          const data =
            happening.tenant === tenant && request.query.topics.includes(happening.topic) && asked(happening);
          if (!data) {
            return;
          }
          if (stream.writableLength > MAX_BUFFERED) {
            stream.destroy();
            return;
          }
          stream.write(`event: ${data.event}\ndata: ${JSON.stringify(data.data)}\n\n`);
        };
        const asked = ({ topic, binding: of, data }: Happening): { event: string; data: unknown } | undefined => {
          if (binding !== undefined && of !== undefined && of !== binding) {
            return undefined;
          }
          if (topic === 'verdicts' && binding !== undefined) {
            return { event: topic, data: (data as ComplianceRow[]).filter((row) => row.binding === binding) };
          }
          if (topic === 'counters' && format === 'frame') {
            const { at, classes } = data as { at: number; classes: ClassSample[] };
            return { event: 'frame', data: counterFrame(at, classes) };
          }
          return { event: topic, data };
        };
        const alive = setInterval(() => stream.write(': alive\n\n'), context.keepAliveMs ?? KEEP_ALIVE_MS);
        context.hub.on('happening', send);
        stream.on('close', () => {
          clearInterval(alive);
          context.hub.off('happening', send);
          streams.delete(stream);
        });
      }
    );
  };
