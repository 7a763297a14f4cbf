/**
 * Plan → journal → apply → read back → confirm or roll back, under the lock of the interfaces. What each step is stands
 * in the files beside this one.
 */
import { parseTree, type Allocation, type Capabilities, type TcTree } from '../compile/tc/index.ts';
import { operationsOf, type DeploymentRow, type Store } from '../store/index.ts';
import {
  LISTED_AT_ONCE,
  bootTime,
  discover,
  oneByOne,
  onward,
  Standby,
  valueOf,
  Watched,
  type Outcomes,
  type Place,
} from '../target/index.ts';
import { confirm, revertOverdue, type Reverted } from './confirmation.ts';
import { timeLeft } from './deadline.ts';
import { driftOf, type Drifted, type Places } from './drift.ts';
import { exclusively } from './exclusively.ts';
import { execute, executeInTurn } from './execution.ts';
import type {
  Actor,
  ApplyOptions,
  DeploymentPlan,
  EngineContext,
  EngineOptions,
  Intent,
  Portions,
  Standing,
} from './model.ts';
import { planRollback } from './plan-rollback.ts';
import { putBack } from './reapply.ts';
import { requireProof } from './proof.ts';
import { accepted, planAll, planner } from './plan.ts';
import { recover, settlePlaces } from './recovery.ts';
import { standingOf } from './standing.ts';
import { describe } from './words.ts';

/** 50,000 lines are some seconds of tc. */
const PORTIONS: Portions = { interfaces: 4000, listed: LISTED_AT_ONCE, planned: 800, lines: 50_000 };

export class Engine {
  private readonly context: EngineContext;
  private readonly portions: Portions;
  private readonly capabilities = new Map<string, Promise<Capabilities>>();

  constructor(
    store: Store,
    { onStep, onDeployment, clock = bootTime, watching = false, portions }: EngineOptions = {}
  ) {
    this.portions = { ...PORTIONS, ...portions };
    this.context = {
      store,
      capabilitiesOf: (place) => this.capabilitiesOf(place),
      watched: new Watched(watching, this.portions.listed),
      linesAtOnce: this.portions.lines,
      standby: watching ? new Standby() : undefined,
      step: (step) => onStep?.(step),
      clock,
      report: (row) => {
        onDeployment?.(row);
        return row;
      },
    };
  }

  /** Listens to no network any more, and keeps nothing at hand. */
  end(): void {
    this.context.watched.end();
    this.context.standby?.end();
  }

  /** Discovered once per network; a module loaded later is seen after a restart or `forget`. */
  async capabilitiesOf(place: Place): Promise<Capabilities> {
    const key = JSON.stringify(place);
    const known = this.capabilities.get(key);
    if (known) {
      return known;
    }
    const found = discover(place);
    this.capabilities.set(key, found);
    found.catch(() => this.capabilities.delete(key));
    return found;
  }

  /** What is on the interface and whose it is. */
  async live(tenant: string, place: Place, device: string): Promise<Standing> {
    return valueOf((await standingOf(this.context, tenant, place, [device]))[0]!);
  }

  /** The same for several of one network, in as few processes. */
  async liveAll(tenant: string, place: Place, devices: readonly string[]): Promise<Outcomes<Standing>> {
    return standingOf(this.context, tenant, place, devices);
  }

  /**
   * What another hand changed since the deployment in force was read back; undefined where none is in force.
   * @param places of the classes in the document, for the paths of what is said
   */
  async drift(tenant: string, place: Place, device: string, places: Places): Promise<Drifted[] | undefined> {
    const { tree, inForce } = await this.live(tenant, place, device);
    if (!inForce) {
      return undefined;
    }
    return driftOf(parseTree(inForce.after), tree, JSON.parse(inForce.allocation) as Allocation, places);
  }

  describe(tree: TcTree): string {
    return describe(tree);
  }

  /** Who did it, when, and the plan, line by line. */
  async audit(
    tenant: string,
    actor: Actor,
    action: 'apply' | 'confirm' | 'rollback' | 'reapply',
    row: DeploymentRow
  ): Promise<void> {
    const lines = operationsOf(row).map(({ command }) => command);
    await this.context.store.audit.add({
      tenant, by: actor.login, role: actor.role, action, subject: `${row.binding} on ${row.place}`, outcome: 'done',
      detail: [`${row.id} ${row.policy} ${row.revision}: ${row.message}`, ...lines].join('\n'),
    }); // prettier-ignore
  }

  /** @throws DeployFailure when the policy cannot be compiled for this kernel; TargetError when it cannot be read. */
  async plan(intent: Intent): Promise<DeploymentPlan> {
    return valueOf((await planAll(this.context, [intent]))[0]!);
  }

  /**
   * Puts a plan into force.
   * @param expected the id of the plan that the operator saw; another one now is refused.
   * @throws DeployFailure; the interface is then as it was, or the message says what it is.
   */
  async apply(
    intent: Intent,
    actor: Actor,
    options: ApplyOptions & { expected?: string } = {}
  ): Promise<DeploymentRow> {
    const { expected, ...rest } = options;
    return valueOf((await this.applyMany([intent], actor, { ...rest, expected: [expected] }))[0]!);
  }

