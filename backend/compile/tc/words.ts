/** A box in words: "DSCP EF · IPv4 · UDP · to port 16384-32767". */
import { ETHER_TYPE, FIELD_BITS, type BitField, type Box } from '../../policy/boxes.ts';
import { describeClause, protocolName } from '../../policy/outline.ts';
import { dscpName, formatAddress, type PortRange } from '../../policy/quantities.ts';
import { etherTypeName, formatMac, formatMark } from '../../policy/selectors.ts';

const ports = ({ from, to }: PortRange) => (from === to ? String(from) : `${from}-${to}`);

/** A value, the range that its leading bits leave, or the value under its mask. */
function said(box: Box, field: BitField, one: (value: number) => string = String): string | undefined {
  const bits = box[field];
  if (!bits) {
    return undefined;
  }
  const rest = ((1n << BigInt(FIELD_BITS[field])) - 1n) ^ bits.mask;
  const [from, to] = [Number(bits.value), Number(bits.value | rest)];
  return (rest & (rest + 1n)) !== 0n
    ? `${from}/0x${bits.mask.toString(16)}`
    : from === to
      ? one(from)
      : `${one(from)} to ${one(to)}`;
}

const bytesOf = (value: bigint, count: number) =>
  Array.from({ length: count }, (_, i) => Number((value >> BigInt(8 * (count - 1 - i))) & 0xffn));
const bits = (mask: bigint) => mask.toString(2).replaceAll('0', '').length;
const prefix = (box: Box, side: 'source' | 'destination') => {
  const [four, six] = [box[`${side}4`], box[`${side}6`]];
  return four
    ? `${formatAddress(4, bytesOf(four.value, 4))}/${bits(four.mask)}`
    : six && `${formatAddress(6, bytesOf(six.value, 16))}/${bits(six.mask)}`;
};
const mac = (box: Box, field: 'sourceMac' | 'destinationMac') => {
  const wanted = box[field];
  const length = wanted ? bits(wanted.mask) : 48;
  return wanted && `${formatMac(bytesOf(wanted.value, 6))}${length === 48 ? '' : `/${length}`}`;
};
const mark = (box: Box, field: 'fwmark' | 'connmark') => {
  const wanted = box[field];
  return wanted && formatMark({ value: Number(wanted.value), mask: Number(wanted.mask) });
};
const labelled = (label: string, text: string | undefined) => text && `${label} ${text}`;

function typeOf(box: Box): string | undefined {
  const type = box.etherType?.mask === 0xffffn ? Number(box.etherType.value) : undefined;
  return type === ETHER_TYPE[4] || type === ETHER_TYPE[6]
    ? describeClause({ ipVersion: type === ETHER_TYPE[4] ? 4 : 6 })
    : said(box, 'etherType', etherTypeName);
}

export const describeBox = (box: Box): string =>
  [
    labelled('DSCP', said(box, 'dscp', dscpName)),
    typeOf(box),
    said(box, 'protocol', protocolName),
    labelled('from port', box.sourcePort && ports(box.sourcePort)),
    labelled('to port', box.destinationPort && ports(box.destinationPort)),
    labelled('from', prefix(box, 'source')),
    labelled('to', prefix(box, 'destination')),
    labelled('VLAN', said(box, 'vlan')),
    labelled('VLAN priority', said(box, 'vlanPriority')),
    labelled('from MAC', mac(box, 'sourceMac')),
    labelled('to MAC', mac(box, 'destinationMac')),
    labelled('mark', mark(box, 'fwmark')),
    labelled('connection mark', mark(box, 'connmark')),
    labelled('length', box.length && ports(box.length)),
    labelled(
      'TCP flags',
      said(box, 'tcpFlags', (value) => `0x${value.toString(16)}`)
    ),
    labelled('in by', box.inputInterface),
  ]
    .filter(Boolean)
    .join(' · ');
