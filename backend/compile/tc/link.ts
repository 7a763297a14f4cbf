/** What the wire adds to each packet, as the root counts it. */
import { formatRate } from '../../policy/quantities.ts';
import { FRAME_HEADER, type ResolvedLink } from '../../policy/link.ts';
import type { ResolvedPolicy } from '../../policy/resolve.ts';
import type { Capabilities, Qdisc, SizeTable } from './model.ts';

/** Measured on Linux 7.2: overhead alone is exact; with mpu or cells a packet counts up to 4 bytes more, the table's step. */
export function sizeTableOf(link: ResolvedLink | undefined): SizeTable | undefined {
  return link && (link.overhead !== 0 || link.mpu > 0 || link.cell === 'atm')
    ? { cells: link.cell === 'atm', overhead: link.overhead, mpu: link.mpu }
    : undefined;
}

/** @returns the options of CAKE in place of a size table; it counts a packet exactly, and PTM's 65 bytes for 64 too */
export const cakeLink = (link: ResolvedLink | undefined): Qdisc['options'] =>
  link
    ? { framing: link.cell ?? 'noatm', overhead: link.overhead + FRAME_HEADER, ...(link.mpu > 0 ? { mpu: link.mpu } : {}) } // prettier-ignore
    : {};

/** @param root kind of the qdisc there */
export function linkNotes(policy: ResolvedPolicy, { gsoMaxSize, mtu, received }: Capabilities, root: string): string[] {
  const { link, bandwidth } = policy;
  const notes: string[] = [];
  if (link?.cell === 'ptm' && root !== 'cake') {
    notes.push(
      `Link: ${root} cannot count PTM, which sends 65 bytes for 64; keep bandwidth 1.6 % below the line’s rate.`
    );
  }
  // CAKE and TBF divide them.
  if (gsoMaxSize && mtu && gsoMaxSize > 2 * mtu && root !== 'cake' && root !== 'tbf') {
    const time = Math.round((gsoMaxSize * 8 * 1e3) / bandwidth);
    if (time >= 1) {
      const once = link ? ', with the overhead of one frame' : '';
      const size = `${Math.round(gsoMaxSize / 1024)} KiB`;
      const effect = `at ${formatRate(bandwidth)} one of them holds the link for ${time} ms${once}`;
      notes.push(
        received
          ? `Receive offload: this interface joins received packets to ones of up to ${size}, and ${effect}. To keep latency low: ethtool -K DEV gro off lro off.`
          : `Segmentation offload: this interface takes packets of up to ${size} at once, and ${effect}. To keep latency low: ethtool -K DEV gso off tso off.`
      );
    }
  }
  return notes;
}
