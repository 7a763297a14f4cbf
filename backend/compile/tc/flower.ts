/** Boxes as flower rules. */
import { blocks, ETHER_TYPE, FIELD_BITS, type Bits, type BitField, type Box } from '../../policy/boxes.ts';
import { formatAddress, type PortRange } from '../../policy/quantities.ts';
import { etherTypeName, formatMac } from '../../policy/selectors.ts';

/** In the order in which tc wants them: a port is refused before its protocol, a protocol before the type inside the tag. */
const ORDER = [
  'indev', 'src_mac', 'dst_mac', 'vlan_id', 'vlan_prio', 'vlan_ethtype', 'ct_state', 'ct_mark', 'ip_proto', 'ip_tos', 'ip_flags', 'src_ip', 'dst_ip',
  'tcp_flags', 'src_port', 'dst_port',
] as const; // prettier-ignore
export type FlowerKey = (typeof ORDER)[number];
export const isFlowerKey = (key: string): key is FlowerKey => (ORDER as readonly string[]).includes(key);

/** By name where tc takes the name for either IP version; `icmp` it refuses in IPv6, so that is a number here. */
const NAMES: Record<number, string> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };
export const protocolKey = (number: number): string => `ip_proto ${NAMES[number] ?? `0x${number.toString(16)}`}`;
export const innerTypeKey = (type: number): string =>
  `vlan_ethtype ${type === ETHER_TYPE[4] || type === ETHER_TYPE[6] ? etherTypeName(type) : `0x${type.toString(16)}`}`;
export const underMask = (key: FlowerKey, value: number, mask: number): string =>
  `${key} 0x${value.toString(16)}/0x${mask.toString(16)}`;

const rank = (key: string) => (ORDER as readonly string[]).indexOf(key.slice(0, key.indexOf(' ')));
export const sortFlowerKeys = (keys: readonly string[]): string[] => [...keys].sort((a, b) => rank(a) - rank(b));

const full = (field: BitField) => (1n << BigInt(FIELD_BITS[field])) - 1n;
const isExact = (field: BitField, bits: Bits) => bits.mask === full(field);
const lengthOf = (mask: bigint) => mask.toString(2).replace(/0+$/, '').length;
const bytesOf = (value: bigint, count: number) =>
  Array.from({ length: count }, (_, i) => Number((value >> BigInt(8 * (count - 1 - i))) & 0xffn));

/** Fields that flower compares whole. */
const WHOLE = ['protocol', 'vlan', 'vlanPriority'] as const;

/** Each value that a mask leaves open. */
function* opened(field: BitField, { value, mask }: Bits): Generator<Bits> {
  const open = full(field) & ~mask;
  // Counts through the open bits alone.
  for (let part = 0n; ; part = (part - open) & open) {
    yield { value: value | part, mask: full(field) };
    if (part === open) {
      return;
    }
  }
}

function* whole(box: Box, fields: readonly BitField[] = WHOLE): Generator<Box> {
  const field = fields.find((name) => box[name] && !isExact(name, box[name]));
  if (!field) {
    yield box;
    return;
  }
  for (const bits of opened(field, box[field]!)) {
    yield* whole({ ...box, [field]: bits }, fields);
  }
}

/** A range that tc takes as one key: none from port 0 on, which is cut into blocks, and port 0 itself only under a mask. */
const portKeys = (key: 'src_port' | 'dst_port', range: PortRange | undefined, cut: boolean): string[] =>
  range === undefined
    ? ['']
    : range.from === range.to && range.from > 0
      ? [`${key} ${range.from}`]
      : range.from > 0 && !cut
        ? [`${key} ${range.from}-${range.to}`]
        : blocks(range).map(({ value, mask }) => (mask === 0xffffn && value > 0n ? `${key} ${value}` : underMask(key, Number(value), Number(mask)))); // prettier-ignore

function keysOf(box: Box, tagged: boolean, cut: boolean): string[][] {
  const { sourcePort, destinationPort } = box;
  const bits = (key: FlowerKey, wanted: Bits | undefined) =>
    wanted && underMask(key, Number(wanted.value), Number(wanted.mask));
  const prefix = (key: 'src_ip' | 'dst_ip', side: 'source' | 'destination') =>
    ([4, 6] as const).map((family) => {
      const wanted = box[`${side}${family}`];
      const address = wanted && formatAddress(family, bytesOf(wanted.value, family === 4 ? 4 : 16));
      return wanted && `${key} ${address}/${lengthOf(wanted.mask)}`;
    });
  const mac = (key: 'src_mac' | 'dst_mac', wanted: Bits | undefined) =>
    wanted && `${key} ${formatMac(bytesOf(wanted.value, 6))}/${lengthOf(wanted.mask)}`;
  // What has no ports or flags leaves them zero, which is a value too.
  const zero = sourcePort?.from === 0 || destinationPort?.from === 0 || box.tcpFlags?.value === 0n;
  // In the order of ORDER.
  const fixed = [
    box.inputInterface && `indev ${box.inputInterface}`,
    mac('src_mac', box.sourceMac),
    mac('dst_mac', box.destinationMac),
    box.vlan && `vlan_id ${box.vlan.value}`,
    box.vlanPriority && `vlan_prio ${box.vlanPriority.value}`,
    tagged && box.etherType && innerTypeKey(Number(box.etherType.value)),
    box.connmark && 'ct_state +trk',
    bits('ct_mark', box.connmark),
    box.protocol && protocolKey(Number(box.protocol.value)),
    box.dscp && underMask('ip_tos', Number(box.dscp.value) << 2, Number(box.dscp.mask) << 2),
    zero && 'ip_flags nofrag',
    ...prefix('src_ip', 'source'),
    ...prefix('dst_ip', 'destination'),
    bits('tcp_flags', box.tcpFlags),
  ].filter((key): key is string => typeof key === 'string' && key !== '');
  return portKeys('src_port', sourcePort, cut).flatMap((source) =>
    portKeys('dst_port', destinationPort, cut).map((destination) =>
      [...fixed, source, destination].filter((key) => key !== '')
    )
  );
}

/**
 * @param tagged for VLAN-tagged frames; otherwise the filter's protocol says the type of the frame, if any.
 * @param cut ranges of ports as blocks under a mask, which the kernel looks up instead of going through them.
 * @returns keys as tc takes them, a list for each rule, or undefined where flower cannot see what is asked; it follows
 * IPv4 options and IPv6 extension headers, and sees no ports in fragments, the first included.
 */
export function flowerRules(box: Box, tagged: boolean, cut: boolean): string[][] | undefined {
  return box.fwmark || box.length || (box.etherType && !isExact('etherType', box.etherType))
    ? undefined
    : [...whole(box)].flatMap((one) => keysOf(one, tagged, cut));
}
