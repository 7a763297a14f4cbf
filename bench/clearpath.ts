/**
 * The measured half, in a process of its own so that its memory is its own: an engine as the sidecar has it, which puts
 * policies on interfaces, does so again, and then changes one class of them. Takes its Task from standard input and prints its Measurement, both as JSON.
 */
import { readFileSync } from 'node:fs';
import { Engine, judgeSource, type Intent, type Step } from '../backend/deploy/index.ts';
import { openStore, operationsOf } from '../backend/store/index.ts';
import { valueOf, type Place } from '../backend/target/index.ts';

export interface Task {
  place: Place;
  devices: readonly string[];
  /** Sources; the interfaces take turns in having them */
  policies: readonly string[];
  /** The same with one class changed, if that is measured */
  changed?: readonly string[];
  /** Interfaces beside the measured ones, where everything is done once before: a sidecar has been running for long */
  spare: readonly string[];
  /** Directory of a store that does not exist yet */
  state: string;
}
export type Parts = Record<Step | 'confirmed', number>;
export interface Change {
  took: number;
  parts: Parts;
}
export interface Measurement {
  /** Milliseconds of the first apply, of the second, which finds nothing to do, and of the change, with their parts */
  apply: number;
  parts: Parts;
  again: number;
  change?: Change | undefined;
  /** Lines that the first apply and the change ran, as the journal has them */
  lines: string[];
  changedLines: string[];
  /** Largest resident memory so far, bytes */
  memory: { afterApply: number; atEnd: number };
}

const TENANT = 'bench';
const ACTOR = { login: 'bench', role: 'Admin' };
/** Kibibytes in Node, whatever the platform. */
const peak = () => process.resourceUsage().maxRSS * 1024;

async function measure({ place, devices, policies, changed, spare, state }: Task): Promise<Measurement> {
  const store = await openStore(state);
  const parts: Parts = { journalled: 0, applied: 0, verified: 0, confirmed: 0 };
  let since = 0;
  const passed = (part: keyof Parts) => {
    const now = performance.now();
    parts[part] += now - since;
    since = now;
  };
  const engine = new Engine(store, { onStep: passed, watching: true });

  /** Policies are judged when they are saved, before the time that is measured. */
  const judged = (sources: readonly string[]) => sources.map((source) => judgeSource(source));
  const applyMany = async (interfaces: readonly string[], policies: ReturnType<typeof judged>) => {
    Object.assign(parts, { journalled: 0, applied: 0, verified: 0, confirmed: 0 });
    const began = performance.now();
    since = began;
    const intents = interfaces.map((device, index): Intent => {
      const { resolved, revision } = policies[index % policies.length]!;
      return { tenant: TENANT, place, device, binding: device, target: 'bench', policy: resolved!, revision };
    });
    const rows = (await engine.applyMany(intents, ACTOR)).map(valueOf);
    passed('confirmed');
    return { ids: rows.map(({ id }) => id), took: performance.now() - began, parts: { ...parts } };
  };
  const linesOf = async (ids: readonly string[]) => {
    const rows = await store.deployments.getAll(TENANT, ids);
    return ids.flatMap((id) => operationsOf(rows.get(id)!).map(({ command }) => command));
  };

  const wanted = judged(policies);
  const wantedThen = judged(changed ?? []);
  if (spare.length > 0) {
    for (const each of [wanted, wanted, ...(changed ? [wantedThen] : [])]) {
      await applyMany(spare, each);
    }
  }

  const first = await applyMany(devices, wanted);
  const afterApply = peak();
  const second = await applyMany(devices, wanted);
  if (second.ids.some((id, index) => id !== first.ids[index])) {
    throw new Error('The second apply was not the first one again.');
  }
  const third = changed && (await applyMany(devices, wantedThen));
  const atEnd = peak();
  const measured = {
    apply: first.took,
    parts: first.parts,
    again: second.took,
    change: third && { took: third.took, parts: third.parts },
    lines: await linesOf(first.ids),
    changedLines: third ? await linesOf(third.ids) : [],
    memory: { afterApply, atEnd },
  };
  engine.end();
  await store.close();
  return measured;
}

process.stdout.write(JSON.stringify(await measure(JSON.parse(readFileSync(0, 'utf8')) as Task)));
