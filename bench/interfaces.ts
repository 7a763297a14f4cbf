/** What is measured on: virtual pairs in network namespaces of our own, made by one `ip -batch` each. */
import { existsSync } from 'node:fs';
import { obtainPrivilege, type Privilege } from '../demo/privilege.ts';
import { run, type Place } from '../backend/target/index.ts';

const PREFIX = 'clearpath-bench-';
/** Of interfaces, by which they are deleted in one call. */
const GROUP = '7';

async function must(argv: string[], input = ''): Promise<string> {
  const { status, stdout, stderr } = await run(argv, { input, timeoutMs: 300_000 });
  if (status !== 0) {
    throw new Error(`"${argv.join(' ')}" ended with status ${status}: ${stderr.trim() || 'no message'}`);
  }
  return stdout;
}

type Way = Pick<Privilege, 'enter' | 'release'>;

export class Interfaces {
  readonly devices: readonly string[];
  /** Beside the measured ones, to warm up on */
  readonly spare: readonly string[];
  private readonly privilege: Way;
  private readonly made = new Set<string>();
  private count = 0;
  private constructor(privilege: Way, count: number) {
    this.privilege = privilege;
    this.devices = Array.from({ length: count }, (_, index) => `wan${index}`);
    this.spare = Array.from({ length: Math.min(count, 50) }, (_, index) => `spare${index}`);
  }

  /** @throws NotPermitted where this user may not make network namespaces, with the reason and what to do */
  static async obtain(count: number): Promise<Interfaces> {
    const interfaces = new Interfaces(await obtainPrivilege(), count);
    await interfaces.removeLeftovers();
    return interfaces;
  }

  /** By another way in, to a kernel that lasts no longer than this. */
  static through(privilege: Way, count: number): Interfaces {
    return new Interfaces(privilege, count);
  }

  /** Namespaces of a bench that was killed. */
  private async removeLeftovers(): Promise<void> {
    const names = (await must([...this.privilege.enter, 'ip', 'netns', 'list']))
      .split('\n')
      .map((line) => line.split(' ')[0]!);
    for (const name of names.filter((each) => each.startsWith(PREFIX))) {
      const owner = name.slice(PREFIX.length).split('-')[0]!;
      if (!existsSync(`/proc/${owner}`)) {
        await this.remove(name);
      }
    }
  }

  private async remove(name: string): Promise<void> {
    await run([...this.privilege.enter, 'ip', 'netns', 'del', name]);
    this.made.delete(name);
  }

  /** Work on a namespace where every interface is fresh: up, with the queue that the kernel gave it. */
  async whileFresh<T>(work: (place: Place) => Promise<T>): Promise<T> {
    const { enter } = this.privilege;
    const namespace = `${PREFIX}${process.pid}-${this.count++}`;
    this.made.add(namespace);
    await must([...enter, 'ip', 'netns', 'add', namespace]);
    try {
      // Without IPv6 the kernel sends nothing there by itself; where there is none, there is nothing to switch off.
      const quiet = 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6';
      await run([...enter, 'ip', 'netns', 'exec', namespace, 'sh', '-c', quiet]);
      await must([...enter, 'ip', '-n', namespace, '-batch', '-'], [...this.devices, ...this.spare].map(pair).join(''));
      return await work({ namespace, enter });
    } finally {
      // All at once and waited for: left to the namespace's end, or in place, they would slow down what is measured next.
      await run([...enter, 'ip', '-n', namespace, 'link', 'del', 'group', GROUP]);
      await this.remove(namespace);
    }
  }

  async end(): Promise<void> {
    for (const name of this.made) {
      await this.remove(name);
    }
    await this.privilege.release();
  }
}

/** A veth comes up once its peer exists. */
const pair = (device: string): string =>
  `link add ${device} group ${GROUP} type veth peer name far-${device}\nlink set far-${device} up\nlink set ${device} up\n`;
