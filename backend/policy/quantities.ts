/**
 * Quantities of the policy language, parsed once at the border: rates, durations, sizes, DSCP, ports and prefixes.
 * After this file everything is a plain integer: bit/s, microseconds, bytes.
 */
import { z } from 'zod';
import { parseBits, parseEtherType, parseLength, parseMac, parseMark, parseTcpFlags } from './selectors.ts';

export const NAME = /^[a-z][a-z0-9-]{0,62}$/;
export const Name = z.string().regex(NAME, {
  error: (issue) =>
    `"${String(issue.input)}" is not a name. A name starts with a small letter and has small letters, digits and hyphens, at most 63.`,
});

/** A rate as written: absolute in bit/s, or a percent of what the parent has. */
export type Rate = { kind: 'absolute'; bits: number } | { kind: 'percent'; percent: number };
/** An inclusive range of transport ports. */
export type PortRange = { from: number; to: number };
/** An IP prefix with its address bytes masked to the length. */
export type Prefix = { family: 4 | 6; text: string; bytes: number[]; length: number };
export type Protocol = { number: number; family?: 4 | 6 };
/** A queue limit in packets or bytes. */
export type Limit = { packets: number } | { bytes: number };

const RATE_UNITS: Record<string, number> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };
const DURATION_UNITS: Record<string, number> = { us: 1, ms: 1e3, s: 1e6, m: 6e7, h: 3.6e9 };
const SIZE_UNITS: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2 };
/** Above it the kernel's 64-bit rates still reach, but no link does: a slip of the pen. */
const MAX_BITS = 1e12;
const MAX_MICROSECONDS = 1000 * 3.6e9;
/** What tc and the kernel take as a size or a number of packets. */
const MAX_COUNT = 2 ** 32 - 1;

/** Whole and fraction apart, so that binary fractions add nothing: 0.1 mbit is 100000 bit/s exactly. */
function scaled(decimal: string, unit: number): number {
  const [whole = '0', fraction = ''] = decimal.split('.');
  const digits = fraction.replace(/0+$/, '');
  return Number(whole) * unit + (digits === '' ? 0 : (Number(digits) * unit) / 10 ** digits.length);
}

export function parseRate(text: string): Rate | string {
  const match = /^(\d+(?:\.\d+)?)(bit|kbit|mbit|gbit|%)$/.exec(text.trim());
  if (!match) {
    return `"${text}" is not a rate. Write a number with kbit, mbit or gbit (decimal, e.g. 19mbit), or a percent such as 10%.`;
  }
  if (match[2] === '%') {
    const percent = Number(match[1]);
    return percent > 100
      ? `${text} is more than all there is. A percent of a rate is at most 100%.`
      : { kind: 'percent', percent };
  }
  const bits = scaled(match[1]!, RATE_UNITS[match[2]!]!);
  if (bits > MAX_BITS) {
    return `${text} is more than 1000gbit, which no link here carries.`;
  }
  return Number.isInteger(bits) ? { kind: 'absolute', bits } : `${text} is not a whole number of bits per second.`;
}

export function parseDuration(text: string): number | string {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)$/.exec(text.trim());
  if (!match) {
    return `"${text}" is not a duration. Write a number with us, ms, s, m or h, e.g. 20ms.`;
  }
  const us = Math.round(scaled(match[1]!, DURATION_UNITS[match[2]!]!));
  return us >= 1 && us <= MAX_MICROSECONDS ? us : `${text} is not a duration that can be kept. Write 1us to 1000h.`;
}

const SIZE = /^(\d+(?:\.\d+)?)(B|KiB|MiB)$/;

export function parseSize(text: string): number | string {
  const match = SIZE.exec(text.trim());
  if (!match) {
    return `"${text}" is not a size. Write a number with B, KiB or MiB, e.g. 32KiB.`;
  }
  const bytes = Math.round(scaled(match[1]!, SIZE_UNITS[match[2]!]!));
  return bytes >= 1 && bytes <= MAX_COUNT ? bytes : `${text} is not a size that the kernel takes. Write 1B to 4095MiB.`;
}

