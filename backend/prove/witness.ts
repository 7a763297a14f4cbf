/**
 * A packet for a class: one that the reference classifier puts there. Conditions look at one field each, so a field needs
 * only the values at and beside the edges that the policy draws; what no combination of them reaches, no packet does.
 */
import { classify, holds, PORT_PROTOCOLS, type Clause, type Packet, type ResolvedClass } from '../policy/index.ts';
import { DESTINATION_MAC, EXPERIMENTAL_ETHER_TYPE, SOURCE_MAC, TCP_ACK } from './frame.ts';

export type Witness = { packet: Packet } | { none: string };

type Field = Exclude<keyof Packet, 'family'>;
/** What each condition looks at beside the IP version. */
const READS: Readonly<Partial<Record<keyof Clause, readonly Field[]>>> = {
  ipVersion: [],
  dscp: ['dscp'],
  protocol: ['protocol'],
  source: ['source'],
  destination: ['destination'],
  sourcePorts: ['sourcePort'],
  destinationPorts: ['destinationPort'],
  ports: ['sourcePort', 'destinationPort'],
};

/** Values that are still possible, the plainest first; a field that is not there the packet does not have. */
type Space = Partial<Record<Field, readonly unknown[]>> & { family: 4 | 6 | undefined; hasPorts: boolean };
interface Task {
  clause: Clause;
  /** Whether the packet is to satisfy it */
  wanted: boolean;
}

const MOST_STEPS = 200_000;

/** @param path of a leaf of the judged policy */
export function witness(classes: readonly ResolvedClass[], path: string): Witness {
  const unsent = unsentKeys(classes);
  if (unsent.includes('length')) {
    return { none: 'the policy matches packet lengths, which a proof does not vary' };
  }
  const spaces = spacesOf(allClauses(classes));
  const budget = { left: MOST_STEPS };
  for (const tasks of waysTo(classes, path)) {
    for (const space of spaces) {
      const packet = search(tasks, 0, space, budget);
      if (packet && classify(classes, packet).path === path) {
        return { packet };
      }
    }
  }
  if (unsent.length > 0) {
    return { none: `no packet of it was found; the policy matches ${unsent.join(', ')}, which a proof does not send` };
  }
  return {
    none:
      budget.left > 0
        ? 'no packet belongs to it: what its match names is taken by classes before it'
        : 'no packet of it was found; its matches and those before it are too many to go through',
  };
}

/** Conditions of the policy on what the frames here do not vary. */
const unsentKeys = (classes: readonly ResolvedClass[]): string[] => [
  ...new Set(allClauses(classes).flatMap((clause) => keysOf(clause).filter((key) => !READS[key]))),
];

const allClauses = (classes: readonly ResolvedClass[]): Clause[] =>
  classes.flatMap((item) => [...item.match, ...allClauses(item.classes)]);

/** What a packet has to satisfy and to miss, for each choice of one clause at every level down to the class. */
function* waysTo(classes: readonly ResolvedClass[], path: string): Generator<Task[]> {
  const index = classes.findIndex((item) => item.path === path || path.startsWith(`${item.path}/`));
  const item = classes[index];
  if (!item) {
    yield [];
    return;
  }
  const others = item.default ? classes.filter((each) => each !== item) : classes.slice(0, index);
  const missed = others.flatMap((other) => other.match.map((clause): Task => ({ clause, wanted: false })));
  const choices: Task[][] = item.default ? [[]] : item.match.map((clause) => [{ clause, wanted: true }]);
  for (const choice of choices) {
    for (const below of waysTo(item.classes, path)) {
      // What is wanted first: it leaves the fewest values to go through.
      yield [...choice, ...below, ...missed].sort((a, b) => Number(b.wanted) - Number(a.wanted));
    }
  }
}

function search(tasks: readonly Task[], from: number, space: Space, budget: { left: number }): Packet | undefined {
  const task = tasks[from];
  if (!task) {
    return packetOf(space);
  }
  for (const narrowed of task.wanted ? satisfied(task.clause, space) : missed(task.clause, space)) {
    if (budget.left-- <= 0) {
      return undefined;
    }
    const packet = search(tasks, from + 1, narrowed, budget);
    if (packet) {
      return packet;
    }
  }
  return undefined;
}

const keysOf = (clause: Clause) =>
  (Object.keys(clause) as Array<keyof Clause>).filter((key) => clause[key] !== undefined);

/** Values of one field for which one condition has the given truth. */
function valuesWhere(
  clause: Clause,
  key: keyof Clause,
  field: Field,
  space: Space,
  truth: boolean
): readonly unknown[] {
  // Either port satisfies `ports`: each is asked by itself.
  const own = key === 'ports' ? (`${field as 'sourcePort' | 'destinationPort'}s` as const) : key;
  const condition = { [own]: clause[key] } as Clause;
  const rest: Packet = { ...(space.family && { family: space.family }), ...(space.hasPorts && { protocol: 17 }) };
  return space[field]!.filter((value) => holds(condition, { ...rest, [field]: value }) === truth);
}

/** Fields of a condition that the packet has; without any, the condition is true or false by the IP version alone. */
const fieldsOf = (key: keyof Clause, space: Space) => (READS[key] ?? []).filter((field) => space[field] !== undefined);
const alwaysHolds = (clause: Clause, key: keyof Clause, space: Space) =>
  READS[key]?.length === 0 &&
  holds({ [key]: clause[key] } as Clause, { ...(space.family && { family: space.family }) });

