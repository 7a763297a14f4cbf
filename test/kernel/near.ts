/** Random frames that satisfy a clause, or miss it by one field. */
import type { Clause, Mac, PortRange, Prefix } from '../../backend/policy/index.ts';
import type { FrameSpec } from './frames.ts';

/** Ids of the VLANs that tagged frames leave by */
export const VLANS = [5, 7, 100];

/** Whole numbers below `most`, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
}

const PROTOCOLS = [6, 17, 132, 1, 58, 47, 89, 115, 255];

/** An address within, or one bit beside. */
function near({ bytes, length }: Mac, next: (most: number) => number): number[] {
  const inside = bytes.map((byte, i) => byte | (next(256) & (0xff >> Math.min(8, Math.max(0, length - 8 * i)))));
  if (next(4) === 0) {
    inside[(length - 1) >> 3]! ^= 0x80 >> ((length - 1) & 7);
  }
  // Never a group's: those the kernel answers itself.
  return inside;
}

/** A frame that satisfies one of the clauses, or misses it by one field. */
export function frameNear(clauses: readonly Clause[], next: (most: number) => number): FrameSpec {
  const pick = <T>(list: readonly T[]): T => list[next(list.length)]!;
  const whole: Clause = clauses.length > 0 ? pick(clauses) : {};
  // What is negated is as near as what is asked for.
  const clause: Clause = { ...whole, ...(next(2) === 0 ? whole.not : {}) };
  const prefixes = [...(clause.source ?? []), ...(clause.destination ?? [])];
  const family =
    clause.ipVersion ??
    clause.protocol?.find((item) => item.family)?.family ??
    (prefixes.length > 0 ? pick(prefixes).family : pick([4, 6] as const));
  const named = clause.protocol?.map((item) => item.number).filter((number) => number !== 0);
  const hasPorts = clause.ports ?? clause.sourcePorts ?? clause.destinationPorts;
  const spec: FrameSpec = {
    family,
    dscp: clause.dscp ? pick(clause.dscp) : next(64),
    protocol: named && named.length > 0 ? pick(named) : pick(hasPorts ? [6, 17, 132] : PROTOCOLS),
  };
  const port = (ranges: readonly PortRange[] | undefined) => {
    if (!ranges) {
      return pick([9, 80, 443, 5060, 20000]);
    }
    const { from, to } = pick(ranges);
    return pick([from, to, Math.min(65535, to + 1), Math.max(1, from - 1), from + next(to - from + 1)]);
  };
  const [one, other] =
    next(2) === 0 ? (['sourcePort', 'destinationPort'] as const) : (['destinationPort', 'sourcePort'] as const);
  spec.sourcePort = port(clause.sourcePorts);
  spec.destinationPort = port(clause.destinationPorts);
  if (clause.ports) {
    spec[one] = port(clause.ports);
    spec[other] = next(2) === 0 ? spec[other]! : port(clause.ports);
  }
  const address = (list: readonly Prefix[] | undefined) => {
    const own = list?.filter((prefix) => prefix.family === family) ?? [];
    const bytes = Array.from({ length: family === 4 ? 4 : 16 }, () => next(256));
    if (own.length === 0) {
      return bytes;
    }
    const prefix = pick(own);
    const inside = bytes.map((byte, i) => {
      const mask = (0xff00 >> Math.min(8, Math.max(0, prefix.length - 8 * i))) & 0xff;
      return prefix.bytes[i]! | (byte & ~mask & 0xff);
    });
    if (next(4) === 0 && prefix.length > 0) {
      const bit = prefix.length - 1;
      inside[bit >> 3]! ^= 0x80 >> (bit & 7);
    }
    return inside;
  };
  spec.source = address(clause.source);
  spec.destination = address(clause.destination);
  const frame: Partial<FrameSpec> = {
    ...(clause.sourceMac ? { sourceMac: near(pick(clause.sourceMac), next) } : {}),
    ...(clause.destinationMac ? { destinationMac: near(pick(clause.destinationMac), next) } : {}),
    ...(clause.fwmark ? { fwmark: (pick(clause.fwmark).value ^ (next(4) === 0 ? 1 << next(16) : 0)) >>> 0 } : {}),
    ...(clause.vlan || clause.vlanPriority ? { vlan: pick(clause.vlan ?? VLANS), vlanPriority: pick(clause.vlanPriority ?? [next(8)]) } : {}),
  }; // prettier-ignore
  Object.assign(spec, frame);
  if (clause.tcpFlags) {
    Object.assign(spec, { protocol: 6, tcpFlags: pick([pick(clause.tcpFlags).value, next(64)]) });
  }
  if (clause.length) {
    const { from, to } = pick(clause.length);
    spec.payload = Math.max(0, Math.min(1400, pick([from, to, to + 1, from - 1]) - (family === 4 ? 28 : 48)));
  }
  const types = [...(clause.etherType ?? []), 0x0806, 0x88cc].filter((type) => type !== 0x0800 && type !== 0x86dd);
  if (clause.etherType && next(2) === 0) {
    return { ...frame, etherType: pick(types) };
  }
  switch (next(12)) {
    case 0:
      spec.dscp = next(64);
      break;
    case 1:
      spec.protocol = pick(PROTOCOLS);
      break;
    case 2:
      return frame;
    case 3:
      if (family === 4) {
        spec.fragment = 'later';
      }
      break;
    default:
  }
  if (next(4) === 0) {
    spec.vlan = pick(VLANS);
  }
  return spec;
}
