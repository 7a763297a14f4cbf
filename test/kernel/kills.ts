/**
 * `npm run kills -- --times 1000`: random policies are applied and rolled back on the machine's own kernel by processes
 * that are killed at random points, with the tc that they started or without, and so are some of those that settle it.
 * A third of the changes are of what the interface receives. A third of the applies must be confirmed in time, and half of those never are: what goes back for that is killed too. Each
 * time what is there afterwards is the old tree or the new one, and the journal says which. Needs root.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { isKernelDefault, parseTree, sameTree, sideName, type TcTree } from '../../backend/compile/tc/index.ts';
import { Engine } from '../../backend/deploy/index.ts';
import { bootTime, discover, placeKey, readTree, run, type Place } from '../../backend/target/index.ts';
import type { Order } from './apply-once.ts';
import { DEVICE, Network } from './network.ts';
import { prepare, warmUp, type Ready } from './once.ts';
import { ACTOR, Operator, policyOf, TENANT } from './operator.ts';
import { policies } from './policies.ts';

export interface Kills {
  old: number;
  new: number;
  /** Of these: the process was at its end before it was killed */
  late: number;
  /** Of these: settling was killed as well */
  twice: number;
  /** Of these: it awaited confirmation, and was confirmed, or rolled back when its time was over */
  kept: number;
  overdue: number;
}

interface Draw {
  /** A side of the interface */
  side: string;
  spec: object;
  way: 'apply' | 'rollback';
  /** A step, or a part of the time that a change takes, from its start or from the journal on */
  point: { at: 'journalled' | 'applied' | 'verified' } | { part: number; fromStart: boolean };
  group: boolean;
  /** Part of the time that settling takes, when that is killed too */
  settling: number | undefined;
  /** What becomes of the deadline of an apply that has one */
  deadline: Deadline | undefined;
  /** Such an apply comes to await it, and only what looks after it is killed, at this part of the time that takes */
  awaited: number | undefined;
}
/** What is received, where nothing acts on it */
const NO_HOOK: TcTree = { qdiscs: [], classes: [], filters: [], ingress: { rules: [] } };
type Deadline = 'kept' | 'overdue';
/** Seconds: longer than it all takes, so that only a clock set ahead sees it pass */
const DEADLINE = 3600;
const lateClock = () => {
  const now = bootTime();
  return { ...now, ms: now.ms + 2 * DEADLINE * 1000 };
};

const RECEIVED = sideName(DEVICE, 'ingress');

const draws = (algorithms: string[], received: boolean): fc.Arbitrary<Draw> => {
  const part = fc.double({ min: 0, max: 1.1, noNaN: true });
  return fc.record({
    side: fc.oneof({ weight: 2, arbitrary: fc.constant(DEVICE) }, { weight: Number(received), arbitrary: fc.constant(RECEIVED) }),
    spec: policies(algorithms),
    way: fc.oneof({ weight: 4, arbitrary: fc.constant('apply' as const) }, { weight: 1, arbitrary: fc.constant('rollback' as const) }),
    point: fc.oneof(
      { weight: 1, arbitrary: fc.record({ at: fc.constantFrom('journalled' as const, 'applied' as const, 'verified' as const) }) },
      { weight: 4, arbitrary: fc.record({ part, fromStart: fc.boolean() }) }
    ),
    group: fc.boolean(),
    settling: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: part }),
    deadline: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom('kept' as const, 'overdue' as const) }),
    awaited: fc.option(part, { nil: undefined, freq: 2 }),
  }); // prettier-ignore
};