/** Narrower spaces in which the whole clause holds; of a frame that is no IP none does. */
function satisfied(clause: Clause, space: Space): Space[] {
  if (!space.family) {
    return [];
  }
  return keysOf(clause).reduce<Space[]>(
    (spaces, key) =>
      spaces.flatMap((each) => {
        const fields = fieldsOf(key, each);
        if (fields.length === 0) {
          return alwaysHolds(clause, key, each) ? [each] : [];
        }
        return fields.flatMap((field) => {
          const values = valuesWhere(clause, key, field, each, true);
          return values.length > 0 ? [{ ...each, [field]: values }] : [];
        });
      }),
    [space]
  );
}

/** Narrower spaces in which one of its conditions fails, the widest first. */
function missed(clause: Clause, space: Space): Space[] {
  if (!space.family) {
    return [space];
  }
  const found: Array<{ space: Space; kept: number }> = [];
  for (const key of keysOf(clause)) {
    const fields = fieldsOf(key, space);
    if (fields.length === 0) {
      if (!alwaysHolds(clause, key, space)) {
        return [space];
      }
      continue;
    }
    const values = fields.map((field) => valuesWhere(clause, key, field, space, false));
    const kept = Math.min(...values.map((list, index) => list.length / space[fields[index]!]!.length));
    if (kept === 1) {
      return [space];
    }
    if (kept > 0) {
      found.push({
        space: { ...space, ...Object.fromEntries(fields.map((field, index) => [field, values[index]!])) },
        kept,
      });
    }
  }
  return found.sort((a, b) => b.kept - a.kept).map((each) => each.space);
}

/** With everything that its frame will have (frame.ts), so that the classifier sees what the kernel will. */
function packetOf({ family, hasPorts: _, ...fields }: Space): Packet {
  const values = Object.entries(fields).map(([field, list]) => [field, (list as readonly unknown[])[0]]);
  const packet: Packet = { ...(family && { family }), ...(Object.fromEntries(values) as Packet) };
  return {
    ...packet,
    ...(family ? {} : { etherType: EXPERIMENTAL_ETHER_TYPE }),
    ...(packet.protocol === 6 && { tcpFlags: TCP_ACK }),
    sourceMac: SOURCE_MAC,
    destinationMac: DESTINATION_MAC,
  };
}

/** IPv6 would read these as headers of its own (RFC 8200, section 4.1; RFC 4302). */
const EXTENSIONS = [0, 43, 44, 51, 60, 135, 139, 140];
/** For experiments (RFC 3692): no classifier looks into it. */
const PLAIN_PROTOCOL = 253;
/** For documentation (RFC 5737, RFC 3849). */
const PLAIN_ADDRESSES = {
  4: { source: [192, 0, 2, 1], destination: [198, 51, 100, 1] },
  6: { source: documentation(1), destination: documentation(2) },
};

function documentation(last: number): number[] {
  return [0x20, 0x01, 0x0d, 0xb8, ...Array<number>(11).fill(0), last];
}

function spacesOf(clauses: readonly Clause[]): Space[] {
  const ports = [
    ...new Set(
      clauses
        .flatMap((clause) => [
          ...(clause.ports ?? []),
          ...(clause.sourcePorts ?? []),
          ...(clause.destinationPorts ?? []),
        ])
        .flatMap(({ from, to }) => [from, to, from - 1, to + 1])
        .filter((port) => port >= 1 && port <= 65_535)
    ),
  ];
  const dscp = Array.from({ length: 64 }, (_, value) => value);
  const protocols = Array.from({ length: 256 }, (_, value) => value).filter((value) => !PORT_PROTOCOLS.includes(value));
  const ip = ([4, 6] as const).flatMap((family): Space[] => {
    const plain = PLAIN_ADDRESSES[family];
    const addresses = {
      source: [plain.source, ...edgesOf(family, clauses, 'source')],
      destination: [plain.destination, ...edgesOf(family, clauses, 'destination')],
    };
    const last = family === 6 ? EXTENSIONS : [];
    const others = [PLAIN_PROTOCOL, ...protocols.filter((value) => !last.includes(value)), ...last];
    return [
      {
        family, hasPorts: true, dscp, protocol: [17, 6, 132], sourcePort: [40_000, ...ports], destinationPort: [40_001, ...ports], ...addresses,
      },
      { family, hasPorts: false, dscp, protocol: others, ...addresses },
    ]; // prettier-ignore
  });
  return [
    ...ip.filter((space) => space.hasPorts),
    ...ip.filter((space) => !space.hasPorts),
    { family: undefined, hasPorts: false },
  ];
}

/** First and last address of each prefix, and their neighbours outside. */
function edgesOf(family: 4 | 6, clauses: readonly Clause[], side: 'source' | 'destination'): number[][] {
  const prefixes = clauses.flatMap((clause) => clause[side] ?? []).filter((prefix) => prefix.family === family);
  const edges = prefixes.flatMap(({ bytes, length }) => {
    const lastOf = bytes.map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, length - 8 * i))));
    return [[...bytes], lastOf, step(bytes, -1), step(lastOf, 1)];
  });
  return [...new Map(edges.map((address) => [address.join(), address])).values()];
}

/** The next or the previous address, round the end. */
function step(address: readonly number[], by: 1 | -1): number[] {
  const next = [...address];
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = (next[i]! + by) & 0xff;
    if (next[i] !== (by === 1 ? 0 : 0xff)) {
      break;
    }
  }
  return next;
}
