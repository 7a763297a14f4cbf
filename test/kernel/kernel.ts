/**
 * The kernels that tests run on: the machine's own, and beside it the lab's where the own one lacks disciplines or
 * classifiers. What cannot be used is skipped with the reason in the name of the tests.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe } from 'vitest';
import { run, type Place, type RunResult } from '../../backend/target/index.ts';
import { bootGuest, type Guest } from './guest.ts';
import { Network } from './network.ts';

export interface Kernel {
  name: 'own' | 'lab';
  /** fq_codel and flower are there */
  whole: boolean;
  /** Why nothing can be tried on it, or null. */
  missing: string | null;
}

const attempt = (...argv: string[]): string | null => {
  const { status, stderr, error } = spawnSync(argv[0]!, argv.slice(1), { encoding: 'utf8' });
  return status === 0
    ? null
    : (error?.message ?? (stderr.trim().split('\n')[0] || `${argv[0]} ended with status ${status}`));
};
/** @returns why the command failed in a network of its own, or null. */
const tryAlone = (command: string) => attempt('unshare', '--net', '--', 'sh', '-c', command);

const NEEDS_ROOT = process.getuid!() === 0 ? null : 'network namespaces are made by root only';
const namespaces =
  NEEDS_ROOT ?? tryAlone('ip link add try0 type veth peer name try1 && tc qdisc add dev try0 root handle 1: htb');
const whole =
  namespaces === null &&
  tryAlone(
    'tc qdisc add dev lo root fq_codel && tc qdisc replace dev lo root handle 1: htb && tc filter add dev lo parent 1: protocol ip flower ip_proto udp classid 1:1'
  ) === null;

export const OWN: Kernel = { name: 'own', whole, missing: namespaces };
const lab = process.env.CLEARPATH_LAB;
const LAB: Kernel = {
  name: 'lab',
  whole: true,
  missing: NEEDS_ROOT ?? (lab ? null : 'this kernel has no fq_codel or no flower, and CLEARPATH_LAB names no other'),
};

export const KERNELS: Kernel[] = whole ? [OWN] : [OWN, LAB];
/** For tests that need every discipline and classifier. */
export const WHOLE: Kernel[] = whole ? [OWN] : [LAB];

/** For tests that need packets of tracked connections. */
export const TRACKING: Kernel[] = WHOLE.map((kernel) =>
  kernel === OWN
    ? { ...kernel, missing: tryAlone('tc qdisc add dev lo clsact && tc filter add dev lo egress protocol ip flower action ct commit mark 1 pipe') }
    : kernel
); // prettier-ignore

/** A kernel in use by one file of tests. */
export interface Running {
  kernel: Kernel;
  /** No other kernel runs the same tests: it runs those too that do not need what only this one has. */
  alone: boolean;
  network: Network;
  place(namespace: string | undefined): Place;
  /** Runs a command there; @throws when it fails */
  sh(...argv: string[]): Promise<string>;
  /** The same with its standard input, and without judgement of its status. */
  attempt(argv: readonly string[], input?: string): Promise<RunResult>;
}

/** Declares the same tests for each kernel; what `body` gets is ready once a test runs, and taken down afterwards. */
export function onEach(kernels: readonly Kernel[], title: string, body: (kernel: Running) => void): void {
  const alone = kernels.filter((kernel) => kernel.missing === null).length === 1;
  for (const kernel of kernels) {
    describe.skipIf(kernel.missing !== null)(
      `${title} (${kernel.name} kernel${kernel.missing ? `, skipped: ${kernel.missing}` : ''})`,
      () => {
        let guest: Guest | undefined;
        const enter = () => guest?.enter ?? [];
        const running: Omit<Running, 'network'> = {
          kernel,
          alone,
          place: (namespace) => ({ namespace, enter: enter() }),
          attempt: (argv, input) => run([...enter(), ...argv], input === undefined ? {} : { input }),
          sh: async (...argv) => {
            const { status, stdout, stderr } = await run([...enter(), ...argv]);
            if (status !== 0) throw new Error(`${argv.join(' ')}: ${stderr.trim() || `status ${status}`}`);
            return stdout;
          },
        };
        const network = new Network(running);
        beforeAll(async () => {
          if (kernel.name === 'lab') guest = await bootGuest(lab!);
        }, 90_000);
        afterAll(async () => {
          await network.remove().finally(() => guest?.stop());
        }, 60_000);
        body({ ...running, network });
      }
    );
  }
}
