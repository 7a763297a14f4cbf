/** A policy of an edge, and for every kind of frame the class that an operator would expect of it. */
import type { FrameSpec } from './frames.ts';
import { policyOf } from './operator.ts';

export const EDGE = policyOf({
  bandwidth: '100mbit',
  classes: [
    {
      name: 'voice',
      match: [{ dscp: ['ef'] }, { dscp: ['df'], protocol: 'udp', destinationPorts: ['16384-32767'] }],
      strict: true,
      guarantee: '10mbit',
    },
    { name: 'web', match: [{ ports: [443] }], guarantee: '10mbit' },
    { name: 'branch', match: [{ source: ['203.0.113.0/24', '2001:db8:1::/48'] }], guarantee: '10mbit' },
    {
      name: 'video',
      match: [{ dscp: ['af41', 'af42'] }],
      guarantee: '20mbit',
      classes: [
        { name: 'film', match: [{ protocol: 'udp' }], guarantee: '10mbit' },
        { name: 'slides', default: true },
      ],
    },
    {
      name: 'default',
      default: true,
      guarantee: '10mbit',
      classes: [
        { name: 'bulk', match: [{ dscp: ['le'] }], guarantee: '1mbit' },
        { name: 'rest', default: true },
      ],
    },
  ],
});

export const udp = { protocol: 17, sourcePort: 40000, destinationPort: 40001 };
const rtp = { protocol: 17, sourcePort: 40000, destinationPort: 16384 };
export const https = { protocol: 6, sourcePort: 443, destinationPort: 50000 };
const outside = { source: [203, 0, 113, 9] };

/** What is sent, and the class that an operator would expect of it. */
export const FRAMES: Record<string, [FrameSpec, string]> = {
  'IPv4 with DSCP EF': [{ family: 4, dscp: 46, ...udp }, 'voice'],
  'IPv6 with DSCP EF': [{ family: 6, dscp: 46, ...udp }, 'voice'],
  'a tagged frame with DSCP EF': [{ family: 4, dscp: 46, vlan: 100, ...udp }, 'voice'],
  'a tagged IPv6 frame with DSCP EF': [{ family: 6, dscp: 46, vlan: 100, ...udp }, 'voice'],
  'UDP to the first port of a range': [{ family: 4, ...rtp }, 'voice'],
  'UDP to the last port of a range, IPv6, tagged': [{ family: 6, vlan: 7, ...rtp, destinationPort: 32767 }, 'voice'],
  'UDP to the port after the range': [{ family: 4, ...rtp, destinationPort: 32768 }, 'default/rest'],
  'the right port with the wrong DSCP': [{ family: 4, dscp: 8, ...rtp }, 'default/rest'],
  'TCP from port 443': [{ family: 4, ...https }, 'web'],
  'TCP to port 443 over IPv6': [{ family: 6, protocol: 6, sourcePort: 50000, destinationPort: 443 }, 'web'],
  'UDP to port 443': [{ family: 4, ...udp, destinationPort: 443 }, 'web'],
  'SCTP to port 443': [{ family: 4, protocol: 132, sourcePort: 1, destinationPort: 443 }, 'web'],
  'a protocol whose first bytes look like port 443': [
    { family: 4, protocol: 89, destinationPort: 443 },
    'default/rest',
  ],
  'a source within a prefix': [{ family: 4, ...udp, ...outside }, 'branch'],
  'an IPv6 source within a prefix': [
    { family: 6, ...udp, source: [0x20, 1, 0xd, 0xb8, 0, 1, ...Array<number>(9).fill(0), 5] },
    'branch',
  ],
  'an IPv6 source beside a prefix': [
    { family: 6, ...udp, source: [0x20, 1, 0xd, 0xb8, 0, 2, ...Array<number>(9).fill(0), 5] },
    'default/rest',
  ],
  'ECN bits beside the DSCP': [{ family: 4, dscp: 46, ecn: 3, ...udp }, 'voice'],
  'a child by protocol': [{ family: 4, dscp: 34, ...udp }, 'video/film'],
  'what matches a parent and none of its children': [
    { family: 6, dscp: 36, protocol: 6, sourcePort: 9, destinationPort: 9 },
    'video/slides',
  ],
  'a child of the default class': [{ family: 4, dscp: 1, ...udp }, 'default/bulk'],
  'a tagged child of the default class': [{ family: 6, dscp: 1, vlan: 5, ...udp }, 'default/bulk'],
  'what nothing matches': [{ family: 4, dscp: 63, protocol: 47 }, 'default/rest'],
  ARP: [{}, 'default/rest'],
  'tagged ARP': [{ vlan: 7 }, 'default/rest'],
  'a first fragment, which goes where the rest of its packet goes': [
    { family: 4, ...https, fragment: 'first' },
    'default/rest',
  ],
  'a later fragment of it': [{ family: 4, ...https, fragment: 'later' }, 'default/rest'],
  'a fragment, by its DSCP': [{ family: 4, dscp: 46, ...udp, fragment: 'later' }, 'voice'],
  'a fragment, by its protocol': [{ family: 4, dscp: 34, ...udp, fragment: 'later' }, 'video/film'],
};
