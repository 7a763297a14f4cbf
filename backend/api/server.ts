/** The sidecar's HTTP border: REST with an OpenAPI document from the same schemas, problem+json, a token on everything but health and metrics. */
import swagger from '@fastify/swagger';
import fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import { sql } from 'kysely';
import { z } from 'zod';
import { Caller, type Problem } from './contract.ts';
import type { Context } from './context.ts';
import { asProblem } from './problem.ts';
import { identify, require, rightsOf, type Identity } from './rights.ts';
import { deployRoutes } from './routes-deploy.ts';
import { measureRoutes } from './routes-measure.ts';
import { policyRoutes } from './routes-policies.ts';

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity;
  }
}

const BODY_LIMIT = 2 * 1024 ** 2;

function problemOf(error: FastifyError): Problem {
  const known = asProblem(error);
  if (known) {
    return known;
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issue = error.validation[0]!;
    const place = issue.instancePath.slice(1).replaceAll('/', '.') || error.validationContext || 'request';
    return {
      type: 'urn:clearpath:problem:cp-request',
      title: 'The request is not valid',
      status: 400,
      code: 'CP-REQUEST',
      detail: `${place}: ${issue.message}. Nothing was done.`,
    };
  }
  const status = error.statusCode && error.statusCode < 500 ? error.statusCode : 500;
  return {
    type: 'urn:clearpath:problem:cp-error',
    title: status === 500 ? 'Something went wrong in the sidecar' : 'The request was refused',
    status,
    code: status === 500 ? 'CP-INTERNAL' : 'CP-REQUEST',
    detail: status === 500 ? 'The sidecar’s log says more. Nothing is known to have changed.' : error.message,
  };
}

/** @param ready why it is not ready, or null */
export async function createServer(
  context: Context,
  registry: Registry,
  ready: () => string | null,
  logger: FastifyBaseLogger
): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: logger,
    bodyLimit: BODY_LIMIT,
    disableRequestLogging: true,
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest('identity', null as unknown as Identity);

  const send = (
    reply: {
      code: (status: number) => {
        type: (type: string) => { serializer: (s: (p: unknown) => string) => { send: (body: unknown) => unknown } };
      };
    },
    problem: Problem
  ) => reply.code(problem.status).type('application/problem+json').serializer(JSON.stringify).send(problem);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500 && problem.code === 'CP-INTERNAL') {
      request.log.error({ err: error, url: request.url }, 'request failed');
    }
    return send(reply, problem);
  });
  app.setNotFoundHandler((request, reply) =>
    send(reply, {
      type: 'urn:clearpath:problem:cp-not-found',
      title: 'Nothing here',
      status: 404,
      code: 'CP-NOT-FOUND',
      detail: `There is no ${request.method} ${request.url.split('?')[0]} here.`,
    })
  );

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Clearpath QoS sidecar',
        version: context.version,
        description: 'Judges, compiles, applies and measures QoS policies.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
  });

  const health = z.object({ status: z.string(), version: z.string() });
  app.get('/healthz', { schema: { summary: 'The process answers', security: [], response: { 200: health } } }, () => ({
    status: 'alive',
    version: context.version,
  }));
  app.get(
    '/readyz',
    { schema: { summary: 'The store answers and recovery is done', security: [] } },
    async (_, reply) => {
      const why = ready() ?? (await sql`select 1`.execute(context.store.db).then(() => null, (error: unknown) => (error instanceof Error ? error.message : String(error)))); // prettier-ignore
      if (why === null) {
        return { status: 'ready', version: context.version };
      }
      return send(reply, {
        type: 'urn:clearpath:problem:cp-not-ready',
        title: 'Not ready',
        status: 503,
        code: 'CP-NOT-READY',
        detail: why,
      });
    }
  );
  app.get('/metrics', { schema: { summary: 'Prometheus metrics', security: [] } }, async (_, reply) =>
    reply.type(registry.contentType).send(await registry.metrics())
  );

  await app.register(
    async (api) => {
      api.addHook('onRequest', async (request) => {
        request.identity = identify(request, context.tokens);
      });
      api
        .withTypeProvider<ZodTypeProvider>()
        .get(
          '/whoami',
          { schema: { summary: 'Who you are and what you may', response: { 200: Caller } } },
          (request) => {
            require(request.identity, 'read');
            return { ...request.identity, can: rightsOf(request.identity) };
          }
        );
      api.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
      await api.register(policyRoutes(context));
      await api.register(deployRoutes(context));
      await api.register(measureRoutes(context));
    },
    { prefix: '/api/v1' }
  );
  await app.ready();
  return app as unknown as FastifyInstance;
}
