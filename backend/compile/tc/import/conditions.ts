/** Keys of rules of the kernel, read as the conditions that their author meant. */
import { formatAddress, parsePrefix, type PortRange, type Prefix } from '../../../policy/quantities.ts';
import { ETHER_TYPE } from '../../../policy/boxes.ts';
import { etherTypeName, formatMac, tcpFlagsOf, type LengthRange, type Mac } from '../../../policy/selectors.ts';
import type { Filter } from '../model.ts';
import type { Rule } from './model.ts';
import { ANY_FRAME, moreOfFlower, moreOfU32, type More } from './more.ts';

export type Conditions = Omit<Rule, 'object' | 'kind' | 'classid' | 'doing'>;
/** @returns the conditions with what they say only nearly, or why they are none; undefined of a rule that takes nothing */
export type Recognised = { conditions: Conditions; nearly: string[] } | string | undefined;

const ETHERTYPES: Readonly<Record<string, Conditions>> = {
  ip: { family: 4, tagged: false },
  ipv6: { family: 6, tagged: false },
  '802.1Q': { tagged: true },
  all: {},
};

/** Frames that are not IP are told by their type. */
const baseOf = (protocol: string): Conditions | undefined =>
  ETHERTYPES[protocol] ?? (/^0x/.test(protocol) ? { family: 0, tagged: false, more: { etherType: [Number(protocol)] } } : undefined); // prettier-ignore

const nameOf = (protocol: string) => (protocol.startsWith('0x') ? etherTypeName(Number(protocol)) : protocol);

/** Length of a mask whose ones stand on the left of so many bits, or undefined where they do not. */
function lengthOf(mask: number, bits: number): number | undefined {
  for (let length = 0; length <= bits; length++) {
    if (mask === 2 ** bits - 2 ** (bits - length)) {
      return length;
    }
  }
  return undefined;
}

/** What is left of the words of a header, from which each condition takes its bits. */
class Header {
  private readonly words = new Map<number, { value: number; mask: number }>();
  constructor(keys: readonly string[]) {
    for (const key of keys) {
      const [, value = '', mask = '', offset = ''] = /^match u32 (\S+) (\S+) at (\S+)$/.exec(key) ?? [];
      const there = this.words.get(Number(offset)) ?? { value: 0, mask: 0 };
      this.words.set(Number(offset), {
        value: (there.value | Number(value)) >>> 0,
        mask: (there.mask | Number(mask)) >>> 0,
      });
    }
  }
  /** The bits of a field at the top of which `shift` is the lowest: how they are masked and what they are. */
  take(offset: number, shift: number, bits: number): { value: number; mask: number } {
    const word = this.words.get(offset) ?? { value: 0, mask: 0 };
    const field = (2 ** bits - 1) * 2 ** shift;
    const cut = (number: number) => ((number & field) >>> 0) / 2 ** shift;
    const taken = { value: cut(word.value), mask: cut(word.mask) };
    this.words.set(offset, { value: word.value, mask: (word.mask & ~field) >>> 0 });
    return taken;
  }
  /** Where bits are asked for that nothing took. */
  left(): string | undefined {
    const rest = [...this.words].find(([, { mask }]) => mask !== 0);
    return rest && `it compares other bits of the header (0x${rest[1].mask.toString(16)} at ${rest[0]})`;
  }
}

function prefixAt(header: Header, offset: number, family: 4 | 6): Prefix | undefined | string {
  const bytes: number[] = [];
  let length = 0;
  let open = true;
  for (let at = 0; at < (family === 4 ? 4 : 16); at += 4) {
    const { value, mask } = header.take(offset + at, 0, 32);
    const bits = lengthOf(mask, 32);
    if (bits === undefined || (!open && bits > 0)) {
      return 'it compares bits of an address that are no prefix';
    }
    open = bits === 32;
    length += bits;
    const kept = (value & mask) >>> 0;
    bytes.push(kept >>> 24, (kept >>> 16) & 255, (kept >>> 8) & 255, kept & 255);
  }
  return length === 0 ? undefined : { family, bytes, length, text: `${formatAddress(family, bytes)}/${length}` };
}

