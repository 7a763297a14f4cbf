/** A packet as an Ethernet frame: what the traffic program repeats. */
import type { Packet } from '../policy/index.ts';

export interface FrameHead {
  /** Hexadecimal digits; zeros follow up to `length` */
  head: string;
  /** bytes, without checksum and tag */
  length: number;
  /** Where the network header begins, bytes */
  network: number;
  /** Where the program's stamp stands behind it, bytes */
  stamp: number;
}

/** The program's own (traffic/stamp.go), bytes. */
const STAMP = 16;
/** IPv6 and TCP */
const LONGEST_HEADERS = 60;
const HEADER = 14;
/** A full packet, its headers included, bytes */
export const LONGEST_PACKET = 1500;
/** A full Ethernet frame without checksum and tag, bytes */
export const LONGEST_FRAME = HEADER + LONGEST_PACKET;
/** A frame that any packet fits into, with its stamp. */
export const SHORTEST_FRAME = HEADER + LONGEST_HEADERS + STAMP;

const u16 = (value: number) => [(value >> 8) & 0xff, value & 0xff];
const zeros = (count: number) => Array<number>(count).fill(0);
/** Locally administered; not the far end's own address, so that its kernel looks no further at the frame. */
export const DESTINATION_MAC = [2, 0, 0, 0, 0, 0xfe];
export const SOURCE_MAC = [2, 0, 0, 0, 0, 1];
/** For experiments (IEEE 802): a frame that is no IP. */
export const EXPERIMENTAL_ETHER_TYPE = 0x88b5;
export const TCP_ACK = 0x10;
/** ECN-capable (RFC 3168): a queue may mark it in place of dropping it. */
export const ECN_CAPABLE = 2;

const headersOf = ({ family, protocol }: Packet): number =>
  (family === 4 ? 20 : family === 6 ? 40 : 0) + (protocol === 6 ? 20 : protocol === 132 ? 12 : protocol === 17 ? 8 : 0);
/** bytes of the shortest packet of this kind that carries a stamp */
export const shortestPacket = (packet: Packet): number => headersOf(packet) + STAMP;
/** bytes of a frame around a packet of so many */
export const frameAround = (length: number): number => HEADER + length;

/**
 * Without the tag, which the interface of a VLAN puts beside the frame as it sends it (entry.ts).
 * @param length bytes of the whole frame; where the packet names its own length, frameAround of that
 * @param ecn of an IP packet
 */
export function frameOf(packet: Packet, length: number, ecn = 0): FrameHead {
  const { family, destinationMac = DESTINATION_MAC, sourceMac = SOURCE_MAC } = packet;
  const inside = length - HEADER;
  const body = family === 4 ? ipv4(packet, ecn, inside) : family === 6 ? ipv6(packet, ecn, inside) : [];
  const type = family === 4 ? 0x0800 : family === 6 ? 0x86dd : (packet.etherType ?? EXPERIMENTAL_ETHER_TYPE);
  const bytes = [...destinationMac, ...sourceMac, ...u16(type), ...body];
  const head = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  // Behind everything that a classifier may read, where there is room.
  const stamp = Math.max(headersOf(packet), Math.min(LONGEST_HEADERS, inside - STAMP));
  return { head, length, network: HEADER, stamp };
}

function transport({ protocol, sourcePort = 0, destinationPort = 0, tcpFlags = TCP_ACK }: Packet, length: number): number[] {
  const ports = [...u16(sourcePort), ...u16(destinationPort)];
  switch (protocol) {
    case 6:
      return [...ports, ...zeros(8), 0x50, tcpFlags, ...u16(0xffff), ...zeros(4)];
    case 17:
      return [...ports, ...u16(length), 0, 0];
    case 132:
      return [...ports, ...zeros(8)];
    default:
      return [];
  }
} // prettier-ignore

function ipv4(packet: Packet, ecn: number, length: number): number[] {
  const { dscp = 0, protocol = 0, source = zeros(4), destination = zeros(4) } = packet;
  const head = [0x45, (dscp << 2) | ecn, ...u16(length), 0, 0, 0, 0, 64, protocol, 0, 0, ...source, ...destination];
  return [...withChecksum(head), ...transport(packet, length - 20)];
}

function ipv6(packet: Packet, ecn: number, length: number): number[] {
  const { dscp = 0, protocol = 0, source = zeros(16), destination = zeros(16) } = packet;
  const head = [0x60 | (dscp >> 2), ((dscp & 3) << 6) | (ecn << 4), 0, 0, ...u16(length - 40), protocol, 64];
  return [...head, ...source, ...destination, ...transport(packet, length - 40)];
}

/** The header's checksum (RFC 1071). */
function withChecksum(head: number[]): number[] {
  let sum = 0;
  for (let i = 0; i < head.length; i += 2) {
    sum += (head[i]! << 8) | head[i + 1]!;
  }
  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return [...head.slice(0, 10), ...u16(~sum & 0xffff), ...head.slice(12)];
}
