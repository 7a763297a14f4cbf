/**
 * Well-known groups of traffic by the marks and ports that they usually have: the service classes of RFC 4594 (with
 * RFC 8622 for the least) and the ports that IANA registers. What runs on other ports is not seen.
 */
import { DSCP_NAMES, parsePorts, PROTOCOLS, type PortRange, type Protocol } from './quantities.ts';

/** A clause by these conditions alone */
export interface ServiceClause {
  dscp?: number[];
  protocol?: Protocol[];
  ports?: PortRange[];
}

interface Service {
  dscp?: readonly string[];
  tcp?: ReadonlyArray<string | number>;
  udp?: ReadonlyArray<string | number>;
  protocols?: readonly string[];
}

/** `voip` is the call itself, `signalling` what sets it up. */
const SERVICES = {
  'network-control': { dscp: ['cs6', 'cs7'], tcp: [179, 646], udp: [520, 521, 646, 3784, 4784], protocols: ['ospf', 'eigrp', 'pim', 'vrrp', 'igmp'] },
  voip: { dscp: ['ef', 'va'], udp: ['16384-32767'] },
  signalling: { dscp: ['cs5'], tcp: ['5060-5061', 1720, 2000, 2443], udp: ['5060-5061', 1719] },
  conferencing: { dscp: ['af41', 'af42', 'af43'], tcp: ['3478-3481'], udp: ['3478-3481'] },
  'real-time': { dscp: ['cs4'] },
  streaming: { dscp: ['af31', 'af32', 'af33'], tcp: [1935] },
  broadcast: { dscp: ['cs3'], tcp: [554], udp: [554] },
  database: { dscp: ['af21', 'af22', 'af23'], tcp: [1433, 1521, 3306, 5432] },
  management: { dscp: ['cs2'], tcp: [22, 6514], udp: [123, '161-162', 514] },
  'bulk-data': { dscp: ['af11', 'af12', 'af13'], tcp: ['20-21', 25, 465, 587, 873] },
  web: { tcp: [80, 443], udp: [443] },
  dns: { tcp: [53, 853], udp: [53, 853] },
  scavenger: { dscp: ['le', 'cs1'], tcp: ['6881-6889'], udp: ['6881-6889'] },
} as const satisfies Record<string, Service>; // prettier-ignore

export type Application = keyof typeof SERVICES;
export const APPLICATIONS = Object.keys(SERVICES) as Application[];

const ranges = (list: ReadonlyArray<string | number>): PortRange[] => list.map((item) => parsePorts(item) as PortRange);

/** @returns clauses of which any holds for traffic of the group; ports count on either side. */
export function clausesOf(application: Application): ServiceClause[] {
  const service: Service = SERVICES[application];
  return [
    ...(service.dscp ? [{ dscp: service.dscp.map((name) => DSCP_NAMES[name]!) }] : []),
    ...(['tcp', 'udp'] as const).flatMap((name) => {
      const list = service[name];
      return list ? [{ protocol: [PROTOCOLS[name]!], ports: ranges(list) }] : [];
    }),
    ...(service.protocols ? [{ protocol: service.protocols.map((name) => PROTOCOLS[name]!) }] : []),
  ];
}
