/** Interfaces on a kernel that has what a measurement needs: the machine's own, else the one that CLEARPATH_LAB names. */
import { discover, kernelRelease, run, withNamespace, type Place } from '../backend/target/index.ts';
import { bootGuest } from '../test/kernel/guest.ts';
import { Skipped } from './figures.ts';
import { Interfaces } from './interfaces.ts';

export interface Need {
  /** For messages */
  what: string;
  /** Whether the network of a fresh interface has it */
  has: (place: Place, device: string) => Promise<boolean>;
}
const discipline = (kind: string): Need => ({
  what: kind,
  has: async (place) => (await discover(place)).qdiscs.includes(kind),
});
export const HTB = discipline('htb');
export const FLOWER: Need = {
  what: 'flower and fq_codel',
  has: async (place) => {
    const { classifiers, qdiscs } = await discover(place);
    return classifiers.includes('flower') && qdiscs.includes('fq_codel');
  },
};
/** Where thousands of rules stand in hash tables of u32 */
export const ONLY_U32: Need = {
  what: 'u32 without flower beside it',
  has: async (place) => {
    const { classifiers } = await discover(place);
    return classifiers.includes('u32') && !classifiers.includes('flower');
  },
};
/** tcset puts it below each of its classes. */
export const NETEM: Need = {
  what: 'netem',
  has: async (place, device) => {
    const tc = (...argv: string[]) => run(withNamespace(place, 'tc', ['qdisc', ...argv]));
    const { status } = await tc('add', 'dev', device, 'root', 'netem');
    await tc('del', 'dev', device, 'root');
    return status === 0;
  },
};

/** While interfaces of its own last; those of a bench that is interrupted go as well. */
async function using<T>(interfaces: Interfaces, work: (interfaces: Interfaces) => Promise<T>): Promise<T> {
  const interrupted = () => void interfaces.end().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    return await work(interfaces);
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await interfaces.end();
  }
}

/** What a measurement found, and on which kernel where that is not the machine's own. */
export interface Found<T> {
  value: T;
  kernel: 'own' | 'lab';
}

/** @throws Skipped where no kernel has it */
export async function onKernelWith<T>(
  need: Need,
  count: number,
  work: (interfaces: Interfaces) => Promise<T>
): Promise<Found<T>> {
  const has = (interfaces: Interfaces) => interfaces.whileFresh((place) => need.has(place, interfaces.devices[0]!));
  const own = await using(await Interfaces.obtain(count), async (interfaces) =>
    (await has(interfaces)) ? { value: await work(interfaces) } : undefined
  );
  if (own) {
    return { ...own, kernel: 'own' };
  }
  const lab = process.env.CLEARPATH_LAB;
  if (!lab) {
    throw new Skipped(`this kernel (${kernelRelease()}) has no ${need.what}, and CLEARPATH_LAB names no other.`);
  }
  process.env.LAB_TIMEOUT ??= '1800';
  // A queue of FQ-CoDel takes 70 KiB, for its 1,024 flows.
  process.env.LAB_MEM ??= '6144M';
  const guest = await bootGuest(lab);
  return using(Interfaces.through({ enter: guest.enter, release: () => guest.stop() }, count), async (interfaces) => {
    if (!(await has(interfaces))) {
      throw new Skipped(`neither this kernel (${kernelRelease()}) nor the one of CLEARPATH_LAB has ${need.what}.`);
    }
    return { value: await work(interfaces), kernel: 'lab' };
  });
}
