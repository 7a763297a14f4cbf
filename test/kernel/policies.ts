/** Random policies that the judge has nothing against: nested, strict, shared, with every condition that is compiled. */
import fc from 'fast-check';
import { boxes, Clause } from '../../backend/policy/index.ts';

/** What fast-check draws; `specOf` makes the figures of a level fit its parent's. */
interface Draft {
  name: number;
  weight: number;
  strict: boolean;
  priority: number | undefined;
  share: number | undefined;
  /** How a guarantee and a ceiling are written, if at all */
  guarantee: 'none' | 'percent' | 'rate';
  ceiling: 'none' | 'percent' | 'rate';
  slack: number;
  burst: string | undefined;
  queue: object | undefined;
  match: object[];
  children: Draft[];
}

const DSCP = ['ef', 'va', 'af11', 'af41', 'af42', 'cs1', 'cs6', 'le', 'df', 3, 63];
const few = <T>(item: fc.Arbitrary<T>, most: number) => fc.uniqueArray(item, { minLength: 1, maxLength: most });
const maybe = <T>(item: fc.Arbitrary<T>) => fc.option(item, { nil: undefined, freq: 2 });

const bytesOf = (seed: number, count: number) =>
  Array.from({ length: count }, (_, i) => (seed >>> (8 * (i % 4))) & 0xff);
const prefix4 = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 32 })).map(([seed, length]) => {
  const bytes = bytesOf(seed * 2654435761, 4).map(
    (byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, length - 8 * i))) & 0xff
  );
  return `${bytes.join('.')}/${length}`;
});
const prefix6 = fc
  .tuple(
    fc.constantFrom('2001:db8:0:0', '2001:db8:ffff:8000', 'fd00:1:2:3', '0:0:0:0'),
    fc.constantFrom(0, 16, 32, 48, 64, 128),
    fc.nat(0xffff)
  )
  .map(([head, length, tail]) => {
    const groups = [...head.split(':'), '0', '0', '0', tail.toString(16)];
    return `${groups.map((group, i) => (16 * (i + 1) <= length ? group : '0')).join(':')}/${length}`;
  });
const port = fc.constantFrom<string | number>(
  53,
  80,
  443,
  5060,
  '1024-2047',
  '16384-32767',
  '5000-5009',
  '3-4',
  '1-65535',
  65535
);

const header = fc
  .record({
    family: fc.constantFrom(undefined, 4, 6),
    dscp: maybe(few(fc.constantFrom(...DSCP), 3)),
    protocol: fc.constantFrom<Array<string | number> | undefined>(
      undefined,
      undefined,
      ['udp'],
      ['tcp'],
      ['udp', 'tcp'],
      ['icmp'],
      ['icmpv6'],
      ['gre', 'esp'],
      [1, 58],
      [115],
      [0],
      [255],
      ['sctp']
    ),
    ports: fc.constantFrom('none', 'none', 'source', 'destination', 'either', 'both'),
    port: few(port, 2),
    source: maybe(fc.tuple(prefix4, prefix6)),
    destination: maybe(fc.tuple(prefix4, prefix6)),
  })
  .map(({ family: drawn, dscp, protocol: wanted, ports, port: range, source, destination }) => {
    const protocol =
      ports === 'none' || !wanted || ['udp', 'tcp', 'sctp'].includes(String(wanted[0])) ? wanted : ['udp'];
    const family = protocol?.[0] === 'icmp' ? 4 : protocol?.[0] === 'icmpv6' ? 6 : drawn;
    const prefixes = (pair: [string, string] | undefined) =>
      pair && (family === 4 ? [pair[0]] : family === 6 ? [pair[1]] : pair);
    return {
      // Something must be said, and it is said where nothing else is.
      ipVersion:
        family ??
        ((dscp ?? protocol ?? source ?? destination ?? (ports === 'none' ? undefined : ports)) ? undefined : 4),
      dscp,
      protocol,
      source: prefixes(source),
      destination: prefixes(destination),
      sourcePorts: ports === 'source' || ports === 'both' ? range : undefined,
      destinationPorts: ports === 'destination' ? range : ports === 'both' ? [5060] : undefined,
      ports: ports === 'either' ? range : undefined,
    };
  });

