/** Network namespaces with a link in each, made for one file of tests and removed after it. */
import type { Running } from './kernel.ts';

export const DEVICE = 'wan0';
let made = 0;

export class Network {
  private readonly kernel: Pick<Running, 'attempt' | 'sh'>;
  private readonly names: string[] = [];
  constructor(kernel: Pick<Running, 'attempt' | 'sh'>) {
    this.kernel = kernel;
  }

  /** A new namespace with a link `wan0` that is up and silent. @returns its name */
  async make(): Promise<string> {
    const name = `cpk${process.pid}-${made++}`;
    this.names.push(name);
    await this.kernel.sh('ip', 'netns', 'add', name);
    // Without IPv6 the kernel itself sends nothing there: every packet that is counted is one of the test's.
    await this.kernel.sh('ip', 'netns', 'exec', name, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6');
    await this.link(name);
    return name;
  }

  async link(name: string): Promise<void> {
    await this.kernel.sh('ip', '-n', name, 'link', 'add', DEVICE, 'type', 'veth', 'peer', 'name', 'far0');
    await this.kernel.sh('ip', '-n', name, 'link', 'set', 'far0', 'up');
    await this.kernel.sh('ip', '-n', name, 'link', 'set', DEVICE, 'up');
  }

  /** Lines of `tc -batch` by another hand. @throws when one is refused */
  async tc(name: string, ...lines: string[]): Promise<void> {
    const { status, stderr } = await this.kernel.attempt(['tc', '-n', name, '-batch', '-'], `${lines.join('\n')}\n`);
    if (status !== 0) throw new Error(stderr.trim());
  }

  async remove(): Promise<void> {
    for (const name of this.names.splice(0)) await this.kernel.attempt(['ip', 'netns', 'del', name]);
  }
}
