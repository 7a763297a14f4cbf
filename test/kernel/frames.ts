/** Ethernet frames by what they say, beside the packet as the policy sees it. */
import type { Packet } from '../../backend/policy/index.ts';

export interface FrameSpec extends Packet {
  /** Beside the DSCP */
  ecn?: number;
  /** Length of what follows the headers, bytes */
  payload?: number;
  /** IPv4 header with options (32 bytes instead of 20) */
  options?: boolean;
  /** A hop-by-hop header between IPv6 and the transport */
  extension?: boolean;
  /** Part of a fragmented packet: only the first has the transport's header */
  fragment?: 'first' | 'later';
}

const u16 = (value: number) => [value >> 8, value & 255];
const zeros = (count: number) => Array<number>(count).fill(0);

function transport({
  protocol,
  sourcePort = 0,
  destinationPort = 0,
  tcpFlags = 2,
  fragment,
  payload = 20,
}: FrameSpec): number[] {
  if (fragment === 'later') {
    return zeros(payload);
  }
  const ports = [...u16(sourcePort), ...u16(destinationPort)];
  switch (protocol) {
    case 6:
      return [...ports, ...zeros(8), 0x50, tcpFlags, ...zeros(6), ...zeros(payload)];
    case 17:
      return [...ports, ...u16(8 + payload), 0, 0, ...zeros(payload)];
    case 132:
      return [...ports, ...zeros(8), ...zeros(payload)];
    default:
      return zeros(8 + payload);
  }
}

function internet(spec: FrameSpec): number[] {
  const { family, dscp = 0, ecn = 0, protocol = 59, fragment } = spec;
  const body = transport(spec);
  if (family === 4) {
    const options = spec.options ? [...zeros(11).fill(1), 0] : [];
    const length = 20 + options.length;
    const offset = fragment === 'first' ? 0x2000 : fragment === 'later' ? 185 : 0;
    const source = spec.source ?? [192, 0, 2, 1];
    const destination = spec.destination ?? [198, 51, 100, 1];
    const head = [
      0x40 | (length / 4),
      (dscp << 2) | ecn,
      ...u16(length + body.length),
      0x12,
      0x34,
      ...u16(offset),
      64,
      protocol,
      0,
      0,
      ...source,
      ...destination,
    ];
    return [...withChecksum(head, options), ...body];
  }
  const source = spec.source ?? [0x20, 0x01, 0x0d, 0xb8, ...zeros(11), 1];
  const destination = spec.destination ?? [0x20, 0x01, 0x0d, 0xb8, ...zeros(11), 2];
  const hop = spec.extension ? [protocol, 0, 1, 4, ...zeros(4)] : [];
  const part = fragment ? [protocol, 0, ...u16(fragment === 'first' ? 1 : (1448 & ~7) | 0), ...zeros(3), 7] : [];
  const next = spec.extension ? 0 : fragment ? 44 : protocol;
  const rest = [...hop, ...part, ...body];
  return [
    0x60 | (dscp >> 2),
    ((dscp & 3) << 6) | (ecn << 4),
    0,
    0,
    ...u16(rest.length),
    next,
    64,
    ...source,
    ...destination,
    ...rest,
  ];
}

function withChecksum(head: number[], options: number[]): number[] {
  const all = [...head, ...options];
  let sum = 0;
  for (let i = 0; i < all.length; i += 2) {
    sum += (all[i]! << 8) | all[i + 1]!;
  }
  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >> 16);
  }
  [all[10], all[11]] = u16(~sum & 0xffff) as [number, number];
  return all;
}

const TO = [2, 0, 0, 0, 0, 2];
const FROM = [2, 0, 0, 0, 0, 1];

/** @returns the frame as hexadecimal digits; without a family it is ARP, or of the type that is asked for. */
export function frameOf(spec: FrameSpec): string {
  const { destinationMac = TO, sourceMac = FROM, vlan, vlanPriority = 0, etherType = 0x0806 } = spec;
  const type = spec.family === 4 ? 0x0800 : spec.family === 6 ? 0x86dd : etherType;
  const body = spec.family ? internet(spec) : [0, 1, 8, 0, 6, 4, 0, 1, ...zeros(20)];
  const tag = vlan === undefined ? [] : [0x81, 0, ...u16((vlanPriority << 13) | vlan)];
  const bytes = [...destinationMac, ...sourceMac, ...tag, ...u16(type), ...body];
  return Buffer.from([...bytes, ...zeros(Math.max(0, 60 - bytes.length))]).toString('hex');
}

/** The packet that the policy sees: fragments have no ports, ARP has nothing of IP. */
export function packetOf(spec: FrameSpec): Packet {
  const { family, dscp = 0, protocol = 59, sourcePort, destinationPort, tcpFlags = 2, fragment } = spec;
  const { destinationMac = TO, sourceMac = FROM, vlan, vlanPriority, fwmark, connmark, inputInterface } = spec;
  const frame: Packet = {
    sourceMac,
    destinationMac,
    ...(vlan === undefined ? {} : { vlan, vlanPriority: vlanPriority ?? 0 }),
    ...(fwmark === undefined ? {} : { fwmark }),
    ...(connmark === undefined ? {} : { connmark }),
    ...(inputInterface === undefined ? {} : { inputInterface }),
  };
  if (family === undefined) {
    return { ...frame, etherType: spec.etherType ?? 0x0806 };
  }
  const addresses = {
    source: spec.source ?? (family === 4 ? [192, 0, 2, 1] : [0x20, 0x01, 0x0d, 0xb8, ...zeros(11), 1]),
    destination: spec.destination ?? (family === 4 ? [198, 51, 100, 1] : [0x20, 0x01, 0x0d, 0xb8, ...zeros(11), 2]),
  };
  const ports = {
    ...(fragment || sourcePort === undefined ? {} : { sourcePort }),
    ...(fragment || destinationPort === undefined ? {} : { destinationPort }),
    ...(fragment || protocol !== 6 ? {} : { tcpFlags }),
  };
  return { ...frame, family, dscp, protocol, length: internet(spec).length, ...ports, ...addresses };
}