const mac = fc.constantFrom('02:00:00:00:00:01', '02:00:5e:00:00:00/24', '02:00:00:00:00:00/40');
/** Conditions beside those of the IP header, as a document writes them. */
const CONDITIONS = {
  vlan: few(fc.constantFrom(5, 7), 2),
  vlanPriority: few(fc.integer({ min: 0, max: 7 }), 3),
  sourceMac: few(mac, 2),
  destinationMac: few(mac, 2),
  fwmark: few(fc.constantFrom<string | number>(5, '0x10/0xf0', '0/1'), 2),
  length: few(fc.constantFrom<string | number>('0-128', 60, '64-1000', '1000-65535'), 2),
  etherType: few(fc.constantFrom<string | number>('arp', 'lldp', 'ip', 0x88f7), 2),
  tcpFlags: few(fc.constantFrom('syn', 'syn+!ack', 'syn+ack', 'fin'), 2),
  application: few(fc.constantFrom('voip', 'web', 'network-control', 'scavenger', 'dns'), 2),
  connmark: few(fc.constantFrom<string | number>(0, 0x2e, '0x80/0x80', '0xe/0xf'), 2),
};
type Condition = keyof typeof CONDITIONS;
/** What u32 alone sees, and what it sees where marks are not in it. */
export const OWN_CONDITIONS: readonly Condition[] = ['sourceMac', 'destinationMac', 'length', 'etherType', 'tcpFlags', 'application']; // prettier-ignore
export const EVERY_CONDITION = Object.keys(CONDITIONS) as readonly Condition[];
/** Of packets that belong to no connection */
export const UNTRACKED = EVERY_CONDITION.filter((name) => name !== 'connmark');