export function parseLimit(text: string): Limit | string {
  const match = /^(\d+)p$/.exec(text.trim());
  if (match) {
    const packets = Number(match[1]);
    return packets >= 1 && packets <= MAX_COUNT
      ? { packets }
      : `${text} is not a limit that the kernel takes. A queue holds at least 1p and at most ${MAX_COUNT}p.`;
  }
  if (!SIZE.test(text.trim())) {
    return `"${text}" is not a queue limit. Write packets as 200p or a size as 32KiB.`;
  }
  const bytes = parseSize(text);
  return typeof bytes === 'number' ? { bytes } : bytes;
}

export function parsePercent(text: string): number | string {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text.trim());
  return match && Number(match[1]) <= 100
    ? Number(match[1])
    : `"${text}" is not a percent. Write a number from 0 to 100 with %, e.g. 0.1%.`;
}

/** Code points by name: RFC 2474 (CS), RFC 2597 (AF), RFC 3246 (EF), RFC 5865 (VA, voice-admit), RFC 8622 (LE). */
export const DSCP_NAMES: Readonly<Record<string, number>> = {
  df: 0, cs0: 0, le: 1, cs1: 8, af11: 10, af12: 12, af13: 14, cs2: 16, af21: 18, af22: 20, af23: 22, cs3: 24,
  af31: 26, af32: 28, af33: 30, cs4: 32, af41: 34, af42: 36, af43: 38, cs5: 40, va: 44, ef: 46, cs6: 48, cs7: 56,
}; // prettier-ignore

/** The usual name of a code point, or its number. */
export function dscpName(value: number): string {
  return (
    Object.entries(DSCP_NAMES)
      .find(([, number]) => number === value)?.[0]
      .toUpperCase() ?? String(value)
  );
}

export function parseDscp(value: string | number): number | string {
  const number =
    typeof value === 'number' ? value : /^\d+$/.test(value) ? Number(value) : DSCP_NAMES[value.toLowerCase()];
  return number !== undefined && Number.isInteger(number) && number >= 0 && number <= 63
    ? number
    : `"${value}" is not a DSCP. Write a name such as ef, af41, cs6, le, df, va, or a number from 0 to 63.`;
}

/** IANA protocol numbers that operators name. */
export const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  icmp: { number: 1, family: 4 }, igmp: { number: 2, family: 4 }, tcp: { number: 6 }, udp: { number: 17 }, dccp: { number: 33 },
  gre: { number: 47 }, esp: { number: 50 }, ah: { number: 51 }, icmpv6: { number: 58, family: 6 }, eigrp: { number: 88 },
  ospf: { number: 89 }, pim: { number: 103 }, vrrp: { number: 112 }, l2tp: { number: 115 }, sctp: { number: 132 },
}; // prettier-ignore

/** Protocols whose header begins with source and destination port. */
export const PORT_PROTOCOLS: readonly number[] = [6, 17, 132];

export function parseProtocol(value: string | number): Protocol | string {
  const text = String(value).toLowerCase();
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return number <= 255 ? { number } : `${text} is not an IP protocol number (0-255).`;
  }
  // By own names only: "constructor" is no protocol.
  return (
    (Object.hasOwn(PROTOCOLS, text) && PROTOCOLS[text]) ||
    `"${value}" is not a protocol known here. Use its number, or one of ${Object.keys(PROTOCOLS).join(', ')}.`
  );
}

export function parsePorts(value: string | number): PortRange | string {
  const match = /^(\d+)(?:-(\d+))?$/.exec(String(value).trim());
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  return match && from >= 1 && to <= 65535 && from <= to
    ? { from, to }
    : `"${value}" is not a port or a range of ports. Write 5060 or 16384-32767, from 1 to 65535, the lower first.`;
}

const IPV4 = z.ipv4();
const IPV6 = z.ipv6();

function ipv4Bytes(text: string): number[] {
  return text.split('.').map(Number);
}

