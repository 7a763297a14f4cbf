/** What is measured on: virtual pairs in network namespaces of our own, made by one `ip -batch` each. */
import { existsSync } from 'node:fs';
import { obtainPrivilege, type Privilege } from '../demo/privilege.ts';
import { run, type Place } from '../backend/target/index.ts';

const PREFIX = 'clearpath-bench-';

async function must(argv: string[], input = ''): Promise<string> {
  const { status, stdout, stderr } = await run(argv, { input, timeoutMs: 300_000 });
  if (status !== 0) {
    throw new Error(`"${argv.join(' ')}" ended with status ${status}: ${stderr.trim() || 'no message'}`);
  }
  return stdout;
}

export class Interfaces {
  readonly devices: readonly string[];
  private readonly privilege: Privilege;
  private readonly made: string[] = [];
  private constructor(privilege: Privilege, count: number) {
    this.privilege = privilege;
    this.devices = Array.from({ length: count }, (_, index) => `wan${index}`);
  }

  /** @throws NotPermitted where this user may not make network namespaces, with the reason and what to do */
  static async obtain(count: number): Promise<Interfaces> {
    const interfaces = new Interfaces(await obtainPrivilege(), count);
    await interfaces.removeLeftovers();
    return interfaces;
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
  }

  /** A namespace with every interface fresh: up, with the queue that the kernel gave it. */
  async fresh(): Promise<Place> {
    const { enter } = this.privilege;
    const namespace = `${PREFIX}${process.pid}-${this.made.length}`;
    this.made.push(namespace);
    await must([...enter, 'ip', 'netns', 'add', namespace]);
    // Without IPv6 the kernel sends nothing there by itself; where there is none, there is nothing to switch off.
    await run([
      ...enter,
      'ip',
      'netns',
      'exec',
      namespace,
      'sh',
      '-c',
      'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6',
    ]);
    // A veth comes up once its peer exists.
    const lines = this.devices.map(
      (device) =>
        `link add ${device} type veth peer name far-${device}\nlink set far-${device} up\nlink set ${device} up\n`
    );
    await must([...enter, 'ip', '-n', namespace, '-batch', '-'], lines.join(''));
    return { namespace, enter };
  }

  /** Only at the end: the kernel takes seconds to end hundreds of interfaces, behind the back of what is measured. */
  async removeAll(): Promise<void> {
    for (const name of this.made.splice(0)) {
      await this.remove(name);
    }
    await this.privilege.release();
  }
}
