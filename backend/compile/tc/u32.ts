/**
 * Boxes as u32 rules: 32-bit words, value and mask at an offset from the IP header. Ports are read at a fixed place, so a
 * rule with ports asks for an IPv4 header without options that is no fragment: flower sees no ports in a first fragment
 * either, and all of one packet stay in one class. IPv6 extension headers are not followed (the compile note says so).
 */
import { blocks, ETHER_TYPE, type Bits, type Box } from '../../policy/boxes.ts';
import type { PortRange } from '../../policy/quantities.ts';

type Words = ReadonlyMap<number, { value: number; mask: number }>;

/** Bits of a field, `width` wide, that begin `bit` bits behind the IP header's first; before it for a negative one. */
function put(words: Words, bit: number, width: number, { value, mask }: Bits): Words {
  const result = new Map(words);
  const first = Math.floor(bit / 32) * 32;
  const words_ = Math.ceil((bit + width - first) / 32);
  const shift = BigInt(words_ * 32 - (bit - first) - width);
  for (let i = 0; i < words_; i++) {
    const down = BigInt(32 * (words_ - 1 - i));
    const part = (all: bigint) => Number(((all << shift) >> down) & 0xffffffffn);
    const offset = first / 8 + 4 * i;
    const there = result.get(offset) ?? { value: 0, mask: 0 };
    if (part(mask) !== 0) {
      result.set(offset, { value: (there.value | part(value)) >>> 0, mask: (there.mask | part(mask)) >>> 0 });
    }
  }
  return result;
}

const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;
export const word = (value: number, mask: number, offset: number): string =>
  `match u32 ${hex(value)} ${hex(mask)} at ${offset}`;
export const markKey = (value: number, mask: number): string => `match mark ${hex(value)} ${hex(mask)}`;

const exactly = (value: number, mask: number): Bits => ({ value: BigInt(value), mask: BigInt(mask) });
const either = (range: PortRange | undefined): Array<Bits | undefined> => (range ? blocks(range) : [undefined]);

/** What u32 does not see of a box. */
export const unseenByU32 = (box: Box): string[] =>
  (['vlan', 'vlanPriority', 'connmark'] as const).filter((field) => box[field]);

/** Whether a rule looks where options or extension headers would move what it looks for. */
export const looksBehindHeaders = (box: Box): boolean =>
  Boolean(box.sourcePort ?? box.destinationPort ?? box.tcpFlags ?? (box.source6 || box.etherType?.value === BigInt(ETHER_TYPE[6]) ? box.protocol : undefined)); // prettier-ignore

/**
 * @param tagged for VLAN-tagged frames: the tag tells nothing of the type inside, so the rule asks for it.
 * @param typed the filter's protocol says the type of the frame.
 * @returns one list of keys per rule, sorted by offset, or undefined where u32 cannot see what is asked.
 */
export function u32Rules(box: Box, tagged: boolean): string[][] | undefined {
  if (unseenByU32(box).length > 0) {
    return undefined;
  }
  const type = box.etherType && Number(box.etherType.value);
  const isFull = box.etherType?.mask === 0xffffn;
  const family = isFull && type === ETHER_TYPE[4] ? 4 : isFull && type === ETHER_TYPE[6] ? 6 : undefined;
  const transport = family === 4 ? 160 : 320;
  let words: Words = new Map();
  const add = (bit: number, width: number, bits: Bits | undefined) => {
    words = bits ? put(words, bit, width, bits) : words;
  };
  if (family && tagged) {
    add(0, 4, exactly(family, 0xf));
  } else if (!family && (tagged || !isFull)) {
    add(-16, 16, box.etherType);
  }
  add(-112, 48, box.destinationMac);
  add(-64, 48, box.sourceMac);
  add(family === 4 ? 8 : 4, 6, box.dscp);
  add(family === 4 ? 72 : 48, 8, box.protocol);
  add(96, 32, box.source4);
  add(128, 32, box.destination4);
  add(64, 128, box.source6);
  add(192, 128, box.destination6);
  const behind = box.sourcePort ?? box.destinationPort ?? box.tcpFlags;
  if (behind && family === 4) {
    add(4, 4, exactly(5, 0xf));
    add(50, 14, exactly(0, 0x3fff));
  }
  add(transport + 104, 8, box.tcpFlags);
  const fixed = words;
  return either(box.length).flatMap((length) =>
    either(box.sourcePort).flatMap((source) =>
      either(box.destinationPort).map((destination) => {
        words = fixed;
        add(family === 4 ? 16 : 32, 16, length);
        add(transport, 16, source);
        add(transport + 16, 16, destination);
        const keys = [...words].sort(([a], [b]) => a - b).map(([offset, { value, mask }]) => word(value, mask, offset));
        return [
          ...(keys.length > 0 ? keys : [word(0, 0, 0)]),
          ...(box.fwmark ? [markKey(Number(box.fwmark.value), Number(box.fwmark.mask))] : []),
          ...(box.inputInterface ? [`indev ${box.inputInterface}`] : []),
        ];
      })
    )
  );
}
