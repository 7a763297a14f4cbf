/** For tests: clauses and packets that meet often, so that what is claimed of a clause is tried on packets near it. */
import fc from 'fast-check';
import { boxes } from './boxes.ts';
import type { Packet } from './classify.ts';
import { APPLICATIONS } from './applications.ts';
import { formatAddress, PORT_PROTOCOLS, type PortRange, type Prefix } from './quantities.ts';
import type { Clause } from './schema.ts';
import { present, type Box as Region, type Dimension } from './regions.ts';
import { formatMac, parseTcpFlags, type Mac, type TcpFlags } from './selectors.ts';

const list = <T>(item: fc.Arbitrary<T>) =>
  fc.option(fc.array(item, { minLength: 1, maxLength: 3 }), { nil: undefined });
/** Few values, so that two draws agree often; the ends of every field among them. */
const byte = fc.constantFrom(0, 1, 10, 127, 128, 192, 255);
const dscp = fc.constantFrom(0, 1, 8, 34, 46, 63);
const port = fc.constantFrom(1, 2, 53, 54, 1023, 1024, 5060, 32_767, 65_534, 65_535);
const ports: fc.Arbitrary<PortRange> = fc
  .tuple(port, port)
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const protocol = fc.constantFrom(
  { number: 0 }, { number: 1 }, { number: 1, family: 4 as const }, { number: 6 }, { number: 17 }, { number: 47 }, { number: 58 },
  { number: 58, family: 6 as const }, { number: 132 },
); // prettier-ignore

const address = (family: 4 | 6) =>
  fc.array(byte, { minLength: family === 4 ? 4 : 16, maxLength: family === 4 ? 4 : 16 });
const prefix: fc.Arbitrary<Prefix> = fc.constantFrom(4 as const, 6 as const).chain((family) =>
  fc.tuple(address(family), fc.constantFrom(0, 1, 7, 8, 9, 31, 32, 33, 64, 100, 127, 128)).map(([given, most]) => {
    const length = Math.min(most, family === 4 ? 32 : 128);
    const bytes = given.map((value, i) => value & (256 - 2 ** (8 - Math.min(8, Math.max(0, length - 8 * i)))));
    return { family, bytes, length, text: `${formatAddress(family, bytes)}/${length}` };
  })
);

const macByte = fc.constantFrom(0, 2, 255);
const mac: fc.Arbitrary<Mac> = fc
  .tuple(fc.array(macByte, { minLength: 6, maxLength: 6 }), fc.constantFrom(8, 24, 47, 48))
  .map(([given, length]) => {
    const bytes = given.map((value, i) => value & (256 - 2 ** (8 - Math.min(8, Math.max(0, length - 8 * i)))));
    return { bytes, length, text: `${formatMac(bytes)}/${length}` };
  });
const mark = fc
  .tuple(fc.constantFrom(0, 1, 5, 0x80000000), fc.constantFrom(1, 0xff, 0x80000001, 0xffffffff))
  .map(([value, mask]) => ({ value: (value & mask) >>> 0, mask }));
const lengths = fc
  .tuple(fc.constantFrom(0, 39, 60, 64, 1500), fc.constantFrom(40, 64, 65, 1500, 65_535))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

const conditions = {
  dscp: list(dscp),
  protocol: list(protocol),
  source: list(prefix),
  destination: list(prefix),
  sourcePorts: list(ports),
  destinationPorts: list(ports),
  ports: list(ports),
  ipVersion: fc.constantFrom(4 as const, 6 as const),
  vlan: list(fc.constantFrom(0, 1, 5, 4094)),
  vlanPriority: list(fc.integer({ min: 0, max: 7 })),
  sourceMac: list(mac),
  destinationMac: list(mac),
  fwmark: list(mark),
  connmark: list(mark),
  length: list(lengths),
  etherType: list(fc.constantFrom(0x0800, 0x0806, 0x86dd, 0x88cc)),
  tcpFlags: list(fc.constantFrom('syn', 'syn+ack', 'syn+!ack', '!fin').map((text) => parseTcpFlags(text) as TcpFlags)),
  application: list(fc.constantFrom(...APPLICATIONS)),
};
type Conditions = Partial<Record<keyof typeof conditions, unknown>>;

/** Most keys absent, as in documents. */
const plain = (keys: ReadonlyArray<keyof typeof conditions>, most: number): fc.Arbitrary<Clause> =>
  fc
    .subarray([...keys], { minLength: 1, maxLength: most })
    .chain((some) =>
      fc.record(Object.fromEntries(some.map((key) => [key, conditions[key]])) as Conditions as typeof conditions)
    );
const named = Object.keys(conditions) as Array<keyof typeof conditions>;
/** Clauses of addresses, ports and marks in the header, which every classifier sees. */
// The language refuses a clause without a condition; it would hold for frames that are not IP too.
export const clauses: fc.Arbitrary<Clause> = plain(named.slice(0, 8), 4).filter((clause) =>
  Object.values(clause).some((value) => value !== undefined)
);
function isSmall(clause: Clause): boolean {
  try {
    return boxes(clause).take(1000).toArray().length < 1000;
  } catch {
    return false;
  }
}
const withNot = (clause: fc.Arbitrary<Clause>, inner: fc.Arbitrary<Clause>) =>
  fc.tuple(clause, fc.option(inner, { nil: undefined })).map(([outer, not]) => (not ? { ...outer, not } : outer));
