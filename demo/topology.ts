/**
 * The demo network on paper: three network namespaces in a row and the commands that make them.
 *
 *   branch                        provider                      data centre
 *   wan0 10.77.1.2 ───────── branch0 10.77.1.1
 *                                dc0 10.77.2.1 ───────── lan0 10.77.2.2
 *
 * The provider's interface toward the data centre passes 20 Mbit/s through one deep queue. It stands for a hop that
 * nobody on our side can configure: Clearpath never touches it and cures the delay from wan0 alone.
 */
export const SITES = ['branch', 'provider', 'dc'] as const;
export type Site = (typeof SITES)[number];
export type Namespaces = Readonly<Record<Site, string>>;

export const DEFAULT_PREFIX = 'clearpath';
/** Also bounds what reaches `ip` as a name. */
export const PREFIX = /^[a-z][a-z0-9-]{0,31}$/;

export const ADDRESSES = {
  branch: { v4: '10.77.1.2', v6: 'fd77:0:1::2' },
  dc: { v4: '10.77.2.2', v6: 'fd77:0:2::2' },
} as const;
export const REFLECTOR_PORT = 2112;

export function namespacesOf(prefix: string): Namespaces {
  return { branch: `${prefix}-branch`, provider: `${prefix}-provider`, dc: `${prefix}-dc` };
}

/** One command; `input` is what it reads. An optional one that is refused costs what `without` says. */
export interface Step {
  argv: string[];
  input?: string;
  without?: string;
}

interface Port {
  site: Site;
  name: string;
  v4: string;
  v6: string;
}

const LINKS: Array<[Port, Port]> = [
  [
    { site: 'branch', name: 'wan0', v4: '10.77.1.2/24', v6: 'fd77:0:1::2/64' },
    { site: 'provider', name: 'branch0', v4: '10.77.1.1/24', v6: 'fd77:0:1::1/64' },
  ],
  [
    { site: 'provider', name: 'dc0', v4: '10.77.2.1/24', v6: 'fd77:0:2::1/64' },
    { site: 'dc', name: 'lan0', v4: '10.77.2.2/24', v6: 'fd77:0:2::2/64' },
  ],
];

const GATEWAYS: Array<{ site: Site; v4: string; v6: string }> = [
  { site: 'branch', v4: '10.77.1.1', v6: 'fd77:0:1::1' },
  { site: 'dc', v4: '10.77.2.1', v6: 'fd77:0:2::1' },
];

/** Write one of /proc/sys/net inside a namespace: those files show the network of whoever opens them. */
function sysctl(namespace: string, file: string, value: string, without?: string): Step {
  return { argv: ['ip', 'netns', 'exec', namespace, 'tee', `/proc/sys/net/${file}`], input: value, without };
}

function configure(namespaces: Namespaces, port: Port, ipv6: boolean): Step[] {
  const ip = ['ip', '-n', namespaces[port.site]];
  return [
    { argv: [...ip, 'address', 'add', port.v4, 'dev', port.name] },
    // nodad: nobody else is on this wire, and a tentative address cannot be used for its first second.
    ...(ipv6 ? [{ argv: [...ip, 'address', 'add', port.v6, 'dev', port.name, 'nodad'] }] : []),
    {
      // A real uplink carries packets of at most its MTU. veth would carry 64 KiB segments, 27 ms each at 19 Mbit/s.
      argv: [...ip, 'link', 'set', 'dev', port.name, 'gso_max_segs', '1'],
      without: `${port.name} in ${namespaces[port.site]} carries segments larger than its MTU: delays come out higher than on a real link`,
    },
    { argv: [...ip, 'link', 'set', 'dev', port.name, 'up'] },
  ];
}

/** From nothing to a network on which the branch reaches the data centre; the bottleneck comes on top. */
export function networkSteps(namespaces: Namespaces, ipv6: boolean): Step[] {
  const named = SITES.map((site) => namespaces[site]);
  return [
    ...named.map((name): Step => ({ argv: ['ip', 'netns', 'add', name] })),
    ...named.map((name): Step => ({ argv: ['ip', '-n', name, 'link', 'set', 'dev', 'lo', 'up'] })),
    sysctl(namespaces.provider, 'ipv4/ip_forward', '1'),
    ...(ipv6 ? [sysctl(namespaces.provider, 'ipv6/conf/all/forwarding', '1')] : []),
    ...LINKS.map(([near, far]): Step => ({
      argv: [
        ...['ip', '-n', namespaces[near.site], 'link', 'add', near.name, 'type', 'veth'],
        ...['peer', 'name', far.name, 'netns', namespaces[far.site]],
      ],
    })),
    ...LINKS.flat().flatMap((port) => configure(namespaces, port, ipv6)),
    ...GATEWAYS.flatMap(({ site, v4, v6 }): Step[] => [
      { argv: ['ip', '-n', namespaces[site], '-4', 'route', 'add', 'default', 'via', v4] },
      ...(ipv6 ? [{ argv: ['ip', '-n', namespaces[site], '-6', 'route', 'add', 'default', 'via', v6] }] : []),
    ]),
  ];
}

/**
 * Ways to hold the provider's hop at 20 Mbit/s behind one deep first-in-first-out buffer (600 kB, about a quarter of a
 * second), best first. Each is tried until the kernel takes one.
 */
export const BOTTLENECKS: ReadonlyArray<{ qdisc: string; commands: string[][] }> = [
  {
    qdisc: 'tbf',
    commands: [['qdisc', 'add', 'dev', 'dc0', 'root', 'tbf', 'rate', '20mbit', 'burst', '16kb', 'limit', '600kb']],
  },
  {
    qdisc: 'htb',
    commands: [
      ['qdisc', 'add', 'dev', 'dc0', 'root', 'handle', '1:', 'htb', 'default', '1'],
      ['class', 'add', 'dev', 'dc0', 'parent', '1:', 'classid', '1:1', 'htb', 'rate', '20mbit', 'burst', '16kb'],
      ['qdisc', 'add', 'dev', 'dc0', 'parent', '1:1', 'bfifo', 'limit', '600000'],
    ],
  },
  { qdisc: 'netem', commands: [['qdisc', 'add', 'dev', 'dc0', 'root', 'netem', 'rate', '20mbit', 'limit', '400']] },
];