  /**
   * The same for several interfaces, each for itself: what one refuses leaves the others alone. Those of one network are
   * locked, read, changed and journalled together.
   * @param expected plan ids in the order of the intents
   * @returns in the order of the intents, what apply would have returned or thrown
   */
  async applyMany(
    intents: readonly Intent[],
    actor: Actor,
    options: ApplyOptions & { expected?: ReadonlyArray<string | undefined> } = {}
  ): Promise<Outcomes<DeploymentRow>> {
    const outcomes: Outcomes<DeploymentRow> = [];
    for (const group of together(intents, this.portions.interfaces)) {
      const wanted = group.map((index) => ({ intent: intents[index]!, expected: options.expected?.[index] }));
      const done = await this.applyTogether(wanted, actor, options).catch((reason: unknown) =>
        group.map((): PromiseRejectedResult => ({ status: 'rejected', reason }))
      );
      group.forEach((index, at) => {
        outcomes[index] = done[at]!;
      });
    }
    return outcomes;
  }

  /** Of one tenant and network, no interface twice. */
  private async applyTogether(
    wanted: ReadonlyArray<{ intent: Intent; expected: string | undefined }>,
    actor: Actor,
    options: ApplyOptions
  ): Promise<Outcomes<DeploymentRow>> {
    const intents = wanted.map(({ intent }) => intent);
    const { tenant, place } = intents[0]!;
    const devices = intents.map(({ device }) => device);
    return exclusively(
      place,
      devices,
      async (lock) => {
        const settled = await settlePlaces(this.context, tenant, place, devices, lock);
        const ready = await oneByOne(wanted, (each, index) => {
          valueOf(settled[index]!);
          return each.intent.requiresProof ? requireProof(this.context.store, each.intent).then(() => each) : each;
        });
        return onward(ready, async (those) => {
          const plan = await planner(
            this.context,
            those.map(({ intent }) => intent)
          );
          const { planned: atOnce } = this.portions;
          async function* planned() {
            for (let at = 0; at < those.length; at += atOnce) {
              const some = await plan(at, at + atOnce);
              yield await oneByOne(some, (made, index) =>
                accepted(valueOf(made), those[at + index]!.expected, options)
              );
            }
          }
          return executeInTurn(this.context, planned(), 'apply', actor, lock, { confirm: options.confirm });
        });
      },
      this.context.standby
    );
  }

  /** The way back from a deployment: by default the one in force. */
  async planRollback(tenant: string, place: Place, device: string, deployment?: string): Promise<DeploymentPlan> {
    return planRollback(this.context, tenant, place, device, deployment);
  }

  async rollback(
    tenant: string,
    place: Place,
    device: string,
    actor: Actor,
    deployment?: string
  ): Promise<DeploymentRow> {
    return exclusively(place, [device], async (lock) => {
      valueOf((await settlePlaces(this.context, tenant, place, [device], lock))[0]!);
      const plan = await planRollback(this.context, tenant, place, device, deployment);
      return valueOf((await execute(this.context, [plan], 'rollback', actor, lock))[0]!);
    });
  }

  /** What is in force and gone, put back where nobody has put anything since. @returns undefined where nothing is lost */
  async putBack(tenant: string, place: Place, device: string, actor: Actor): Promise<DeploymentRow | undefined> {
    return putBack(this.context, tenant, place, device, actor);
  }

  /** Seconds that are left to confirm a deployment, 0 when they are over; undefined where it awaits nobody. */
  secondsToConfirm(row: DeploymentRow): number | undefined {
    const left = timeLeft(row, this.context.clock());
    return left === undefined ? undefined : Math.max(0, Math.ceil(left / 1000));
  }

  /** The network still works: what awaits confirmation stays. @throws DeployFailure when it awaits none, or no more */
  async confirm(
    tenant: string,
    place: Place,
    device: string,
    actor: Actor,
    deployment?: string
  ): Promise<DeploymentRow> {
    return confirm(this.context, tenant, place, device, actor, deployment);
  }

  /** Rolls back what nobody confirmed in time; to be called every second or so, and at every start. */
  async revertOverdue(placeOf: (row: DeploymentRow) => Place): Promise<Reverted[]> {
    return revertOverdue(this.context, placeOf);
  }

  /**
   * Settles what a crash left.
   * @param placeOf the way to the network of a journalled place, which only the caller's configuration knows.
   */
  async recover(placeOf: (row: DeploymentRow) => Place): Promise<DeploymentRow[]> {
    return recover(this.context, placeOf);
  }
}

/** Indices of intents that can be put into force together; what names an interface again comes after the first. */
function together(intents: readonly Intent[], atOnce: number): number[][] {
  const groups: Array<{ network: string; indices: Map<string, number> }> = [];
  for (const [index, { tenant, place, device }] of intents.entries()) {
    const network = JSON.stringify([tenant, place]);
    let group = groups.find(
      (each) => each.network === network && !each.indices.has(device) && each.indices.size < atOnce
    );
    if (!group) {
      group = { network, indices: new Map() };
      groups.push(group);
    }
    group.indices.set(device, index);
  }
  return groups.map((group) => [...group.indices.values()]);
}
