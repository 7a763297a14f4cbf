/** A packet as an Ethernet frame: what the traffic program repeats. */
import type { Packet } from '../policy/index.ts';

export interface FrameHead {
  /** Hexadecimal digits; zeros follow up to `length` */
  head: string;
  /** bytes, without the checksum */
  length: number;
  /** Where the network header begins, bytes */
  network: number;
}

/** Ethernet header, then 60 bytes that hold the longest headers sent here, then the program's stamp of 16 (traffic/stamp.go). */
export const SHORTEST_FRAME = 14 + 60 + 16;
/** A full Ethernet frame without its checksum, bytes */
export const LONGEST_FRAME = 1514;

const u16 = (value: number) => [(value >> 8) & 0xff, value & 0xff];
const zeros = (count: number) => Array<number>(count).fill(0);
/** Locally administered; not the far end's own address, so that its kernel looks no further at the frame. */
export const DESTINATION_MAC = [2, 0, 0, 0, 0, 0xfe];
export const SOURCE_MAC = [2, 0, 0, 0, 0, 1];
/** For experiments (IEEE 802): a frame that is no IP. */
export const EXPERIMENTAL_ETHER_TYPE = 0x88b5;
export const TCP_ACK = 0x10;

/** @param length bytes of the whole frame, SHORTEST_FRAME to LONGEST_FRAME */
export function frameOf(packet: Packet, length: number): FrameHead {
  const body = packet.family === 4 ? ipv4(packet, length - 14) : packet.family === 6 ? ipv6(packet, length - 14) : [];
  const type = packet.family === 4 ? 0x0800 : packet.family === 6 ? 0x86dd : EXPERIMENTAL_ETHER_TYPE;
  const bytes = [...DESTINATION_MAC, ...SOURCE_MAC, ...u16(type), ...body];
  return { head: bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(''), length, network: 14 };
}

function transport({ protocol, sourcePort = 0, destinationPort = 0 }: Packet, length: number): number[] {
  const ports = [...u16(sourcePort), ...u16(destinationPort)];
  switch (protocol) {
    case 6:
      // An acknowledgement with data.
      return [...ports, ...zeros(8), 0x50, TCP_ACK, ...u16(0xffff), ...zeros(4)];
    case 17:
      return [...ports, ...u16(length), 0, 0];
    case 132:
      return [...ports, ...zeros(8)];
    default:
      return [];
  }
}

function ipv4(packet: Packet, length: number): number[] {
  const { dscp = 0, protocol = 0, source = zeros(4), destination = zeros(4) } = packet;
  const head = [0x45, dscp << 2, ...u16(length), 0, 0, 0, 0, 64, protocol, 0, 0, ...source, ...destination];
  return [...withChecksum(head), ...transport(packet, length - 20)];
}

function ipv6(packet: Packet, length: number): number[] {
  const { dscp = 0, protocol = 0, source = zeros(16), destination = zeros(16) } = packet;
  const head = [0x60 | (dscp >> 2), (dscp & 3) << 6, 0, 0, ...u16(length - 40), protocol, 64];
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
