/** The twin of a link: a veth pair in a network namespace of its own, removed with everything in it. */
import { existsSync, readFileSync } from 'node:fs';
import { run, type Place } from '../target/index.ts';
import { ProofFailure } from './failure.ts';

/** Packets leave by the first and arrive at the second. */
export const NEAR = 'wan0';
export const FAR = 'far0';
const PREFIX = 'clearpath-twin-';

export interface Twin {
  place: Place;
  remove(): Promise<void>;
}

/** Without IPv6 the kernel itself sends nothing there. What segments packets is off, where the link has it. */
const MAKE = `
  ip netns add "$1"
  ip netns exec "$1" sh -c 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6' || true
  ip -n "$1" link add "$2" type veth peer name "$3"
  ip netns exec "$1" sh -c "ethtool -K $2 tx off tso off gso off; ethtool -K $3 gro off" >/dev/null 2>&1 || true
  ip -n "$1" link set "$3" up
  ip -n "$1" link set "$2" up
`;

let made = 0;
/** Since when a process runs, in the kernel's ticks: a number that came back is not the same process. */
function startOf(pid: number | string): string | undefined {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) ? readFileSync(file, 'utf8').split(') ').at(-1)!.split(' ')[19] : undefined;
}

/** @param enter command prefix of an installation without root, as for any namespace. @throws ProofFailure */
export async function makeTwin(enter: readonly string[]): Promise<Twin> {
  await removeAbandoned(enter);
  const namespace = `${PREFIX}${process.pid}-${startOf(process.pid)}-${made++}`;
  const place: Place = { namespace, enter };
  const remove = async () => {
    await run([...enter, 'ip', 'netns', 'del', namespace]);
  };
  const { status, stderr } = await run([...enter, 'sh', '-ec', MAKE, 'sh', namespace, NEAR, FAR]);
  if (status !== 0) {
    await remove();
    throw new ProofFailure(
      `A network to prove it in cannot be made: ${stderr.trim()}. It takes root (CAP_NET_ADMIN and CAP_SYS_ADMIN) and a kernel with veth.`
    );
  }
  return { place, remove };
}

/** Twins whose process is no more: it was killed before it could remove them. */
async function removeAbandoned(enter: readonly string[]): Promise<void> {
  const { stdout } = await run([...enter, 'ip', 'netns', 'list']);
  for (const [name, pid, start] of stdout.matchAll(new RegExp(`${PREFIX}(\\d+)-(\\d+)-\\d+`, 'g'))) {
    if (startOf(pid!) !== start) {
      await run([...enter, 'ip', 'netns', 'del', name]);
    }
  }
}