function portsFrom({ value, mask }: { value: number; mask: number }): PortRange | undefined | string {
  const length = lengthOf(mask, 16);
  if (length === undefined) {
    return 'it compares bits of a port that are no block';
  }
  const from = value & mask;
  const to = from + 2 ** (16 - length) - 1;
  return length === 0 ? undefined : { from, to };
}

/** The longest packet that a policy names, and that is sent: an IPv6 header could say 40 bytes more. */
const LONGEST = 65_535;
/** @param header bytes that the field does not count */
function lengthFrom(field: { value: number; mask: number }, header: number): LengthRange | undefined | string {
  const bits = lengthOf(field.mask, 16);
  const from = field.value & field.mask;
  return bits === undefined
    ? 'it compares bits of the length that are no block'
    : bits === 0
      ? undefined
      : { from: from + header, to: Math.min(LONGEST, from + 2 ** (16 - bits) - 1 + header) };
}

/** The values of a field of so many bits that a comparison of some of its bits takes. */
function valuesUnder({ value, mask }: { value: number; mask: number }, bits: number): number[] | undefined {
  const wanted = value & mask;
  return mask === 0 ? undefined : Array.from({ length: 2 ** bits }, (_, at) => at).filter((at) => (at & mask) === wanted);
} // prettier-ignore

/** DSCP from the whole byte of ToS or traffic class. */
function dscpFrom({ value, mask }: { value: number; mask: number }, nearly: string[]): number[] | undefined | string {
  const ofEcn = (mask & 3) !== 0;
  if (ofEcn && mask >> 2 === 0) {
    return 'it asks for ECN bits, which are no condition';
  }
  if (ofEcn) {
    nearly.push('it asked for ECN bits as well, which change on the way; the policy asks for the DSCP alone');
  }
  return valuesUnder({ value: value >> 2, mask: mask >> 2 }, 6);
}

/** Six bytes of which the first `high` bits stand in one word and the rest in the next. */
function macAt(header: Header, offset: number, high: 16 | 32): Mac | undefined | string {
  const [first, second] = [header.take(offset, 0, high), header.take(offset + 4, high === 16 ? 0 : 16, 48 - high)];
  const both = (side: 'value' | 'mask') => first[side] * 2 ** (48 - high) + second[side];
  const length = lengthOf(both('mask'), 48);
  if (length === undefined) {
    return 'it compares bits of a MAC address that do not stand at its beginning';
  }
  const bytes = [5, 4, 3, 2, 1, 0].map((place) => Math.floor(both('value') / 256 ** place) % 256);
  return length === 0 ? undefined : { bytes, length, text: `${formatMac(bytes)}${length === 48 ? '' : `/${length}`}` };
}

const FAMILIES: Readonly<Record<number, 4 | 6>> = { [ETHER_TYPE[4]]: 4, [ETHER_TYPE[6]]: 6 };

/** What a rule of u32 asks of the header of the frame, which stands before the packet. */
function ofFrame(header: Header, base: Conditions): Conditions | string {
  const destinationMac = macAt(header, -16, 16);
  const sourceMac = macAt(header, -8, 32);
  const type = header.take(-4, 0, 16);
  const refused = [destinationMac, sourceMac].find((mac) => typeof mac === 'string');
  if (typeof refused === 'string') {
    return refused;
  }
  if (type.mask !== 0 && type.mask !== 0xffff) {
    return 'it compares part of the type of the frame';
  }
  const family = type.mask === 0 ? base.family : (FAMILIES[type.value] ?? 0);
  const etherType = family === 0 && type.mask !== 0 ? [type.value] : base.more?.etherType;
  if (base.family !== undefined && (family !== base.family || etherType?.[0] !== base.more?.etherType?.[0])) {
    return 'it asks for a type that its frames do not have';
  }
  const more = {
    ...base.more,
    ...(sourceMac && { sourceMac: [sourceMac as Mac] }),
    ...(destinationMac && { destinationMac: [destinationMac as Mac] }),
    ...(etherType && { etherType }),
  };
  return { ...base, ...(family !== undefined && { family }), ...(Object.keys(more).length > 0 && { more }) };
}