function ipv6Bytes(text: string): number[] {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const [a, b, c, d] = ipv4Bytes(dotted[2]!) as [number, number, number, number];
    return ipv6Bytes(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`);
  }
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(zeros).fill('0'), ...right].flatMap((group) => {
    const number = parseInt(group, 16);
    return [number >> 8, number & 255];
  });
}

export function formatAddress(family: 4 | 6, bytes: readonly number[]): string {
  if (family === 4) {
    return bytes.join('.');
  }
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16)
  );
  // RFC 5952: the longest run of at least two zero groups is compressed.
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === '0') {
      length++;
    }
    if (length > best.length) {
      best = { start: i, length };
    }
  }
  return best.start < 0
    ? groups.join(':')
    : `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}

export function parsePrefix(value: string): Prefix | string {
  const [address = '', lengthText, ...rest] = value.trim().split('/');
  const family = IPV4.safeParse(address).success ? 4 : IPV6.safeParse(address).success ? 6 : undefined;
  const most = family === 4 ? 32 : 128;
  const length = lengthText === undefined ? most : /^\d+$/.test(lengthText) ? Number(lengthText) : NaN;
  if (!family || rest.length > 0 || !(length >= 0 && length <= most)) {
    return `"${value}" is not an IP prefix. Write 192.0.2.0/24, 2001:db8::/32, or one address.`;
  }
  const bytes = family === 4 ? ipv4Bytes(address) : ipv6Bytes(address);
  const masked = bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, length - 8 * i))) & 0xff);
  if (masked.some((byte, i) => byte !== bytes[i])) {
    return `"${value}" has bits set beyond its length. Did you mean ${formatAddress(family, masked)}/${length}?`;
  }
  return { family, bytes, length, text: `${formatAddress(family, bytes)}/${length}` };
}

/** A zod schema around one of the parsers above, which return the value or the sentence to show. */
function quantity<I extends string | number, T>(
  input: z.ZodType<I>,
  expected: string,
  parse: (value: I) => T | string
) {
  return z
    .custom<I>((value) => input.safeParse(value).success, {
      error: (issue) => `${JSON.stringify(issue.input) ?? 'Nothing'} is not ${expected}.`,
    })
    .transform((value, context): T => {
      const parsed = parse(value);
      if (typeof parsed === 'string') {
        context.addIssue({ code: 'custom', message: parsed });
        return z.NEVER;
      }
      return parsed;
    });
}

const text = z.string();
const textOrNumber = z.union([z.string(), z.number()]);
export const RateField = quantity(text, 'a rate; write a number with its unit, e.g. 19mbit or 10%', parseRate);
export const DurationField = quantity(text, 'a duration; write a number with its unit, e.g. 20ms', parseDuration);
export const SizeField = quantity(text, 'a size; write a number with its unit, e.g. 32KiB', parseSize);
export const LimitField = quantity(text, 'a queue limit; write 200p or 32KiB', parseLimit);
export const PercentField = quantity(text, 'a percent; write e.g. 0.1%', parsePercent);
export const DscpField = quantity(textOrNumber, 'a DSCP; write ef or 46', parseDscp);
export const ProtocolField = quantity(textOrNumber, 'a protocol; write udp or 17', parseProtocol);
export const PortsField = quantity(textOrNumber, 'a port; write 5060 or 16384-32767', parsePorts);
export const MarkField = quantity(textOrNumber, 'a mark; write 5 or 0x10/0xf0', parseMark);
export const BitsField = quantity(textOrNumber, 'a set of bits of a mark; write 0x80 or 128', parseBits);
export const MacField = quantity(text, 'a MAC address; write 02:00:5e:00:53:01', parseMac);
export const LengthField = quantity(textOrNumber, 'a length; write 64 or 0-128', parseLength);
export const EtherTypeField = quantity(textOrNumber, 'an EtherType; write arp or 0x88cc', parseEtherType);
export const TcpFlagsField = quantity(text, 'TCP flags; write syn or syn+!ack', parseTcpFlags);
export const PrefixField = quantity(text, 'an IP prefix; write 192.0.2.0/24', parsePrefix);

/** Renders bit/s as an operator writes it: 1900000 is "1.9 Mbit/s". */
export function formatRate(bits: number): string {
  const [unit, scale] =
    bits >= 1e9 ? ['Gbit/s', 1e9] : bits >= 1e6 ? ['Mbit/s', 1e6] : bits >= 1e3 ? ['kbit/s', 1e3] : ['bit/s', 1];
  return `${Number((bits / (scale as number)).toFixed(3))} ${unit}`;
}

/** Renders microseconds as an operator writes them: 20000 is "20 ms". */
export function formatDuration(us: number): string {
  const [unit, scale] = us >= 1e6 ? ['s', 1e6] : us >= 1e3 ? ['ms', 1e3] : ['µs', 1];
  return `${Number((us / (scale as number)).toFixed(2))} ${unit}`;
}
