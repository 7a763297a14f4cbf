/**
 * The measured half, in a process of its own so that its memory is its own: an engine as the sidecar has it, which puts
 * one policy on every interface and then does so again. Prints its Measurement as JSON.
 */
import { Engine, judgeSource, type Intent, type Step } from '../backend/deploy/index.ts';
import { openStore } from '../backend/store/index.ts';
import { placeKey, valueOf, type Place } from '../backend/target/index.ts';
import { POLICY } from './policy.ts';

export interface Task {
  place: Place;
  devices: readonly string[];
  /** Directory of a store that does not exist yet */
  state: string;
}
export interface Measurement {
  /** Milliseconds of the first apply and of its parts, and of the second, which finds nothing to do */
  apply: number;
  parts: Record<Step | 'confirmed', number>;
  again: number;
  /** Lines that the first apply ran, as the journal has them */
  lines: string[];
  /** Largest resident memory so far, bytes */
  memory: { afterApply: number; afterAgain: number };
}

const TENANT = 'bench';
const ACTOR = { login: 'bench', role: 'Admin' };
/** Kibibytes in Node, whatever the platform. */
const peak = () => process.resourceUsage().maxRSS * 1024;

async function measure({ place, devices, state }: Task): Promise<Measurement> {
  const store = await openStore(state);
  const parts: Measurement['parts'] = { journalled: 0, applied: 0, verified: 0, confirmed: 0 };
  let since = 0;
  const passed = (part: keyof Measurement['parts']) => {
    const now = performance.now();
    parts[part] += now - since;
    since = now;
  };
  const engine = new Engine(store, { onStep: passed });
  // A sidecar has done this long before.
  await engine.capabilitiesOf(place);

  const applyMany = async () => {
    since = performance.now();
    const { resolved, revision } = judgeSource(POLICY);
    const intents = devices.map((device): Intent => ({
      tenant: TENANT,
      place,
      device,
      binding: device,
      target: 'bench',
      policy: resolved!,
      revision,
    }));
    const outcomes = await engine.applyMany(intents, ACTOR);
    passed('confirmed');
    return outcomes.map(valueOf);
  };

  const began = performance.now();
  const first = await applyMany();
  const apply = performance.now() - began;
  const firstParts = { ...parts };
  const afterApply = peak();

  const again = performance.now();
  const second = await applyMany();
  const measured = {
    apply,
    parts: firstParts,
    again: performance.now() - again,
    memory: { afterApply, afterAgain: peak() },
  };

  const wrong = second.find((row, index) => row.state !== 'confirmed' || row.id !== first[index]!.id);
  if (wrong) {
    throw new Error(`The second apply on ${wrong.place} was not the first one again: ${wrong.message}`);
  }
  const journalled = await store.deployments.list(TENANT, { limit: 2 * devices.length });
  await store.close();
  const operations = new Map(
    journalled.map((row) => [row.place, JSON.parse(row.operations) as Array<{ command: string }>])
  );
  return {
    ...measured,
    lines: devices.flatMap((device) => operations.get(placeKey(place, device))!.map(({ command }) => command)),
  };
}

process.stdout.write(JSON.stringify(await measure(JSON.parse(process.argv[2]!) as Task)));
