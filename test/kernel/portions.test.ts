/** Many interfaces in portions: every one of them is read, planned and changed once, whichever portion it falls into. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { Engine, type Portions, type Step } from '../../backend/deploy/index.ts';
import { placeKey, readTree, readTrees, valueOf, type Place } from '../../backend/target/index.ts';
import { OWN, onEach } from './kernel.ts';
import { ACTOR, intentOf, Operator, policyOf, TENANT } from './operator.ts';

const DEVICES = ['wan0', 'wan1', 'wan2', 'wan3', 'wan4'];
/** Another for each interface, so that none can be taken for its neighbour. */
const policyAt = (index: number) =>
  policyOf({
    bandwidth: '10mbit',
    classes: [
      { name: 'mail', match: [{ protocol: 'tcp', ports: [25] }], guarantee: `${index + 1}mbit` },
      { name: 'default', default: true, guarantee: '2mbit' },
    ],
  });

/** Keeps what each batch of tc was told, in its order. */
const RECORDER = 'case "$*" in *-batch*) tee -a "$0" | "$@" ;; *) exec "$@" ;; esac';

onEach([OWN], 'a fleet in portions', ({ network, place: placeOf, sh }) => {
  let operator: Operator;
  let place: Place;
  let folder: string;
  let log: string;
  beforeEach(async () => {
    const name = await network.make();
    for (const device of DEVICES.slice(1)) {
      await sh('ip', '-n', name, 'link', 'add', device, 'type', 'veth', 'peer', 'name', `far-${device}`);
    }
    folder = mkdtempSync(join(tmpdir(), 'clearpath-portions-'));
    log = join(folder, 'log');
    place = { ...placeOf(name), enter: ['sh', '-c', RECORDER, log] };
    operator = await Operator.start();
  });
  afterEach(async () => {
    await operator.stop();
    rmSync(folder, { recursive: true });
  });
  afterAll(() => network.remove());

  const told = (what: RegExp) => readFileSync(log, 'utf8').split('\n').filter((line) => what.test(line)); // prettier-ignore
  const forget = () => rmSync(log, { force: true });
  const intents = () => DEVICES.map((device, index) => intentOf(place, policyAt(index), device));

  it.each([1, 2, 3, 5, 500])('is read whole when %i interfaces are listed at a time, each once', async (atOnce) => {
    (await operator.engine.applyMany(intents(), ACTOR)).forEach(valueOf);
    forget();
    const together = (await readTrees(place, DEVICES, atOnce)).map(valueOf);
    expect(told(/^class show dev \S+$/)).toEqual(DEVICES.map((device) => `class show dev ${device}`));
    expect(told(/^filter show dev \S+$/)).toEqual(DEVICES.map((device) => `filter show dev ${device}`));
    for (const [index, device] of DEVICES.entries()) {
      expect(together[index], device).toEqual(await readTree(place, device));
    }
    expect(new Set(together.map(({ classes }) => JSON.stringify(classes))).size).toBe(DEVICES.length);
  });

  /** By how many lines one interface takes; a portion takes as many interfaces as do not go beyond it. */
  it.each<[string, (lines: number) => Partial<Portions>, number]>([
    ['one interface at a time', () => ({ interfaces: 1 }), 5],
    ['two interfaces at a time', () => ({ interfaces: 2 }), 3],
    ['two interfaces that are planned at a time', () => ({ planned: 2 }), 1],
    ['the lines of two, planned three at a time', (lines) => ({ planned: 3, lines: 2 * lines }), 3],
    ['fewer lines than one interface has', () => ({ lines: 1 }), 5],
    ['the lines of two interfaces', (lines) => ({ lines: 2 * lines }), 3],
    ['a line less than those of three', (lines) => ({ lines: 3 * lines - 1 }), 3],
    ['the lines of all', (lines) => ({ lines: 5 * lines }), 1],
    ['both', (lines) => ({ interfaces: 3, lines: 2 * lines, listed: 1 }), 3],
  ])('is changed whole by %s, each once and with one deployment', async (_what, portionsOf, expected) => {
    const plans = await Promise.all(intents().map((intent) => operator.engine.plan(intent)));
    const [lines] = plans.map(({ operations }) => operations.length);
    expect(plans.map(({ operations }) => operations.length)).toEqual(DEVICES.map(() => lines));
    const portions = portionsOf(lines!);
    forget();
    const steps: Step[] = [];
    const engine = new Engine(operator.store, { portions, onStep: (step) => void steps.push(step) });
    const rows = (await engine.applyMany(intents(), ACTOR)).map(valueOf);
    expect(steps).toEqual(Array.from({ length: expected }, () => ['journalled', 'applied', 'verified']).flat());
    expect(told(/^\w+ (?!show).* dev wan/)).toEqual(plans.flatMap(({ operations }) => operations.map(({ line }) => line))); // prettier-ignore
    expect(rows.map((row) => [row.interface, row.state])).toEqual(DEVICES.map((device) => [device, 'confirmed']));
    for (const [index, device] of DEVICES.entries()) {
      const kept = await operator.store.deployments.list(TENANT, { place: placeKey(place, device) });
      expect(kept.map(({ id }) => id)).toEqual([rows[index]!.id]);
      expect((await operator.engine.plan(intents()[index]!)).operations).toEqual([]);
    }
  });

  it.each([1, 2, 5])(
    'is changed whole %i at a time by a program that listens to its network, each once',
    async (planned) => {
      const engine = new Engine(operator.store, { portions: { planned, listed: planned }, watching: true });
      try {
        (await engine.applyMany(intents(), ACTOR)).forEach(valueOf);
        const edited = DEVICES.map((device, index) => intentOf(place, policyAt(index + 1), device));
        const plans = await Promise.all(edited.map((intent) => operator.engine.plan(intent)));
        forget();
        const rows = (await engine.applyMany(edited, ACTOR)).map(valueOf);
        expect(told(/^\w+ (?!show).* dev wan/)).toEqual(plans.flatMap(({ operations }) => operations.map(({ line }) => line))); // prettier-ignore
        expect(rows.map((row) => [row.interface, row.state])).toEqual(DEVICES.map((device) => [device, 'confirmed']));
        for (const intent of edited) {
          expect((await operator.engine.plan(intent)).operations).toEqual([]);
        }
      } finally {
        engine.end();
      }
    }
  );
});
