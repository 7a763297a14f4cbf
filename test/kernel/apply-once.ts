/** One change by a process of its own, for tests that kill it. Its argument is an Order as JSON; prints what came of it. */
import type { Step } from '../../backend/deploy/index.ts';
import { Operator } from './operator.ts';

export interface Order {
  /** Of the state */
  directory: string;
  namespace: string;
  /** A policy document to apply; without it what is in force is rolled back. */
  source?: string;
  replaceForeign?: boolean;
  /** Seconds that somebody has to confirm it in */
  confirm?: number;
  /** Where it kills itself, or how many milliseconds after the journal was written. */
  at?: Step;
  after?: number;
  /** Kills the tc that it started as well, as a service manager does. */
  group?: boolean;
}

const order = JSON.parse(process.argv[2]!) as Order;
const end = () => process.kill(order.group ? -process.pid : process.pid, 'SIGKILL');
const onStep = async (step: Step) => {
  if (step === order.at) {
    end();
    await new Promise(() => undefined);
  }
  if (step === 'journalled' && order.after !== undefined) {
    setTimeout(end, order.after);
  }
};

const operator = await Operator.start({ onStep }, order.directory);
const place = { namespace: order.namespace, enter: [] };
try {
  const { id, state, message } = await (order.source
    ? operator.apply(place, order.source, { replaceForeign: order.replaceForeign ?? false, confirm: order.confirm })
    : operator.rollback(place));
  process.stdout.write(JSON.stringify({ id, state, message }));
} catch (error) {
  const { code, path, message } = error as Error & { code?: string; path?: string };
  process.stdout.write(JSON.stringify({ code, path, message }));
  process.exitCode = 1;
} finally {
  await operator.store.close();
}