/** @param say one line for each hundred; @throws with the seed and the number of the first that ended in between */
export async function kills(times: number, seed: number, say: (text: string) => void): Promise<Kills> {
  const network = new Network({
    attempt: (argv, input) => run(argv, input === undefined ? {} : { input }),
    sh: async (...argv) => (await run(argv)).stdout,
  });
  const operator = await Operator.start();
  const { directory, store } = operator;
  let ready: Ready | undefined;
  /** The next is started while this one works. */
  const next = (order: Omit<Order, 'directory'>) => {
    const now = ready ?? prepare(directory);
    ready = prepare(directory);
    return now.run({ directory, ...order });
  };
  const ends: Kills = { old: 0, new: 0, late: 0, twice: 0, kept: 0, overdue: 0 };
  try {
    const namespace = await network.make();
    const place: Place = { namespace, enter: [] };
    await warmUp(directory);
    const { qdiscs, ingress = [] } = await discover(place);
    const algorithms = ['auto', 'fq_codel', 'sfq', 'pfifo'].filter((name) => name === 'auto' || qdiscs.includes(name));
    // Milliseconds that a change takes here, followed as it varies.
    let usual = 100;
    for (const [index, draw] of fc
      .sample(draws(algorithms, ingress.includes('ifb')), { numRuns: times, seed })
      .entries()) {
      const { side } = draw;
      const before = await readTree(place, side);
      const { deployment: inForce } = await store.deployments.place(TENANT, placeKey(place, side));
      const order: Omit<Order, 'directory'> = {
        namespace,
        device: side,
        group: draw.group,
        ...(draw.way === 'rollback' && inForce
          ? {}
          : { source: policyOf(draw.spec), ...(draw.deadline && { confirm: DEADLINE }) }),
      };
      const awaited = order.confirm === undefined ? undefined : draw.awaited;
      if (awaited === undefined) {
        Object.assign(
          order,
          'at' in draw.point ? draw.point : { after: draw.point.part * usual, fromStart: draw.point.fromStart }
        );
      }
      const began = performance.now();
      const { killed } = await next(order);
      usual = killed ? usual * 1.02 : (usual * 3 + Math.min(performance.now() - began, 2000)) / 4;
      const settling = awaited ?? (killed ? draw.settling : undefined);
      if (settling !== undefined) {
        const again = await next({ namespace, recover: true, ...(draw.deadline === 'overdue' && { ahead: 2 * DEADLINE }), fromStart: true, after: settling * usual, group: draw.group });
        ends.twice += Number(again.killed);
      } // prettier-ignore
      const isNew = await settled(place, side, before, inForce, draw.deadline).catch((error: unknown) => {
        throw new Error(`Kill ${index + 1} with --seed ${seed}: ${(error as Error).message}\n${JSON.stringify(order)}`);
      });
      ends[isNew ? 'new' : 'old']++;
      ends.kept += Number(awaited !== undefined && isNew);
      ends.overdue += Number(awaited !== undefined && !isNew);
      if (awaited !== undefined && isNew !== (draw.deadline === 'kept')) {
        throw new Error(
          `Kill ${index + 1} with --seed ${seed}: what awaited confirmation ended as if ${isNew ? 'it had got it' : 'it had not'}`
        );
      }
      ends.late += Number(!killed && awaited === undefined);
      if ((index + 1) % 100 === 0) {
        say(
          `${index + 1}: ${ends.old} old, ${ends.new} new, ${ends.late} of them at their end, ${ends.twice} killed twice, ${ends.kept} confirmed, ${ends.overdue} overdue`
        );
      }
    }
    return ends;
  } finally {
    ready?.dismiss();
    await operator.stop();
    await network.remove();
  }

  /** What a restarted sidecar does, and what it must find. @returns whether the new tree is there; @throws when neither is */
  async function settled(place: Place, side: string, before: TcTree, inForce: string | null, deadline: Deadline | undefined): Promise<boolean> {
    const must = (what: boolean, words: string) => {
      if (!what) throw new Error(words);
    };
    const engine = new Engine(store, deadline === 'overdue' ? { clock: lateClock } : {});
    await engine.recover(() => place);
    const awaiting = await store.deployments.awaiting();
    if (deadline === 'kept' && awaiting.length > 0) {
      await engine.confirm(TENANT, place, side, ACTOR);
    }
    for (const { row, done } of await engine.revertOverdue(() => place)) {
      must(done, row.message);
    }
    must((await store.deployments.awaiting()).length === 0, 'a deployment still awaits confirmation');
    must((await store.deployments.unfinished()).length === 0, 'the journal still has a deployment under way');
    const live = await readTree(place, side);
    const { deployment } = await store.deployments.place(TENANT, placeKey(place, side));
    const row = deployment ? await store.deployments.get(TENANT, deployment) : undefined;
    const said = row && parseTree(row.after);
    must(said ? sameTree(live, said) : isKernelDefault(live) && (!live.ingress || sameTree(live, NO_HOOK)), 'the interface does not carry what the journal says is in force');
    const isNew = deployment !== inForce;
    must(isNew || sameTree(live, before), 'the interface carries neither the old tree nor the new one');
    // Nothing hangs on: the next change is planned from what is there.
    const plan = await engine.planRollback(TENANT, place, side).catch(() => undefined);
    must(plan !== undefined || deployment === null, `${ACTOR.login} could not go back`);
    return isNew;
  } // prettier-ignore
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      times: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(Date.now() % 1e6) },
    },
  });
  const [times, seed] = [Number(values.times), Number(values.seed)];
  const began = performance.now();
  const { old, new: fresh, late, twice, kept, overdue } = await kills(times, seed, (text) => console.error(text));
  console.log(
    `${times} kills with seed ${seed} in ${Math.round((performance.now() - began) / 1000)} s: ${old} times the old tree, ${fresh} times the new one, never between. ${late} came after the end, ${twice} settlings were killed as well. ${kept} awaited confirmation and got it, ${overdue} were rolled back without.`
  );
}
