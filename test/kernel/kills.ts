/**
 * `npm run kills -- --times 1000`: random policies are applied and rolled back on the machine's own kernel by processes
 * that are killed at random points, with the tc that they started or without, and so are some of those that settle it.
 * Each time what is there afterwards is the old tree or the new one, and the journal says which. Needs root.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { isKernelDefault, parseTree, sameTree, type TcTree } from '../../backend/compile/tc/index.ts';
import { Engine } from '../../backend/deploy/index.ts';
import { discover, placeKey, readTree, run, type Place } from '../../backend/target/index.ts';
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
}

interface Draw {
  spec: object;
  way: 'apply' | 'rollback';
  /** A step, or a part of the time that a change takes, from its start or from the journal on */
  point: { at: 'journalled' | 'applied' | 'verified' } | { part: number; fromStart: boolean };
  group: boolean;
  /** Part of the time that settling takes, when that is killed too */
  settling: number | undefined;
}

const draws = (algorithms: string[]): fc.Arbitrary<Draw> => {
  const part = fc.double({ min: 0, max: 1.1, noNaN: true });
  return fc.record({
    spec: policies(algorithms),
    way: fc.oneof({ weight: 4, arbitrary: fc.constant('apply' as const) }, { weight: 1, arbitrary: fc.constant('rollback' as const) }),
    point: fc.oneof(
      { weight: 1, arbitrary: fc.record({ at: fc.constantFrom('journalled' as const, 'applied' as const, 'verified' as const) }) },
      { weight: 4, arbitrary: fc.record({ part, fromStart: fc.boolean() }) }
    ),
    group: fc.boolean(),
    settling: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: part }),
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
  const ends: Kills = { old: 0, new: 0, late: 0, twice: 0 };
  try {
    const namespace = await network.make();
    const place: Place = { namespace, enter: [] };
    const key = placeKey(place, DEVICE);
    await warmUp(directory);
    const { qdiscs } = await discover(place);
    const algorithms = ['auto', 'fq_codel', 'sfq', 'pfifo'].filter((name) => name === 'auto' || qdiscs.includes(name));
    // Milliseconds that a change takes here, followed as it varies.
    let usual = 100;
    for (const [index, draw] of fc.sample(draws(algorithms), { numRuns: times, seed }).entries()) {
      const before = await readTree(place, DEVICE);
      const { deployment: inForce } = await store.deployments.place(TENANT, key);
      const order: Omit<Order, 'directory'> = {
        namespace,
        group: draw.group,
        ...(draw.way === 'rollback' && inForce ? {} : { source: policyOf(draw.spec) }),
        ...('at' in draw.point ? draw.point : { after: draw.point.part * usual, fromStart: draw.point.fromStart }),
      };
      const began = performance.now();
      const { killed } = await next(order);
      usual = killed ? usual * 1.02 : (usual * 3 + Math.min(performance.now() - began, 2000)) / 4;
      if (draw.settling !== undefined && killed) {
        const again = await next({ namespace, recover: true, fromStart: true, after: draw.settling * usual, group: draw.group });
        ends.twice += Number(again.killed);
      } // prettier-ignore
      const isNew = await settled(new Engine(store), place, before, inForce).catch((error: unknown) => {
        throw new Error(`Kill ${index + 1} with --seed ${seed}: ${(error as Error).message}\n${JSON.stringify(order)}`);
      });
      ends[isNew ? 'new' : 'old']++;
      ends.late += Number(!killed);
      if ((index + 1) % 100 === 0) {
        say(
          `${index + 1}: ${ends.old} old, ${ends.new} new, ${ends.late} of them at their end, ${ends.twice} killed twice`
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
  async function settled(engine: Engine, place: Place, before: TcTree, inForce: string | null): Promise<boolean> {
    const must = (what: boolean, words: string) => {
      if (!what) throw new Error(words);
    };
    await engine.recover(() => place);
    must((await store.deployments.unfinished()).length === 0, 'the journal still has a deployment under way');
    const live = await readTree(place, DEVICE);
    const { deployment } = await store.deployments.place(TENANT, placeKey(place, DEVICE));
    const row = deployment ? await store.deployments.get(TENANT, deployment) : undefined;
    const said = row && parseTree(row.after);
    must(said ? sameTree(live, said) : isKernelDefault(live), 'the interface does not carry what the journal says is in force');
    const isNew = deployment !== inForce;
    must(isNew || sameTree(live, before), 'the interface carries neither the old tree nor the new one');
    // Nothing hangs on: the next change is planned from what is there.
    const plan = await engine.planRollback(TENANT, place, DEVICE).catch(() => undefined);
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
  const { old, new: fresh, late, twice } = await kills(times, seed, (text) => console.error(text));
  console.log(
    `${times} kills with seed ${seed} in ${Math.round((performance.now() - began) / 1000)} s: ${old} times the old tree, ${fresh} times the new one, never between. ${late} came after the end, ${twice} settlings were killed as well.`
  );
}
