/** Network namespaces with a link in each, made for one file of tests and removed after it. */
import type { Running } from './kernel.ts';

export const DEVICE = 'wan0';
let made = 0;

/** Without IPv6 the kernel itself sends nothing there: every packet that is counted is one of the test's. */
const MAKE = `
  ip netns add "$1"
  ip netns exec "$1" sh -c 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6'
  ip -n "$1" link add "$2" type veth peer name far0
  ip -n "$1" link set far0 up
  ip -n "$1" link set "$2" up
`;

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
    await this.kernel.sh('sh', '-ec', MAKE, 'sh', name, DEVICE);
    return name;
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