function fromU32({ protocol, keys: all }: Filter): Recognised {
  const own = baseOf(protocol);
  if (!own) {
    return `frames of protocol ${nameOf(protocol)} are no condition that is read`;
  }
  const keys = all.filter((key) => !moreOfU32(key));
  const foreign = keys.find((key) => !/^match u32 \S+ \S+ at -?\d+$/.test(key));
  if (foreign) {
    return `"${foreign}" looks at a place that no condition names`;
  }
  const header = new Header(keys);
  const framed = ofFrame(header, own);
  if (typeof framed === 'string') {
    return framed;
  }
  const beside = Object.assign({}, framed.more, ...all.map(moreOfU32)) as More;
  const base: Conditions = { ...framed, ...(Object.keys(beside).length > 0 && { more: beside }) };
  if (base.family === 0) {
    return header.left() ?? { conditions: base, nearly: [] };
  }
  const nearly: string[] = [];
  const version = header.take(0, 28, 4);
  const asked = version.mask === 15 && (version.value === 4 || version.value === 6) ? version.value : undefined;
  let { family } = base;
  if (version.mask !== 0 && (asked === undefined || (family && family !== asked))) {
    return 'it asks for an IP version that its frames do not have';
  }
  family ??= asked;
  if (!family) {
    if (header.left() === undefined) {
      return base.tagged ? 'it takes every VLAN-tagged frame' : { conditions: base, nearly };
    }
    nearly.push('it looked at every frame as if it were IPv4; the policy looks at IPv4 alone');
    family = 4;
  }
  const four = family === 4;
  const found: Record<string, unknown> = { ...base, family };
  const dscp = dscpFrom(header.take(0, four ? 16 : 20, 8), nearly);
  const protocolBits = four ? header.take(8, 16, 8) : header.take(4, 8, 8);
  if (four) {
    // A header without options and no fragment: what our own rules ask before they look at ports.
    const options = header.take(0, 24, 4);
    const fragment = header.take(4, 0, 14);
    if (
      (options.mask !== 0 && !(options.mask === 15 && options.value === 5)) ||
      (fragment.value & fragment.mask) !== 0
    ) {
      return 'it asks for IPv4 options or fragments';
    }
  }
  const length = lengthFrom(header.take(four ? 0 : 4, four ? 0 : 16, 16), four ? 0 : 40);
  if (typeof length === 'string') {
    return length;
  }
  if (length && length.from > LONGEST) {
    return undefined;
  }
  const flags = header.take(four ? 32 : 52, 16, 8);
  const more: More = {
    ...base.more,
    ...(length && { length: [length] }),
    ...(flags.mask !== 0 && { tcpFlags: [tcpFlagsOf(flags)] }),
  };
  const conditions: Record<string, unknown> = {
    more: Object.keys(more).length > 0 ? more : undefined,
    dscp,
    protocol: valuesUnder(protocolBits, 8),
    source: prefixAt(header, four ? 12 : 8, family),
    destination: prefixAt(header, four ? 16 : 24, family),
    sourcePorts: portsFrom(header.take(four ? 20 : 40, 16, 16)),
    destinationPorts: portsFrom(header.take(four ? 20 : 40, 0, 16)),
  };
  const refused = [...Object.values(conditions), header.left()].find((value) => typeof value === 'string');
  if (typeof refused === 'string') {
    return refused;
  }
  if ((conditions.sourcePorts ?? conditions.destinationPorts) && protocolBits.mask === 0) {
    nearly.push('it looked for ports in every protocol; the policy looks in TCP, UDP and SCTP');
  }
  return { conditions: clean({ ...found, ...conditions }), nearly };
}