/** No classifier sees these together. */
const APART: ReadonlyArray<readonly [readonly Condition[], readonly Condition[]]> = [
  [
    ['fwmark', 'length'],
    ['vlan', 'vlanPriority', 'connmark'],
  ],
];
/** Clauses that the kernel sees, that some packet satisfies, and that are not thousands of rules. */
function fits(clause: object): boolean {
  const keys = new Set<string>(JSON.stringify(clause).match(/[a-zA-Z]+(?=":)/g));
  const parsed = Clause.parse(clause);
  const count = boxes(parsed).take(300).toArray().length;
  const whole = JSON.stringify(parsed.not ?? {}).match(/protocol|vlan"|etherType|application/);
  return count > 0 && count < 300 && !whole && !APART.some(([a, b]) => a.some((key) => keys.has(key)) && b.some((key) => keys.has(key))); // prettier-ignore
}

const clauseOf = (conditions: readonly Condition[]): fc.Arbitrary<object> => {
  if (conditions.length === 0) {
    return header;
  }
  const one = fc.constantFrom(...conditions).chain((key) => (CONDITIONS[key] as fc.Arbitrary<unknown>).map((value) => ({ [key]: value })));
  const small = fc.oneof(one, header);
  return fc.oneof(
        { weight: 2, arbitrary: header },
        { weight: 2, arbitrary: one },
        { weight: 1, arbitrary: fc.tuple(one, one).map(([a, b]) => ({ ...a, ...b })).filter(fits) },
        { weight: 2, arbitrary: fc.tuple(fc.oneof(one, header), small).map(([a, not]) => ({ ...a, not })).filter(fits) },
        { weight: 1, arbitrary: small.map((not) => ({ not })).filter(fits) },
      );
}; // prettier-ignore

const queue = (algorithms: readonly string[]) =>
  fc.oneof(
    fc.record({
      algorithm: fc.constantFrom(...algorithms.filter((name) => !['fq_codel', 'cake', 'red'].includes(name))),
      limit: fc.constantFrom('2p', '3p', '50p', '1000p'),
    }),
    fc.record({
      algorithm: fc.constantFrom(...algorithms.filter((name) => ['auto', 'codel'].includes(name))),
      target: fc.constantFrom('1ms', '40ms'),
      interval: fc.constantFrom('50ms', '300ms'),
      ecn: fc.boolean(),
    }),
    fc.record({
      // Every kernel has pfifo.
      algorithm: fc.constantFrom('pfifo', ...algorithms.filter((name) => name === 'red')),
      limit: fc.constantFrom('10MiB', '20MiB'),
    }),
    fc.record(
      {
        algorithm: fc.constantFrom(...algorithms.filter((name) => name === 'cake' || name === 'auto')),
        interval: fc.constantFrom('20ms', '300ms'),
        memory: fc.constantFrom('1MiB', '4MiB'),
      },
      { requiredKeys: ['algorithm'] }
    ),
    fc.record({ algorithm: fc.constant('pfifo'), limit: fc.constantFrom('4KiB', '100KiB', '2MiB') }),
    fc.record(
      {
        algorithm: fc.constantFrom(...algorithms.filter((name) => ['auto', 'fq_codel'].includes(name))),
        target: fc.constantFrom('500us', '1ms', '7777us', '40ms', '1s'),
        interval: fc.constantFrom('5ms', '100ms', '2500ms'),
        quantum: fc.constantFrom('300B', '1514B', '8KiB'),
        flows: fc.constantFrom(1, 64, 1024, 65536),
        ecn: fc.boolean(),
        memory: fc.constantFrom('64KiB', '4MiB', '33MiB'),
        limit: fc.constantFrom('64p', '20000p'),
      },
      { requiredKeys: ['algorithm'] }
    )
  );

const level = (depth: number, algorithms: readonly string[], clause: fc.Arbitrary<object>): fc.Arbitrary<Draft[]> =>
  fc.array(
    fc.record({
      name: fc.nat(30),
      weight: fc.integer({ min: 1, max: 100 }),
      strict: fc.boolean(),
      priority: maybe(fc.integer({ min: 0, max: 6 })),
      share: maybe(fc.integer({ min: 1, max: 100 })),
      guarantee: fc.constantFrom('none', 'percent', 'rate'),
      ceiling: fc.constantFrom('none', 'percent', 'rate'),
      slack: fc.integer({ min: 0, max: 100 }),
      burst: maybe(fc.constantFrom('1600B', '3KiB', '15KiB', '100KiB')),
      queue: fc.option(queue(algorithms), { nil: undefined, freq: 2 }),
      match: fc.array(clause, { minLength: 1, maxLength: 3 }),
      children:
        depth > 1
          ? fc.oneof(
              { weight: 2, arbitrary: fc.constant<Draft[]>([]) },
              { weight: 1, arbitrary: level(depth - 1, algorithms, clause) }
            )
          : fc.constant<Draft[]>([]),
    }),
    { minLength: 1, maxLength: 4 }
  );

const bitrate = (bits: number) => `${Math.floor(bits)}bit`;

/** The figures of a level in bit/s: guarantees within the parent's, ceilings between guarantee and the parent's. */
function specOf(drafts: readonly Draft[], above: { guarantee: number; ceiling: number }, taken: Set<number>): object[] {
  const total = drafts.reduce((sum, draft) => sum + draft.weight, 1);
  return drafts.map((draft, index) => {
    while (taken.has(draft.name)) {
      draft.name++;
    }
    taken.add(draft.name);
    const last = index === drafts.length - 1;
    const leaf = draft.children.length === 0;
    const percent = Math.floor((100 * draft.weight) / total);
    const canGuarantee = above.guarantee * percent >= 100 * 16_000;
    const kind = canGuarantee ? draft.guarantee : 'none';
    const strict = draft.strict && leaf && !last && kind !== 'none';
    const guarantee = kind === 'none' ? 0 : Math.floor((above.guarantee * percent) / 100);
    const most = Math.floor(percent + ((100 - percent) * draft.slack) / 100);
    const ceilings = {
      none: above.ceiling,
      percent: Math.floor((above.ceiling * Math.max(1, most)) / 100),
      rate: Math.max(guarantee, Math.floor((above.ceiling * draft.slack) / 100)),
    };
    const ceiling = strict ? guarantee : Math.max(8000, ceilings[draft.ceiling]);
    const written =
      strict || ceiling === above.ceiling ? 'none' : ceiling === ceilings[draft.ceiling] ? draft.ceiling : 'rate';
    return {
      name: `c${draft.name}`,
      ...(last ? { default: true } : { match: draft.match }),
      ...(strict ? { strict } : { priority: draft.priority, share: draft.share }),
      guarantee: kind === 'none' ? undefined : kind === 'percent' ? `${percent}%` : bitrate(guarantee),
      ceiling: written === 'none' ? undefined : written === 'percent' ? `${Math.max(1, most)}%` : bitrate(ceiling),
      burst: draft.burst,
      ...(leaf ? { queue: draft.queue } : { classes: specOf(draft.children, { guarantee, ceiling }, taken) }),
    };
  });
}

interface Written {
  name: string;
  default?: true;
  match?: object[];
  queue?: { algorithm?: string };
  priority?: number | undefined;
  classes?: Written[];
}

const without = (keys: readonly string[], item: Written): Written =>
  Object.fromEntries(Object.entries(item).filter(([key]) => !keys.includes(key))) as unknown as Written;
const everywhere = (classes: readonly Written[], keys: readonly string[]): Written[] =>
  classes.map((item) => {
    const bare = without(item.classes ? [...keys, 'share'] : keys, item);
    return bare.classes ? { ...bare, classes: everywhere(bare.classes, keys) } : bare;
  });
const level1 = (classes: readonly Written[], keys: readonly string[]) =>
  classes.map((item) => without([...keys, 'classes', 'strict', 'ceiling', 'burst'], item));

const TIN_CLASSES = [
  { name: 'bulk', match: [{ dscp: [1, 8] }], guarantee: '6%' },
  { name: 'voice', match: [{ dscp: [4, 44, 46, 48, 56] }], guarantee: '20%' },
  { name: 'rest', default: true },
];

/** What is left of the classes when all that a scheduler does not hold is taken from them. */
function fit(scheduler: string, classes: readonly Written[]): object[] {
  switch (scheduler) {
    case 'auto':
    case 'htb':
      return [...classes];
    case 'hfsc':
    case 'llq':
      return everywhere(classes, ['priority']);
    case 'cbwfq':
      return everywhere(classes, ['priority', 'strict']);
    case 'police':
      return everywhere(classes, ['guarantee', 'strict', 'priority', 'share', 'queue']);
    case 'drr':
    case 'ets':
      return level1(classes, ['priority']);
    case 'prio':
      return level1(classes, ['guarantee', 'share']).map((item, index) => ({ ...item, priority: (index * 2) % 7 }));
    case 'cake':
      return classes.length > 2 ? TIN_CLASSES : [{ name: 'rest', default: true }];
    default: {
      const only = level1(classes, ['guarantee', 'share', 'priority', 'queue']).at(-1)!;
      return [only];
    }
  }
}

const link = fc.option(
  fc.record(
    {
      overhead: fc.constantFrom<string | number>('ethernet', 'vlan', 'adsl', 'ipoa-vcmux', 'pppoe-ptm', -4, 0, 17),
      mpu: fc.constantFrom(0, 64, 200),
      cell: fc.constantFrom('atm', 'ptm'),
    },
    { requiredKeys: [] }
  ),
  { nil: undefined }
);

/**
 * @param algorithms queues that the kernel has, `auto` among them
 * @param conditions that it sees
 * @param schedulers that it has what for; without any, policies name neither a scheduler nor a link
 * @returns specs of policies, up to three levels deep
 */
export const policies = (
  algorithms: readonly string[],
  conditions: readonly Condition[] = [],
  schedulers: readonly string[] = []
): fc.Arbitrary<object> =>
  fc
    .tuple(
      level(3, algorithms, clauseOf(conditions)),
      fc.constantFrom(256_000, 2_000_000, 19_000_000, 123_456_789, 1_000_000_000, 40_000_000_000),
      schedulers.length > 0 ? fc.tuple(fc.constantFrom(...schedulers), link) : fc.constant(['auto', undefined] as const)
    )
    .map(([drafts, wanted, [scheduler, wire]]) => {
      const bandwidth = scheduler === 'hfsc' ? Math.min(wanted, 34_000_000_000) : wanted;
      const all = specOf(structuredClone(drafts), { guarantee: bandwidth, ceiling: bandwidth }, new Set());
      const named = schedulers.length > 0 ? { scheduler, link: wire } : {};
      return { bandwidth: bitrate(bandwidth), ...named, classes: fit(scheduler, all as Written[]) };
    });

/** What classes do to their packets; a class with children only drops. */
const ACTIONS: readonly object[] = [
  {}, {}, {}, { mark: 'cs5' }, { mark: { dscp: 11, fwmark: '0x10/0xf0' } }, { mirror: 'far0' }, { redirect: 'far0', mark: 'le' },
  { police: { rate: '2mbit', burst: '20KiB' } }, { police: { rate: '123456bit', burst: '3333B', peakRate: '5mbit' } },
]; // prettier-ignore
const REMARKS: readonly object[] = [
  { police: { rate: '1mbit', exceed: { dscp: 'af12' } } },
  {
    police: { rate: '1mbit', exceed: { dscp: 'af12' }, peakRate: '99%', violate: { dscp: 'af13' } },
    mark: { fwmark: 1 },
  },
];
interface Spec {
  classes?: Spec[];
}
const acting = (spec: Spec, next: () => number): Spec => {
  const classes = spec.classes?.map((item) => {
    const all = item.classes ? ACTIONS : [...ACTIONS, ...REMARKS];
    return { ...acting(item, next), ...all[next() % all.length] };
  });
  return { ...spec, ...(classes ? { classes } : {}) };
};
/** The same policies, some of which restore the DSCP that a packet's connection keeps. */
export const restoringPolicies = (specs: fc.Arbitrary<object>): fc.Arbitrary<object> =>
  fc
    .tuple(specs, maybe(fc.constantFrom({ mask: '0xfc000000', state: '0x01000000' }, { mask: '0x3f' }, { mask: '0x3f', state: '0x80' })))
    .map(([spec, restoreDscp]) => ({ ...spec, ...(restoreDscp && { restoreDscp }) })); // prettier-ignore
/** The same policies, whose classes act. */
export const actingPolicies = (specs: fc.Arbitrary<object>): fc.Arbitrary<object> =>
  fc.tuple(specs, fc.array(fc.nat(), { minLength: 8, maxLength: 8 })).map(([spec, picks]) => {
    let at = 0;
    return acting(spec, () => picks[at++ % picks.length]!);
  });

/** Values of one field, so many that u32 keeps them in a hash table; those of two classes may overlap. */
const longList = fc
  .record({
    field: fc.constantFrom('destinationPorts', 'sourcePorts', 'source', 'destination', 'six'),
    first: fc.constantFrom(1000, 1001, 1040),
    step: fc.constantFrom(1, 2, 3, 256),
    count: fc.constantFrom(40, 64, 80, 140),
    more: fc.constantFrom<object>({}, { dscp: ['ef'] }, { dscp: ['ef', 'af41'] }, { protocol: ['udp'] }, { length: '128-255' }),
  })
  .map(({ field, first, step, count, more }) => {
    const numbers = Array.from({ length: count }, (_, index) => first + step * index);
    const prefixes = { source: (n: number) => `10.${n >> 8}.${n & 255}.0/24`, destination: (n: number) => `192.0.${n >> 8}.${n & 255}`, six: (n: number) => `2001:db8:0:${n.toString(16)}::/64` }; // prettier-ignore
    return field in prefixes
      ? { [field === 'six' ? 'destination' : field]: numbers.map(prefixes[field as keyof typeof prefixes]), ...more }
      : { ipVersion: 4, protocol: ['udp'], [field]: numbers, ...more };
  }); // prettier-ignore

/** The same policies, with such lists in some of their classes. */
export const longPolicies = (specs: fc.Arbitrary<object>): fc.Arbitrary<object> =>
  fc.tuple(specs, fc.array(longList, { minLength: 3, maxLength: 3 })).map(([spec, lists]) => {
    const left = [...lists];
    const lengthen = (item: Spec & { match?: object[] }): Spec => ({
      ...item,
      ...(item.match && left.length > 0 && { match: [...item.match, left.pop()!] }),
      ...(item.classes && { classes: item.classes.map(lengthen) }),
    });
    return lengthen(spec);
  });
