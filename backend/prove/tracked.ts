/** Packets of tracked connections: each has a flow of its own, to which the kernel gives its mark as it leaves. */
import { formatAddress, type Packet, type RestoreDscp } from '../policy/index.ts';

/** The kernel looks closer at packets of other protocols before it takes them for a connection (nf_conntrack_proto.c). */
export const isTrackable = ({ family, protocol, vlan }: Packet): boolean =>
  family !== undefined && protocol === 17 && vlan === undefined;

/** The packet with another DSCP, and its own kept in the mark of its connection. */
export function keeping(packet: Packet, { mask, state = 0 }: RestoreDscp): Packet {
  const { dscp = 0, connmark = 0 } = packet;
  return {
    ...packet,
    dscp: dscp === 0 ? 1 : 0,
    connmark: ((connmark & ~mask) | (dscp * (mask & -mask)) | state) >>> 0,
  };
}

/** Two packets of one flow are of one connection, which has one mark. */
const flowOf = ({ family, protocol, source, destination, sourcePort, destinationPort }: Packet): string =>
  JSON.stringify([family, protocol, source, destination, sourcePort, destinationPort]);

/** Ports and hosts that are tried for a flow */
const MANY = 64;
const FIRST_PORT = 41_000;

function* others(packet: Packet): Generator<Packet> {
  yield packet;
  for (let i = 0; i < MANY; i++) {
    yield { ...packet, sourcePort: FIRST_PORT + i };
    yield { ...packet, destinationPort: FIRST_PORT + i };
    yield { ...packet, source: packet.source!.with(-1, i) };
    yield { ...packet, destination: packet.destination!.with(-1, i) };
  }
}

/**
 * @param packets by the class that each is of
 * @param belongs whether a packet is of a class
 * @returns the same, those of connections in flows that no other has; undefined where there is none
 */
export function inOwnFlows(
  packets: ReadonlyMap<string, Packet>,
  belongs: (packet: Packet, path: string) => boolean
): Map<string, Packet | undefined> {
  const taken = new Set([...packets.values()].filter(({ connmark }) => connmark === undefined).map(flowOf));
  return new Map(
    [...packets].map(([path, packet]) => {
      if (packet.connmark === undefined) {
        return [path, packet];
      }
      const own = others(packet).find((other) => !taken.has(flowOf(other)) && belongs(other, path));
      if (own) {
        taken.add(flowOf(own));
      }
      return [path, own];
    })
  );
}

/** Lines of `tc -batch` that prepare an interface to make connections of what leaves by it; refused where the kernel cannot. */
export const readyLines = (device: string): string[] => [
  `qdisc add dev ${device} clsact`,
  `filter add dev ${device} egress protocol ip pref 1 flower action ct pipe`,
  `filter del dev ${device} egress protocol ip pref 1`,
];

/** Those that make one of each packet's flow, with its mark. */
export const trackingLines = (packets: Iterable<Packet>, device: string): string[] =>
  [...packets].flatMap(({ family, source, destination, sourcePort, destinationPort, connmark }) => {
    if (connmark === undefined || family === undefined) {
      return [];
    }
    const [from, to] = [source!, destination!].map((bytes) => formatAddress(family, bytes));
    const flow = `flower ip_proto udp src_ip ${from} dst_ip ${to} src_port ${sourcePort} dst_port ${destinationPort}`;
    return [`filter add dev ${device} egress protocol ${family === 4 ? 'ip' : 'ipv6'} pref ${family} ${flow} action ct commit mark ${connmark} pipe`]; // prettier-ignore
  });
