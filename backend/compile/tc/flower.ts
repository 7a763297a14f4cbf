/** Alternatives as flower rules. One rule a preference, since within one preference masks match in order of insertion. */
import type { PortRange } from '../../policy/quantities.ts';
import type { Alternative } from './alternatives.ts';

const NAMES: Record<number, string> = { 6: 'tcp', 17: 'udp', 132: 'sctp', 1: 'icmp', 58: 'icmpv6' };
const range = ({ from, to }: PortRange) => (from === to ? String(from) : `${from}-${to}`);

/** @returns sorted keys as tc takes them; flower itself follows IPv4 options, IPv6 extension headers and skips later fragments. */
export function flowerRule(alternative: Alternative, tagged: boolean): string[] {
  const { family, dscp, protocol, sourcePorts, destinationPorts, source, destination } = alternative;
  return [
    tagged && `vlan_ethtype ${family === 4 ? 'ip' : 'ipv6'}`,
    protocol !== undefined && `ip_proto ${NAMES[protocol] ?? `0x${protocol.toString(16)}`}`,
    dscp !== undefined && `ip_tos 0x${(dscp << 2).toString(16)}/0xfc`,
    source && `src_ip ${source.text}`,
    destination && `dst_ip ${destination.text}`,
    sourcePorts && `src_port ${range(sourcePorts)}`,
    destinationPorts && `dst_port ${range(destinationPorts)}`,
  ]
    .filter((key): key is string => typeof key === 'string')
    .sort();
}
