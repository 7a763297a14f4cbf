/** The sidecar's HTTP border: REST with an OpenAPI document from the same schemas, problem+json, a token on everything but health and metrics. */
import swagger from '@fastify/swagger';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import { Caller, Problem } from './contract.ts';
import type { Context } from './context.ts';
import { installReplies } from './replies.ts';
import { identify, requireRight, rightsOf, type Identity } from './rights.ts';
import { deployRoutes } from './routes-deploy.ts';
import { documentRoutes } from './routes-documents.ts';
import { healthRoutes } from './routes-health.ts';
import { historyRoutes } from './routes-history.ts';
import { measureRoutes } from './routes-measure.ts';
import { policyRoutes } from './routes-policies.ts';
import { proofRoutes } from './routes-proofs.ts';
import { recordRoutes } from './routes-records.ts';
import { targetRoutes } from './routes-targets.ts';
import { templateRoutes } from './routes-templates.ts';
import { rolloutRoutes } from './routes-rollouts.ts';

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity;
  }
}

const BODY_LIMIT = 2 * 1024 ** 2;

const REFUSAL = {
  description: 'What went wrong, as problem details (RFC 9457)',
  content: { 'application/problem+json': { schema: Problem } },
};

/** @param starting why it is not ready yet, or null */
export async function createServer(
  context: Context,
  registry: Registry,
  starting: () => string | null,
  logger: FastifyBaseLogger
): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest('identity', null as unknown as Identity);
  installReplies(app as unknown as FastifyInstance);
  app.addHook('onRoute', ({ schema }) => {
    if (schema && !schema.hide) {
      schema.response = { ...(schema.response as object | undefined), default: REFUSAL };
    }
  });

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
  await app.register(healthRoutes(context, registry, starting));
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
            requireRight(request.identity, 'read');
            return { ...request.identity, can: rightsOf(request.identity) };
          }
        );
      api.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
      await api.register(policyRoutes(context));
      await api.register(historyRoutes(context));
      await api.register(deployRoutes(context));
      await api.register(proofRoutes(context));
      await api.register(targetRoutes(context));
      await api.register(documentRoutes(context));
      await api.register(templateRoutes());
      await api.register(rolloutRoutes(context));
      await api.register(recordRoutes(context));
      await api.register(measureRoutes(context));
    },
    { prefix: '/api/v1' }
  );
  await app.ready();
  return app as unknown as FastifyInstance;
}
