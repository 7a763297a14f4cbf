/** One change by a process of its own, for tests that kill it. Takes an Order as JSON from standard input; prints what came of it. */
import { text } from 'node:stream/consumers';
import type { Step } from '../../backend/deploy/index.ts';
import { bootTime } from '../../backend/target/index.ts';
import { Operator } from './operator.ts';

export interface Order {
  /** Of the state */
  directory: string;
  namespace: string;
  /** By default what leaves by the link */
  device?: string;
  /** A policy document to apply; without it what is in force is rolled back, or what another left is settled. */
  source?: string;
  recover?: boolean;
  /** Seconds that its clock is ahead: what nobody confirmed by then is rolled back after recovery */
  ahead?: number;
  replaceForeign?: boolean;
  /** Seconds that somebody has to confirm it in */
  confirm?: number;
  /** Where it kills itself, or how many milliseconds after the journal was written or, from the start, it began. */
  at?: Step;
  after?: number;
  fromStart?: boolean;
  /** Kills the tc that it started as well, as a service manager does. */
  group?: boolean;
}

const order = JSON.parse(await text(process.stdin)) as Order;
const end = () => process.kill(order.group ? -process.pid : process.pid, 'SIGKILL');
const onStep = async (step: Step) => {
  if (step === order.at) {
    end();
    await new Promise(() => undefined);
  }
  if (step === 'journalled' && order.after !== undefined && !order.fromStart) {
    setTimeout(end, order.after).unref();
  }
};

const clock = () => {
  const now = bootTime();
  return { ...now, ms: now.ms + (order.ahead ?? 0) * 1000 };
};
const operator = await Operator.start({ onStep, clock }, order.directory);
const place = { namespace: order.namespace, enter: [] };
if (order.fromStart && order.after !== undefined) {
  setTimeout(end, order.after).unref();
}
try {
  if (order.recover) {
    await operator.engine.recover(() => place);
    await operator.engine.revertOverdue(() => place);
  }
  const { id, state, message } = await (order.recover
    ? { id: '', state: 'recovered', message: '' }
    : order.source
      ? operator.apply(
          place,
          order.source,
          { replaceForeign: order.replaceForeign ?? false, confirm: order.confirm },
          order.device
        )
      : operator.rollback(place, order.device));
  process.stdout.write(JSON.stringify({ id, state, message }));
} catch (error) {
  const { code, path, message } = error as Error & { code?: string; path?: string };
  process.stdout.write(JSON.stringify({ code, path, message }));
  process.exitCode = 1;
} finally {
  await operator.store.close();
}
