/** Proofs: begun by an editor, carried out behind the reply, kept with the revision that they are of. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Name } from '../policy/index.ts';
import { slowerOf } from '../prove/index.ts';
import { boundOr404, intentOf } from './bound.ts';
import { BoundName, Proof, ProofDetail } from './contract.ts';
import type { Context } from './context.ts';
import { ProblemError } from './problem.ts';
import { requireRight } from './rights.ts';
import { proofDetail, proofView } from './views-proof.ts';

const limit = z.coerce.number().int().min(1).max(1000).default(100);
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export const proofRoutes =
  (context: Context): FastifyPluginAsyncZod =>
  async (app) => {
    const { store, prover } = context;

    app.post(
      '/bindings/:name/proofs',
      {
        schema: {
          summary: 'Begin to prove the saved policy with the figures of this binding',
          params: z.object({ name: BoundName }),
          response: { 202: Proof },
        },
      },
      async (request, reply) => {
        requireRight(request.identity, 'prove');
        const { tenant, login, role } = request.identity;
        const bound = await boundOr404(context, tenant, request.params.name);
        const { intent, judged } = await intentOf(bound, tenant, undefined);
        const proof = prover.start(intent, login!, slowerOf(judged.document!));
        if (!proof) {
          const detail =
            'Another proof is under way, and two would disturb each other. Nothing was begun; wait for its end.';
          throw new ProblemError(409, 'CP-PROOF-RUNNING', 'A proof is under way', detail);
        }
        await store.audit.add({
          tenant, by: login!, role, action: 'prove', subject: `Policy/${proof.policy} for Binding/${bound.name}`, outcome: 'done',
          detail: `${proof.id} revision ${proof.revision}`,
        }); // prettier-ignore
        return reply.code(202).send(proof);
      }
    );

    app.get(
      '/proofs',
      {
        schema: {
          summary: 'Proofs, newest first; the one under way before all',
          querystring: z.object({ policy: Name.optional(), limit }),
          response: { 200: z.array(Proof) },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const { tenant } = request.identity;
        const { policy } = request.query;
        const current = prover.current(tenant);
        const ended = (await store.proofs.list(tenant, request.query)).map(proofView);
        return current && (!policy || current.policy === policy) && !ended.some(({ id }) => id === current.id)
          ? [current, ...ended]
          : ended;
      }
    );

    app.get(
      '/proofs/:id',
      {
        schema: {
          summary: 'One proof with every promise and its figures',
          params: z.object({ id: z.string().regex(ULID) }),
          response: { 200: ProofDetail },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const { tenant } = request.identity;
        const { id } = request.params;
        const row = await store.proofs.get(tenant, id);
        if (row) {
          return proofDetail(row);
        }
        const current = prover.current(tenant);
        if (current?.id !== id) {
          throw new ProblemError(404, 'CP-NOT-FOUND', 'No such proof', `There is no proof ${id}.`);
        }
        return { ...current, report: null };
      }
    );
  };
