/** Conditions beyond addresses, ports and code points: read from the keys of rules, and what two of them have in common. */
import type { Packet } from '../../../policy/classify.ts';
import type { Clause } from '../../../policy/schema.ts';
import { parseMac, tcpFlagsOf, type Mac, type Masked } from '../../../policy/selectors.ts';

/** One value each. */
export type More = Pick<
  Clause,
  'vlan' | 'vlanPriority' | 'sourceMac' | 'destinationMac' | 'fwmark' | 'connmark' | 'length' | 'etherType' | 'inputInterface' | 'tcpFlags'
>; // prettier-ignore
export type MoreKey = keyof More;
/** In the order in which a clause names them. */
export const MORE = ['vlan', 'vlanPriority', 'sourceMac', 'destinationMac', 'fwmark', 'connmark', 'length', 'etherType', 'inputInterface', 'tcpFlags'] as const satisfies readonly MoreKey[]; // prettier-ignore

const masked = (text: string): Masked => {
  const [value, mask = 2 ** 32 - 1] = text.split('/').map(Number);
  return { value: value!, mask };
};
const mac = (text: string): Mac[] | undefined => {
  const read = parseMac(text);
  return typeof read === 'string' ? undefined : [read];
};

/** Keys of flower, as the reader writes them, that stand by themselves whatever the type of the frame. */
export const ANY_FRAME: ReadonlySet<string> = new Set(['src_mac', 'dst_mac', 'indev', 'ct_state', 'ct_mark']);

/** @returns what a key of flower asks for; undefined where it is none of these */
export function moreOfFlower(name: string, value: string): More | undefined {
  switch (name) {
    case 'vlan_id':
      return { vlan: [Number(value)] };
    case 'vlan_prio':
      return { vlanPriority: [Number(value)] };
    case 'src_mac':
    case 'dst_mac': {
      const read = mac(value);
      return read && { [name === 'src_mac' ? 'sourceMac' : 'destinationMac']: read };
    }
    case 'indev':
      return { inputInterface: [value] };
    case 'ct_mark':
      return { connmark: [masked(value)] };
    case 'ct_state':
    case 'ip_flags':
      // What a connection mark and a port 0 need anyway.
      return {};
    case 'tcp_flags':
      return { tcpFlags: [tcpFlagsOf(masked(value))] };
    default:
      return undefined;
  }
}

/** @returns what a key of u32 that looks at no header asks for; undefined where it looks at one */
export function moreOfU32(key: string): More | undefined {
  const [, value, mask] = /^match mark (\S+) (\S+)$/.exec(key) ?? [];
  const device = /^indev (\S+)$/.exec(key)?.[1];
  return value ? { fwmark: [masked(`${value}/${mask}`)] } : device ? { inputInterface: [device] } : undefined;
}

const sameText = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Whether no packet can satisfy both values of one condition. */
function apart(key: MoreKey, a: More, b: More): boolean {
  switch (key) {
    case 'fwmark':
    case 'connmark':
    case 'tcpFlags': {
      const [one, other] = [a[key]![0]!, b[key]![0]!];
      return ((one.value ^ other.value) & one.mask & other.mask) !== 0;
    }
    case 'length': {
      const [one, other] = [a.length![0]!, b.length![0]!];
      return one.from > other.to || other.from > one.to;
    }
    case 'sourceMac':
    case 'destinationMac': {
      const [one, other] = [a[key]![0]!, b[key]![0]!];
      const bits = Math.min(one.length, other.length);
      return one.bytes.some((byte, i) => ((byte ^ other.bytes[i]!) & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i))) & 0xff) !== 0); // prettier-ignore
    }
    default:
      return !sameText(a[key], b[key]);
  }
}

/** What both ask for, or null where no packet satisfies both. Of two values of one condition the second stands for both. */
export function meetMore(a: More | undefined, b: More | undefined): More | undefined | null {
  if (!a || !b) {
    return a ?? b;
  }
  return MORE.some((key) => a[key] && b[key] && apart(key, a, b)) ? null : { ...a, ...b };
}

/** The fields of a packet that satisfies them. */
export function packetWith(more: More = {}): Partial<Packet> {
  const { vlan, vlanPriority, sourceMac, destinationMac, fwmark, connmark, length, etherType, inputInterface, tcpFlags } = more; // prettier-ignore
  return {
    ...((vlan ?? vlanPriority) && { vlan: vlan?.[0] ?? 1, vlanPriority: vlanPriority?.[0] ?? 0 }),
    ...(sourceMac && { sourceMac: sourceMac[0]!.bytes }),
    ...(destinationMac && { destinationMac: destinationMac[0]!.bytes }),
    ...(fwmark && { fwmark: fwmark[0]!.value }),
    ...(connmark && { connmark: connmark[0]!.value }),
    ...(length && { length: length[0]!.from }),
    ...(etherType && { etherType: etherType[0]! }),
    ...(inputInterface && { inputInterface: inputInterface[0]! }),
    ...(tcpFlags && { tcpFlags: tcpFlags[0]!.value }),
  };
}
