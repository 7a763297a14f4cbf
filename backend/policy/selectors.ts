/** What clauses select packets by beyond addresses and ports: marks, MAC addresses, lengths, types of frames, TCP flags. */

/** A value under a mask, e.g. a mark: only the bits of the mask count. */
export interface Masked {
  value: number;
  mask: number;
}
/** A MAC address, or all that begin with its first `length` bits. */
export interface Mac {
  bytes: number[];
  length: number;
  text: string;
}
/** An inclusive range of lengths in bytes. */
export interface LengthRange {
  from: number;
  to: number;
}
/** Flags that must be set and flags that must not. */
export interface TcpFlags extends Masked {
  text: string;
}

const U32 = 2 ** 32 - 1;
const whole = (text: string) => (/^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : NaN);

export function parseMark(given: string | number): Masked | string {
  const [value = '', mask = String(U32), ...rest] = String(given).trim().split('/');
  const parsed = { value: whole(value), mask: whole(mask) };
  if (rest.length > 0 || !(parsed.value <= U32 && parsed.mask >= 1 && parsed.mask <= U32)) {
    return `"${given}" is not a mark. Write a number such as 5 or 0x10, or one under a mask: 0x10/0xf0.`;
  }
  return (parsed.value & ~parsed.mask) === 0
    ? parsed
    : `"${given}" has bits set outside its mask, so nothing would match. Did you mean 0x${((parsed.value & parsed.mask) >>> 0).toString(16)}/${mask}?`;
}

/** Some of the bits of a mark, at least one. */
export function parseBits(given: string | number): number | string {
  const bits = whole(String(given).trim());
  return bits >= 1 && bits <= U32
    ? bits
    : `"${given}" are not bits of a mark. Write a number from 1 to 0xffffffff, such as 0x80.`;
}

export const formatBits = (bits: number): string => `0x${bits.toString(16)}`;

export const formatMark = ({ value, mask }: Masked): string =>
  mask === U32 ? String(value) : `0x${value.toString(16)}/0x${mask.toString(16)}`;

export const formatMac = (bytes: readonly number[]): string =>
  bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');

export function parseMac(given: string): Mac | string {
  const match = /^([0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5})(?:\/(\d+))?$/i.exec(given.trim());
  const length = Number(match?.[2] ?? 48);
  if (!match || length < 1 || length > 48) {
    return `"${given}" is not a MAC address. Write 02:00:5e:00:53:01, or the maker's part alone: 02:00:5e:00:00:00/24.`;
  }
  const given6 = match[1]!.split(':').map((part) => parseInt(part, 16));
  const bytes = given6.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, length - 8 * i))) & 0xff);
  return bytes.every((byte, i) => byte === given6[i])
    ? { bytes, length, text: `${formatMac(bytes)}${length === 48 ? '' : `/${length}`}` }
    : `"${given}" has bits set beyond its length. Did you mean ${formatMac(bytes)}/${length}?`;
}

/** Of the IP packet, header included: what its header says. */
export function parseLength(given: string | number): LengthRange | string {
  const match = /^(\d+)(?:-(\d+))?$/.exec(String(given).trim());
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  return match && from <= to && to <= 65_535
    ? { from, to }
    : `"${given}" is not a length. Write bytes of the IP packet as 64 or 0-128, at most 65535, the lower first.`;
}

/** IEEE 802 numbers that operators name. */
export const ETHER_TYPES: Readonly<Record<string, number>> = {
  ip: 0x0800, arp: 0x0806, rarp: 0x8035, ipv6: 0x86dd, mpls: 0x8847, 'pppoe-discovery': 0x8863, pppoe: 0x8864, eapol: 0x888e,
  profinet: 0x8892, ethercat: 0x88a4, lldp: 0x88cc, ptp: 0x88f7,
}; // prettier-ignore
const TAGS = [0x8100, 0x88a8];

export function parseEtherType(given: string | number): number | string {
  const text = String(given).trim().toLowerCase();
  const number = Object.hasOwn(ETHER_TYPES, text) ? ETHER_TYPES[text]! : whole(text);
  if (TAGS.includes(number)) {
    return `"${given}" is the type of a VLAN tag; etherType is what stands inside it. Use vlan.`;
  }
  return number >= 0x600 && number <= 0xffff
    ? number
    : `"${given}" is not an EtherType. Write a number from 0x600 to 0xffff, or one of ${Object.keys(ETHER_TYPES).join(', ')}.`;
}

export const etherTypeName = (number: number): string =>
  Object.entries(ETHER_TYPES).find(([, value]) => value === number)?.[0] ?? `0x${number.toString(16).padStart(4, '0')}`;

/** Bits of the octet that holds them (RFC 9293, section 3.1; RFC 3168 for the upper two). */
const TCP_FLAGS: Readonly<Record<string, number>> = {
  fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128,
}; // prettier-ignore

/** Flags from the bits that are asked for, in the words that are read. */
export function tcpFlagsOf({ value, mask }: Masked): TcpFlags {
  const asked = Object.entries(TCP_FLAGS).filter(([, bit]) => (mask & bit) !== 0);
  return { value: value & mask, mask, text: asked.map(([name, bit]) => ((value & bit) === 0 ? `!${name}` : name)).join('+') }; // prettier-ignore
}

export function parseTcpFlags(given: string): TcpFlags | string {
  const flags: TcpFlags = { value: 0, mask: 0, text: given.trim().toLowerCase() };
  for (const part of flags.text.split('+')) {
    const bit = TCP_FLAGS[part.replace(/^!/, '')];
    if (bit === undefined || (flags.mask & bit) !== 0) {
      return `"${given}" are not TCP flags. Write those that are set, joined by +, with ! before those that are not: syn, syn+ack, syn+!ack. They are ${Object.keys(TCP_FLAGS).join(', ')}.`;
    }
    flags.mask |= bit;
    flags.value |= part.startsWith('!') ? 0 : bit;
  }
  return flags;
}