/** Every condition, negated too. */
export const anyClauses: fc.Arbitrary<Clause> = withNot(plain(named, 3), withNot(plain(named, 2), plain(named, 1)));
/** Where that is not thousands of boxes. */
export const allClauses: fc.Arbitrary<Clause> = anyClauses.filter(isSmall);

export const ipPackets: fc.Arbitrary<Packet & { family: 4 | 6 }> = fc.constantFrom(4 as const, 6 as const).chain((family) =>
  fc.record({ dscp, protocol: protocol.map(({ number }) => number), sourcePort: port, destinationPort: port, source: address(family), destination: address(family) })
    .map((fields) => {
      const { sourcePort, destinationPort, ...rest } = fields;
      return PORT_PROTOCOLS.includes(fields.protocol) ? { family, ...fields } : { family, ...rest };
    })
); // prettier-ignore

const maybe = <T>(item: fc.Arbitrary<T>) => fc.option(item, { nil: undefined });
const macs = fc.array(macByte, { minLength: 6, maxLength: 6 });
const frame = fc.record({
  vlan: maybe(fc.constantFrom(0, 1, 5, 4094)),
  vlanPriority: fc.integer({ min: 0, max: 7 }),
  sourceMac: macs,
  destinationMac: macs,
  fwmark: fc.constantFrom(0, 1, 5, 0x80000001),
  connmark: maybe(fc.constantFrom(0, 1, 5, 0x80000001)),
});
/** With everything that a frame has, and also frames that are not IP. */
export const frames: fc.Arbitrary<Packet> = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(ipPackets, frame, fc.constantFrom(60, 64, 1500), fc.constantFrom(0, 1, 2, 16, 18)).map(([packet, rest, length, tcpFlags]) => ({ ...packet, ...rest, length, ...(packet.protocol === 6 ? { tcpFlags } : {}) })) },
  { weight: 2, arbitrary: fc.tuple(frame, fc.constantFrom(0x0806, 0x88cc)).map(([rest, etherType]) => ({ ...rest, etherType })) },
); // prettier-ignore

/** Also frames that are no IP. */
export const packets: fc.Arbitrary<Packet> = fc.oneof(
  { weight: 20, arbitrary: ipPackets },
  { weight: 1, arbitrary: fc.constant({}) }
);

/** The first packet of a region of regions.ts that there is. */
export function somePacket(box: Region): Packet {
  const first = (dimension: Dimension) => (box[dimension] ?? present(box.family, dimension))[0]![0];
  const there = (dimension: Dimension) => first(dimension) < present(box.family, dimension).at(-1)![1];
  const bytes = (value: number | bigint, count: number) =>
    Array.from({ length: count }, (_, i) => Number((BigInt(value) >> BigInt(8 * (count - 1 - i))) & 255n));
  const mark = (name: 'fwmark' | 'connmark') =>
    ([0, 1, 2, 3] as const).reduce<number>((sum, i) => sum * 256 + Number(first(`${name}${i}`)), 0);
  const frame: Packet = {
    ...(box.vlan || box.vlanPriority ? there('vlan') && there('vlanPriority') && { vlan: Number(first('vlan')), vlanPriority: Number(first('vlanPriority')) } : {}),
    ...(there('sourceMac') && { sourceMac: bytes(first('sourceMac'), 6) }),
    ...(there('destinationMac') && { destinationMac: bytes(first('destinationMac'), 6) }),
    fwmark: mark('fwmark'),
    ...(([0, 1, 2, 3] as const).every((i) => there(`connmark${i}`)) && { connmark: mark('connmark') }),
    ...(box.inputInterface && there('inputInterface') && { inputInterface: bytes(first('inputInterface'), 15).filter((byte) => byte > 0).map((byte) => String.fromCharCode(byte)).join('') }),
  }; // prettier-ignore
  if (box.family === 0) {
    return { ...frame, ...(there('etherType') && { etherType: Number(first('etherType')) }) };
  }
  const width = box.family === 4 ? 4 : 16;
  const ports = there('sourcePort') && there('destinationPort');
  const flagged = ports && box.tcpFlags && there('tcpFlags');
  const allowed = (number: number) => (box.protocol ?? present(box.family, 'protocol')).some(([from, below]) => from <= number && number < below);
  const ported = (flagged ? [6] : PORT_PROTOCOLS).find(allowed);
  const whole: Packet = { ...frame, family: box.family, dscp: Number(first('dscp')), protocol: Number(first('protocol')), length: Number(first('length')), source: bytes(first('source'), width), destination: bytes(first('destination'), width) };
  return ports && ported !== undefined
    ? { ...whole, protocol: ported, sourcePort: Number(first('sourcePort')), destinationPort: Number(first('destinationPort')), ...(flagged && { tcpFlags: Number(first('tcpFlags')) }) }
    : whole;
} // prettier-ignore
