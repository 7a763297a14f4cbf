/** Alternatives as flower rules. One rule a preference, since within one preference masks match in order of insertion. */
import type { PortRange, Prefix } from '../../policy/quantities.ts';
import type { Alternative } from './alternatives.ts';

/** In the order in which tc wants them: a port is refused before its protocol, a protocol before the type inside the tag. */
const ORDER = ['vlan_ethtype', 'ip_proto', 'ip_tos', 'src_ip', 'dst_ip', 'src_port', 'dst_port'] as const;
export type FlowerKey = (typeof ORDER)[number];
export const isFlowerKey = (key: string): key is FlowerKey => (ORDER as readonly string[]).includes(key);

/** By name where tc takes the name for either IP version; `icmp` it refuses in IPv6, so that is a number here. */
const NAMES: Record<number, string> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };
export const protocolKey = (number: number): string => `ip_proto ${NAMES[number] ?? `0x${number.toString(16)}`}`;

/** Not for a prefix of length zero: that is no condition, and the kernel does not show it. */
export const prefixKey = (key: 'src_ip' | 'dst_ip', prefix: Prefix): string => `${key} ${prefix.text}`;

const rank = (key: string) => (ORDER as readonly string[]).indexOf(key.slice(0, key.indexOf(' ')));
export const sortFlowerKeys = (keys: readonly string[]): string[] => [...keys].sort((a, b) => rank(a) - rank(b));

const range = ({ from, to }: PortRange) => (from === to ? String(from) : `${from}-${to}`);

/** @returns keys as tc takes them; flower itself follows IPv4 options and IPv6 extension headers, and sees no ports in fragments, the first included. */
export function flowerRule(alternative: Alternative, tagged: boolean): string[] {
  const { family, dscp, protocol, sourcePorts, destinationPorts, source, destination } = alternative;
  const keys = [
    tagged && `vlan_ethtype ${family === 4 ? 'ip' : 'ipv6'}`,
    protocol !== undefined && protocolKey(protocol),
    dscp !== undefined && `ip_tos 0x${(dscp << 2).toString(16)}/0xfc`,
    source && source.length > 0 && prefixKey('src_ip', source),
    destination && destination.length > 0 && prefixKey('dst_ip', destination),
    sourcePorts && `src_port ${range(sourcePorts)}`,
    destinationPorts && `dst_port ${range(destinationPorts)}`,
  ];
  return sortFlowerKeys(keys.filter((key): key is string => typeof key === 'string'));
}
