/** Who talks to whom: what runs in the data centre, and one generator per class of traffic at the branch. */
import { ADDRESSES, REFLECTOR_PORT, type Site } from './topology.ts';

export interface Station {
  name: string;
  site: Site;
  argv: string[];
  /** The flood is switched on and off; everything else runs as long as the demo does. */
  flood: boolean;
}

export interface Tools {
  irtt: boolean;
  iperf3: boolean;
  ipv6: boolean;
  /** Loss-based congestion control, which is what fills a deep buffer; BBR would keep it half empty. */
  congestionControl: string;
}

const PORTS = { voice: 5201, video: 5202, bulk: 5203 } as const;

/** The whole byte, as iperf3 takes it: DSCP << 2 (RFC 2474 section 3). */
const TOS = { ef: '0xb8', af41: '0x88', cs1: '0x20' } as const;

/** iperf3 that runs until it is ended (`-t 0`) and prints nothing meanwhile (`-i 0`). */
function client(port: number, address: string, args: string[]): string[] {
  return ['iperf3', '-c', address, '-p', String(port), '-t', '0', '-i', '0', '--connect-timeout', '3000', ...args];
}

export function stations({ irtt, iperf3, ipv6, congestionControl }: Tools): Station[] {
  const { v4, v6 } = ADDRESSES.dc;
  const reflect = [`${v4}:${REFLECTOR_PORT}`, ...(ipv6 ? [`[${v6}]:${REFLECTOR_PORT}`] : [])].join(',');
  // -i 0: by default the server drops what a queue hands on in one burst, which would look like loss of the path.
  const reflector: Station = { name: 'irtt server', site: 'dc', argv: ['irtt', 'server', '-i', '0', '-b', reflect], flood: false };
  const servers = Object.entries(PORTS).map(([traffic, port]): Station => {
    return {
      name: `${traffic} server`,
      site: 'dc',
      argv: ['iperf3', '-s', '-p', String(port), '-i', '0'],
      flood: false,
    };
  });
  const clients: Station[] = [
    {
      // Four G.711 calls: 50 packets a second of 160 bytes of speech and 12 of RTP each.
      name: 'voice',
      site: 'branch',
      argv: client(PORTS.voice, v4, ['-u', '-P', '4', '-b', '68800', '-l', '172', '-S', TOS.ef]),
      flood: false,
    },
    {
      name: 'video',
      site: 'branch',
      argv: client(PORTS.video, ipv6 ? v6 : v4, ['-u', '-b', '4M', '-l', '1200', '-S', TOS.af41]),
      flood: false,
    },
    {
      name: 'bulk',
      site: 'branch',
      argv: client(PORTS.bulk, v4, ['-P', '4', '-C', congestionControl, '-S', TOS.cs1]),
      flood: true,
    },
  ];
  return [...(irtt ? [reflector] : []), ...(iperf3 ? [...servers, ...clients] : [])];
}
