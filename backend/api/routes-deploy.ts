/** Bindings, plans, deployments and the audit. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { adopt, judgeSource, placesOf, type Bound, type DeploymentPlan, type Drifted, type Judged } from '../deploy/index.ts'; // prettier-ignore
import {
  Adoption,
  AdoptRequest,
  ApplyRequest,
  BindingSummary,
  BoundName,
  ConfirmRequest,
  Deployment,
  Drift,
  Plan,
  PlanRequest,
  RollbackRequest,
  type PlannedOperation,
} from './contract.ts';
import type { Context } from './context.ts';
import { boundOr404, documentOf, intentOf } from './bound.ts';
import { asProblem, ProblemError } from './problem.ts';
import { requireRight, type Identity } from './rights.ts';
import { bindingViews, deploymentView, planView } from './views.ts';
import { unreadableBinding } from './views-documents.ts';

const named = z.object({ name: BoundName });

/** Of a binding’s `confirm`, in microseconds */
const secondsOf = (us: number | undefined) => us && Math.ceil(us / 1e6);
const driftView = ({ path, words, value }: Drifted) => ({ path, words, value: value ?? null });
const planText = (operations: readonly PlannedOperation[]) =>
  operations.map((operation) => operation.command).join('\n');

export const deployRoutes =
  (context: Context): FastifyPluginAsyncZod =>
  async (app) => {
    const { engine, store } = context;
    const view = (plan: DeploymentPlan, judged?: Judged) => planView(plan, judged, (tree) => engine.describe(tree));

    /** Every attempt to change a device is in the audit, with its plan and its end. */
    const audited = async (
      identity: Identity,
      action: 'apply' | 'confirm' | 'rollback',
      bound: Bound,
      locate: Judged['line'] | undefined,
      work: () => Promise<Deployment>
    ): Promise<Deployment> => {
      const entry = {
        tenant: identity.tenant,
        by: identity.login!,
        role: identity.role,
        action,
        subject: `Binding/${bound.name} on ${bound.targetName}/${bound.device}`,
      };
      try {
        const done = await work();
        const detail = `${done.id} ${done.policy} ${done.revision}: ${done.message}\n${planText(done.operations)}`;
        // It is done and journalled with who did it; a full disk now must not be told as if nothing had happened.
        await store.audit
          .add({ ...entry, outcome: 'done', detail })
          .catch((error: unknown) =>
            app.log.error({ err: error, deployment: done.id }, 'the audit could not be written')
          );
        return done;
      } catch (error) {
        const problem = asProblem(error, locate);
        await store.audit
          .add({
            ...entry,
            outcome: problem && problem.status < 500 ? 'refused' : 'failed',
            detail: error instanceof Error ? error.message : String(error),
          })
          .catch(() => undefined);
        if (problem) {
          throw new ProblemError(problem.status, problem.code, problem.title, problem.detail ?? '', problem.findings);
        }
        throw error;
      } finally {
        await context.changed(identity.tenant);
      }
    };

    app.get(
      '/bindings',
      {
        schema: { summary: 'Bindings and what their interfaces carry now', response: { 200: z.array(BindingSummary) } },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const { tenant } = request.identity;
        const [bounds, unreadable] = await Promise.all([context.catalog.bindings(tenant), context.catalog.unreadable(tenant)]); // prettier-ignore
        const readable = await bindingViews(context, tenant, bounds);
        return [...readable, ...unreadable.filter(({ kind }) => kind === 'Binding').map(unreadableBinding)];
      }
    );

    app.get(
      '/bindings/:name/drift',
      {
        schema: {
          summary: 'What another hand changed on the interface since it was read back',
          params: named,
          response: { 200: Drift },
        },
      },
      async (request) => {
        requireRight(request.identity, 'read');
        const { tenant } = request.identity;
        const bound = await boundOr404(context, tenant, request.params.name);
        const { inForce } = await engine.live(tenant, bound.place, bound.device);
        const { document } = judgeSource(bound.policy!.stored.source, undefined, bound.values);
        const drifted = (await engine.drift(tenant, bound.place, bound.device, placesOf(document))) ?? [];
        return { deployment: inForce?.id ?? null, drifted: drifted.map(driftView) };
      }
    );

    app.post(
      '/bindings/:name/adopt',
      {
        schema: {
          summary: 'The policy with what another hand changed on the interface; nothing is saved or applied',
          params: named,
          body: AdoptRequest,
          response: { 200: Adoption },
        },
      },
      async (request) => {
        requireRight(request.identity, 'plan');
        const { tenant } = request.identity;
        const bound = await boundOr404(context, tenant, request.params.name);
        const text = request.body.source ?? bound.policy!.stored.source;
        const document = documentOf(bound, text);
        const drifted = (await engine.drift(tenant, bound.place, bound.device, placesOf(document))) ?? [];
        const { spec } = bound.binding;
        const { source, adopted, left } = adopt(text, spec.policy, drifted, spec.bandwidth !== undefined);
        return {
          source,
          adopted: adopted.map(driftView),
          left: left.map(({ reason, ...item }) => ({ ...driftView(item), reason })),
        };
      }
    );

    app.post(
      '/bindings/:name/plan',
      {
        schema: {
          summary: 'The operations that would bring the policy into force',
          params: named,
          body: PlanRequest,
          response: { 200: Plan },
        },
      },
      async (request) => {
        requireRight(request.identity, 'plan');
        const bound = await boundOr404(context, request.identity.tenant, request.params.name);
        const { intent, judged } = await intentOf(bound, request.identity.tenant, request.body.source);
        try {
          return view(await engine.plan(intent), judged);
        } catch (error) {
          const problem = asProblem(error, judged.line);
          throw problem
            ? new ProblemError(problem.status, problem.code, problem.title, problem.detail ?? '', problem.findings)
            : error;
        }
      }
    );

    app.post(
      '/bindings/:name/apply',
      {
        schema: {
          summary: 'Apply the plan that was looked at',
          params: named,
          body: ApplyRequest,
          response: { 200: Deployment },
        },
      },
      async (request) => {
        requireRight(request.identity, 'apply');
        const bound = await boundOr404(context, request.identity.tenant, request.params.name);
        const { plan, replaceForeign } = request.body;
        const confirm = request.body.confirm ?? secondsOf(bound.binding.spec.confirm);
        const actor = { login: request.identity.login!, role: request.identity.role };
        let judged: Judged | undefined;
        const locate = (path: string) => judged?.line(path);
        return audited(request.identity, 'apply', bound, locate, async () => {
          const found = await intentOf(bound, request.identity.tenant, undefined);
          judged = found.judged;
          const options = { expected: plan, replaceForeign: replaceForeign ?? false, confirm: confirm || undefined };
          return deploymentView(await engine.apply(found.intent, actor, options), engine);
        });
      }
    );

    app.post(
      '/bindings/:name/rollback-plan',
      {
        schema: {
          summary: 'The operations that would undo the deployment in force',
          params: named,
          body: RollbackRequest,
          response: { 200: Plan },
        },
      },
      async (request) => {
        requireRight(request.identity, 'plan');
        const bound = await boundOr404(context, request.identity.tenant, request.params.name);
        return view(
          await engine.planRollback(request.identity.tenant, bound.place, bound.device, request.body.deployment)
        );
      }
    );

    app.post(
      '/bindings/:name/rollback',
      {
        schema: {
          summary: 'Undo the deployment in force',
          params: named,
          body: RollbackRequest,
          response: { 200: Deployment },
        },
      },
      async (request) => {
        requireRight(request.identity, 'rollback');
        const { tenant } = request.identity;
        const bound = await boundOr404(context, tenant, request.params.name);
        const actor = { login: request.identity.login!, role: request.identity.role };
        return audited(request.identity, 'rollback', bound, undefined, async () =>
          deploymentView(
            await engine.rollback(tenant, bound.place, bound.device, actor, request.body.deployment),
            engine
          )
        );
      }
    );

    app.post(
      '/bindings/:name/confirm',
      {
        schema: {
          summary: 'Keep the deployment that awaits confirmation',
          params: named,
          body: ConfirmRequest,
          response: { 200: Deployment },
        },
      },
      async (request) => {
        requireRight(request.identity, 'apply');
        const { tenant } = request.identity;
        const bound = await boundOr404(context, tenant, request.params.name);
        const actor = { login: request.identity.login!, role: request.identity.role };
        return audited(request.identity, 'confirm', bound, undefined, async () =>
          deploymentView(
            await engine.confirm(tenant, bound.place, bound.device, actor, request.body.deployment),
            engine
          )
        );
      }
    );
  };
