/** The OpenAPI document, against OpenAPI 3.1.0 as far as it is used here. */
import Ajv2020 from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBorder, type Border } from './testing.ts';

interface Media {
  schema?: Record<string, unknown>;
}
interface Operation {
  summary?: string;
  security?: unknown[];
  parameters?: Array<{ in: string; name: string; required?: boolean; schema?: Record<string, unknown> }>;
  requestBody?: { content: Record<string, Media> };
  responses?: Record<string, { description?: string; content?: Record<string, Media> }>;
}
interface OpenApi {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: Record<string, unknown> };
  security: unknown[];
}

let border: Border;
let document: OpenApi;
let operations: Array<[where: string, path: string, operation: Operation]>;
beforeAll(async () => {
  border = await openBorder();
  document = (await (await border.get('/api/v1/openapi.json')).json()) as OpenApi;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
      `${method} ${path}`,
      path,
      operation,
    ])
  );
});
afterAll(() => border.close());

const schemasOf = (operation: Operation): Array<Record<string, unknown> | undefined> => [
  ...(operation.parameters ?? []).map((parameter) => parameter.schema),
  ...Object.values(operation.requestBody?.content ?? {}).map((media) => media.schema),
  ...Object.values(operation.responses ?? {}).flatMap((response) => Object.values(response.content ?? {}).map((media) => media.schema)),
]; // prettier-ignore

describe('the OpenAPI document', () => {
  it('says what it is', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Clearpath QoS sidecar', version: '0.0.0-test' },
    });
    expect(document.components.securitySchemes).toEqual({ token: { type: 'http', scheme: 'bearer' } });
    expect(document.security).toEqual([{ token: [] }]);
    expect(operations.length).toBeGreaterThan(15);
  });
  it('has no key at its operations that OpenAPI does not know', () => {
    const known = [
      'tags',
      'summary',
      'description',
      'externalDocs',
      'operationId',
      'parameters',
      'requestBody',
      'responses',
      'callbacks',
      'deprecated',
      'security',
      'servers',
    ];
    const other = operations.flatMap(([where, , operation]) =>
      Object.keys(operation)
        .filter((key) => !known.includes(key))
        .map((key) => `${where}: ${key}`)
    );
    expect(other).toEqual([]);
  });
  it('sums up every operation and describes every answer, the refusals too', () => {
    for (const [where, , operation] of operations) {
      expect([where, typeof operation.summary]).toEqual([where, 'string']);
      const {
        200: done,
        202: begun,
        default: refused,
      } = operation.responses as Record<string, NonNullable<Operation['responses']>[string]>;
      expect([where, Object.keys((done ?? begun)?.content ?? {}).length]).toEqual([where, 1]);
      expect([where, Object.keys(refused?.content ?? {})]).toEqual([where, ['application/problem+json']]);
      expect(Object.values(operation.responses!).every((response) => typeof response.description === 'string')).toBe(
        true
      );
    }
  });
  it('declares exactly the parameters of each path', () => {
    for (const [where, path, operation] of operations) {
      const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]!);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect([where, declared.map(({ name }) => name)]).toEqual([where, inPath]);
      expect(declared.every(({ required }) => required === true)).toBe(true);
    }
  });
  it('has schemas of JSON Schema 2020-12 only', () => {
    // The vocabulary of formats is a hint there, not a check.
    const ajv = new Ajv2020({ strict: true, strictTypes: false, validateFormats: false });
    for (const [where, , operation] of operations) {
      for (const schema of schemasOf(operation)) {
        expect([where, typeof schema]).toEqual([where, 'object']);
        expect(() => ajv.compile(schema!), where).not.toThrow();
      }
    }
  });
  it('describes what is really answered', async () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    for (const path of [
      '/healthz',
      '/readyz',
      '/api/v1/whoami',
      '/api/v1/policies',
      '/api/v1/bindings',
      '/api/v1/deployments',
      '/api/v1/audit',
      '/api/v1/sla',
      '/api/v1/violations',
    ]) {
      const schema = document.paths[path]!.get!.responses!['200']!.content!['application/json']!.schema!;
      const answer: unknown = await (await border.get(path)).json();
      expect([path, ajv.validate(schema, answer), ajv.errors]).toEqual([path, true, null]);
    }
    const problem =
      document.paths['/api/v1/policies/{name}']!.get!.responses!.default!.content!['application/problem+json']!.schema!;
    expect(ajv.validate(problem, await (await border.get('/api/v1/policies/absent')).json())).toBe(true);
  });
  it('asks for the token everywhere but where it is not needed', () => {
    const open = operations.filter(([, , operation]) => operation.security?.length === 0).map(([where]) => where);
    expect(open.sort()).toEqual(['get /healthz', 'get /metrics', 'get /readyz']);
  });
});
