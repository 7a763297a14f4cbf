/** For tests: clauses and packets that meet often, so that what is claimed of a clause is tried on packets near it. */
import fc from 'fast-check';
import type { Packet } from './classify.ts';
import { formatAddress, PORT_PROTOCOLS, type PortRange, type Prefix } from './quantities.ts';
import type { Clause } from './schema.ts';

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

const conditions = {
  dscp: list(dscp),
  protocol: list(protocol),
  source: list(prefix),
  destination: list(prefix),
  sourcePorts: list(ports),
  destinationPorts: list(ports),
  ports: list(ports),
  ipVersion: fc.constantFrom(4 as const, 6 as const),
};

/** Most keys absent, as in documents. */
export const clauses: fc.Arbitrary<Clause> = fc
  .subarray(Object.keys(conditions) as Array<keyof typeof conditions>, { minLength: 1, maxLength: 4 })
  .chain((keys) =>
    fc.record(Object.fromEntries(keys.map((key) => [key, conditions[key]])) as Partial<typeof conditions>)
  );

export const ipPackets: fc.Arbitrary<Packet & { family: 4 | 6 }> = fc.constantFrom(4 as const, 6 as const).chain((family) =>
  fc.record({ dscp, protocol: protocol.map(({ number }) => number), sourcePort: port, destinationPort: port, source: address(family), destination: address(family) })
    .map((fields) => {
      const { sourcePort, destinationPort, ...rest } = fields;
      return PORT_PROTOCOLS.includes(fields.protocol) ? { family, ...fields } : { family, ...rest };
    })
); // prettier-ignore

/** Also frames that are no IP. */
export const packets: fc.Arbitrary<Packet> = fc.oneof(
  { weight: 20, arbitrary: ipPackets },
  { weight: 1, arbitrary: fc.constant({}) }
);
