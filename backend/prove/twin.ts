/** The twin of a link: a veth pair in a network namespace of its own, removed with everything in it. */
import { existsSync, readFileSync } from 'node:fs';
import { applyBatch, run, type Place } from '../target/index.ts';
import { ProofFailure } from './failure.ts';

/** Packets leave by the first and arrive at the second; for what the first receives, the other way. */
export const NEAR = 'twin0';
export const FAR = 'twin1';
const PREFIX = 'clearpath-twin-';

/** Where packets are sent, and where they are counted: at the other end, or once the queues or the police of what is received let them through. */
export interface Way {
  send: string;
  receive: string;
}
export interface Twin {
  place: Place;
  /** The far ends of further interfaces, by the names that the policy has for them */
  beside: ReadonlyMap<string, string>;
  /** The interface that what the near end receives goes on to behind its hook. @throws ProofFailure */
  behind(): Promise<string>;
  remove(): Promise<void>;
}

/** Without IPv6 the kernel itself sends nothing there. What segments packets is off, where the link has it. */
const MAKE = `
  ip netns add "$1"
  ip netns exec "$1" sh -c 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6' || true
  ip -n "$1" link add "$2" type veth peer name "$3"
  ip netns exec "$1" sh -c "for end in $2 $3; do ethtool -K \\$end tx off tso off gso off gro off; done" >/dev/null 2>&1 || true
  ip -n "$1" link set "$3" up
  ip -n "$1" link set "$2" up
  ns=$1; shift 3
  for name; do
    ip -n "$ns" link add "$name" type veth peer name "to-$((i += 1))"
    ip -n "$ns" link set "$name" up
    ip -n "$ns" link set "to-$i" up
  done
`;

let made = 0;
/** Since when a process runs, in the kernel's ticks: a number that came back is not the same process. */
function startOf(pid: number | string): string | undefined {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) ? readFileSync(file, 'utf8').split(') ').at(-1)!.split(' ')[19] : undefined;
}

/**
 * @param enter command prefix of an installation without root, as for any namespace
 * @param names of further interfaces. @throws ProofFailure
 */
export async function makeTwin(enter: readonly string[], names: readonly string[] = []): Promise<Twin> {
  await removeAbandoned(enter);
  const namespace = `${PREFIX}${process.pid}-${startOf(process.pid)}-${made++}`;
  const place: Place = { namespace, enter };
  const remove = async () => {
    await run([...enter, 'ip', 'netns', 'del', namespace]);
  };
  const { status, stderr } = await run([...enter, 'sh', '-ec', MAKE, 'sh', namespace, NEAR, FAR, ...names]);
  if (status !== 0) {
    await remove();
    throw new ProofFailure(
      `A network to prove it in cannot be made: ${stderr.trim()}. It takes root (CAP_NET_ADMIN and CAP_SYS_ADMIN) and a kernel with veth.`
    );
  }
  let behind: Promise<string> | undefined;
  return {
    place,
    beside: new Map(names.map((name, index) => [name, `to-${index + 1}`])),
    behind: () => (behind ??= makeBehind(place)),
    remove,
  };
}

/**
 * A packet socket at the near end sees packets before the hook does; behind it they go on to the bridge that the
 * interface is a port of, with their tags and marks. A bridge that learns, snoops or keeps frames for neighbours to itself
 * would not pass every one.
 */
const BEHIND = 'twin-behind';
const MAKE_BEHIND = [
  `link add ${BEHIND} type bridge mcast_snooping 0 group_fwd_mask 65528`,
  `link set ${NEAR} master ${BEHIND}`,
  `link set ${NEAR} type bridge_slave learning off`,
  `link set ${BEHIND} up promisc on`,
];
async function makeBehind(place: Place): Promise<string> {
  const { refusal } = await applyBatch(place, MAKE_BEHIND);
  if (refusal) {
    throw new ProofFailure(
      `What police lets through is counted at a bridge behind the hook, which cannot be made: ${refusal.plain} (${refusal.original}). Load the module bridge, or prove the policy on a kernel that has it.`
    );
  }
  return BEHIND;
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