const clean = (found: Record<string, unknown>): Conditions =>
  Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };

/** Firewall marks. */
function fromFw({ protocol, handle, keys }: Filter): Recognised {
  const base = baseOf(protocol);
  if (!base) {
    return `frames of protocol ${nameOf(protocol)} are no condition that is read`;
  }
  const mask = Number(keys[0]?.split(' ')[1] ?? 2 ** 32 - 1);
  return { conditions: { ...base, more: { ...base.more, fwmark: [{ value: handle!, mask }] } }, nearly: [] };
}

function fromFlower({ protocol, keys: all }: Filter): Recognised {
  const base = baseOf(protocol);
  if (!base) {
    return `frames of protocol ${nameOf(protocol)} are no condition that is read`;
  }
  const nearly: string[] = [];
  const ofType = (key: string) => !ANY_FRAME.has(key.split(' ')[0]!);
  const keys = protocol === 'all' ? all.filter((key) => !ofType(key)) : all;
  if (keys.length < all.length) {
    const idle = all.filter(ofType).join(', ');
    nearly.push(`under "protocol all" the kernel does not ask for ${idle}: the rule takes every frame${keys.length > 0 ? ' that has the rest' : ''}`); // prettier-ignore
  }
  const more: More = { ...base.more };
  const found: Record<string, unknown> = { ...base };
  const range = (text: string): PortRange | undefined | string => {
    const [value, mask] = text.split('/').map(Number);
    if (mask !== undefined) {
      return portsFrom({ value: value!, mask });
    }
    const [from, to] = text.split('-').map(Number);
    return { from: from!, to: to ?? from! };
  };
  for (const key of keys) {
    const [name = '', value = ''] = key.split(' ');
    if (name === 'vlan_ethtype') {
      found.family = value === 'ip' ? 4 : value === 'ipv6' ? 6 : 0;
      if (found.family === 0) {
        more.etherType = [Number(value)];
      }
    } else if (name === 'ip_proto') {
      found.protocol = [PROTOCOLS[value] ?? Number(value)];
    } else if (name === 'ip_tos') {
      const [tos, mask] = value.split('/').map(Number);
      found.dscp = dscpFrom({ value: tos!, mask: mask ?? 255 }, nearly);
    } else if (name === 'src_ip' || name === 'dst_ip') {
      found[name === 'src_ip' ? 'source' : 'destination'] = parsePrefix(value);
    } else if (name === 'src_port' || name === 'dst_port') {
      found[name === 'src_port' ? 'sourcePorts' : 'destinationPorts'] = range(value);
    } else {
      const beside = moreOfFlower(name, value);
      if (!beside) {
        return `"${key}" is not read as a condition`;
      }
      Object.assign(more, beside);
    }
  }
  if (Object.keys(more).length > 0) {
    found.more = more;
  }
  const refused =
    protocol === '802.1Q' && found.family === undefined && !found.more
      ? 'it takes every VLAN-tagged frame'
      : Object.values(found).find((value) => typeof value === 'string');
  return typeof refused === 'string' ? refused : { conditions: clean(found), nearly };
}

/** Every frame of its protocol. */
const fromMatchall = ({ protocol }: Filter): Recognised => {
  const base = baseOf(protocol);
  return base ? { conditions: base, nearly: [] } : `frames of protocol ${nameOf(protocol)} are no condition that is read`;
}; // prettier-ignore

export const RECOGNISE: Readonly<Record<Filter['kind'], (filter: Filter) => Recognised>> = {
  u32: fromU32,
  flower: fromFlower,
  fw: fromFw,
  matchall: fromMatchall,
};
