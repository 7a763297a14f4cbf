/**
 * Alternatives as u32 rules: 32-bit words of the IP header, value and mask at an offset. Ports are read at a fixed
 * place, so a rule with ports asks for an IPv4 header without options that is no fragment: flower sees no ports in a
 * first fragment either, and all of one packet stay in one class. IPv6 extension headers are not followed (the compile
 * note says so).
 */
import type { PortRange, Prefix } from '../../policy/quantities.ts';
import type { Alternative } from './alternatives.ts';

type Words = Map<number, { value: number; mask: number }>;

function put(words: Words, offset: number, value: number, mask: number): void {
  if (mask === 0) {
    return;
  }
  const word = words.get(offset) ?? { value: 0, mask: 0 };
  words.set(offset, { value: (word.value | value) >>> 0, mask: (word.mask | mask) >>> 0 });
}

function putPrefix(words: Words, offset: number, prefix: Prefix): void {
  for (let i = 0; i < prefix.bytes.length; i += 4) {
    const bits = Math.min(32, Math.max(0, prefix.length - 8 * i));
    const value =
      ((prefix.bytes[i]! << 24) | (prefix.bytes[i + 1]! << 16) | (prefix.bytes[i + 2]! << 8) | prefix.bytes[i + 3]!) >>>
      0;
    put(words, offset + i, value, bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0);
  }
}

/** A port range as the fewest aligned blocks: value and mask pairs, at most 30 of them. */
export function portBlocks({ from, to }: PortRange): Array<{ value: number; mask: number }> {
  const blocks: Array<{ value: number; mask: number }> = [];
  for (let at = from; at <= to;) {
    let size = 1;
    while (at % (size * 2) === 0 && at + size * 2 - 1 <= to) {
      size *= 2;
    }
    blocks.push({ value: at, mask: 0xffff & ~(size - 1) });
    at += size;
  }
  return blocks;
}

const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;
export const word = (value: number, mask: number, offset: number): string =>
  `match u32 ${hex(value)} ${hex(mask)} at ${offset}`;

const any = [{ value: 0, mask: 0 }];

/**
 * @param tagged for VLAN-tagged frames: the tag tells nothing of the IP version, so the rule asks for it.
 * @returns one list of keys per rule, sorted by offset.
 */
export function u32Rules(alternative: Alternative, tagged: boolean): string[][] {
  const words: Words = new Map();
  const four = alternative.family === 4;
  if (tagged) {
    put(words, 0, four ? 0x40000000 : 0x60000000, 0xf0000000);
  }
  if (alternative.dscp !== undefined) {
    put(words, 0, (alternative.dscp << 2) << (four ? 16 : 20), four ? 0x00fc0000 : 0x0fc00000);
  }
  if (alternative.protocol !== undefined) {
    if (four) {
      put(words, 8, alternative.protocol << 16, 0x00ff0000);
    } else {
      put(words, 4, alternative.protocol << 8, 0x0000ff00);
    }
  }
  if (alternative.source) {
    putPrefix(words, four ? 12 : 8, alternative.source);
  }
  if (alternative.destination) {
    putPrefix(words, four ? 16 : 24, alternative.destination);
  }
  const { sourcePorts, destinationPorts } = alternative;
  if ((sourcePorts || destinationPorts) && four) {
    put(words, 0, 0x05000000, 0x0f000000);
    put(words, 4, 0, 0x00003fff);
  }
  const rules: string[][] = [];
  for (const source of sourcePorts ? portBlocks(sourcePorts) : any) {
    for (const destination of destinationPorts ? portBlocks(destinationPorts) : any) {
      const rule: Words = new Map([...words].map(([offset, value]) => [offset, { ...value }]));
      put(
        rule,
        four ? 20 : 40,
        (((source.value << 16) >>> 0) | destination.value) >>> 0,
        (((source.mask << 16) >>> 0) | destination.mask) >>> 0
      );
      const keys = [...rule].sort(([a], [b]) => a - b).map(([offset, { value, mask }]) => word(value, mask, offset));
      rules.push(keys.length > 0 ? keys : [word(0, 0, 0)]);
    }
  }
  return rules;
}
