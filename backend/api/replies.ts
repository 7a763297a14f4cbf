/** How errors leave the border: always as application/problem+json, with what an operator can act on. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { Problem } from './contract.ts';
import { asProblem, problem } from './problem.ts';

function problemOf(error: FastifyError): Problem {
  const known = asProblem(error);
  if (known) {
    return known;
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issue = error.validation[0]!;
    const place = issue.instancePath.slice(1).replaceAll('/', '.') || error.validationContext || 'request';
    return problem(400, 'CP-REQUEST', 'The request is not valid', `${place}: ${issue.message}. Nothing was done.`);
  }
  return error.statusCode && error.statusCode < 500
    ? problem(error.statusCode, 'CP-REQUEST', 'The request was refused', `${error.message}. Nothing was done.`)
    : problem(
        500,
        'CP-INTERNAL',
        'Something went wrong in the sidecar',
        'The sidecar’s log says more. Nothing is known to have changed.'
      );
}

export function reply(to: FastifyReply, said: Problem): FastifyReply {
  if (said.status === 401) {
    // RFC 9110 §11.6.1
    void to.header('www-authenticate', 'Bearer');
  }
  return to.code(said.status).type('application/problem+json').serializer(JSON.stringify).send(said);
}

export function installReplies(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request: FastifyRequest, to) => {
    const said = problemOf(error);
    if (said.code === 'CP-INTERNAL') {
      request.log.error({ err: error, url: request.url }, 'request failed');
    }
    return reply(to, said);
  });
  app.setNotFoundHandler((request, to) => {
    const what = `There is no ${request.method} ${request.url.split('?')[0]} here.`;
    return reply(to, problem(404, 'CP-NOT-FOUND', 'Nothing here', what));
  });
}
