/** What the wire adds to a frame: the figures of links by name, and what a policy says of its own. */
import type { PolicySpec } from './schema.ts';

export type Cell = 'atm' | 'ptm';
export interface ResolvedLink {
  /** bytes beyond the frame as an Ethernet interface hands it down, that is with its 14 bytes of addresses and type */
  overhead: number;
  /** bytes that a frame takes at least, overhead included; 0 for none */
  mpu: number;
  cell: Cell | undefined;
}

/** CAKE counts from the IP packet. */
export const FRAME_HEADER = 14;

/** Beyond the IP packet, as tc-cake(8) has them (iproute2 6.1), less the header that the kernel counts already. */
const beyondIp = (overhead: number, mpu = 0, cell?: Cell): ResolvedLink => ({ overhead: overhead - FRAME_HEADER, mpu, cell }); // prettier-ignore

export const LINKS: Readonly<Record<string, ResolvedLink>> = {
  none: { overhead: 0, mpu: 0, cell: undefined },
  // Header 14, checksum 4, preamble 8, gap 12.
  ethernet: beyondIp(38, 84),
  vlan: beyondIp(42, 84),
  // RFC 2516: 6 of PPPoE, 2 of PPP.
  pppoe: beyondIp(46, 84),
  docsis: beyondIp(18, 64),
  'pppoe-ptm': beyondIp(30, 0, 'ptm'),
  'bridged-ptm': beyondIp(22, 0, 'ptm'),
  adsl: beyondIp(40, 0, 'atm'),
  'pppoe-llcsnap': beyondIp(40, 0, 'atm'),
  'pppoe-vcmux': beyondIp(32, 0, 'atm'),
  'pppoa-llc': beyondIp(14, 0, 'atm'),
  'pppoa-vcmux': beyondIp(10, 0, 'atm'),
  'bridged-llcsnap': beyondIp(32, 0, 'atm'),
  'bridged-vcmux': beyondIp(24, 0, 'atm'),
  'ipoa-llcsnap': beyondIp(16, 0, 'atm'),
  'ipoa-vcmux': beyondIp(8, 0, 'atm'),
};
export const LINK_NAMES = Object.keys(LINKS);

/** @returns the link of a policy; undefined where it adds nothing to what the kernel counts */
export function linkOf({ link }: PolicySpec): ResolvedLink | undefined {
  if (!link) {
    return undefined;
  }
  const named =
    typeof link.overhead === 'number' ? { overhead: link.overhead, mpu: 0, cell: undefined } : LINKS[link.overhead ?? 'none']!; // prettier-ignore
  const { overhead, mpu, cell } = { ...named, mpu: link.mpu ?? named.mpu, cell: link.cell ?? named.cell };
  return overhead === 0 && mpu === 0 && !cell ? undefined : { overhead, mpu, cell };
}
