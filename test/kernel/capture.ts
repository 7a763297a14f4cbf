/** Frames sent on one device and caught at another, in one command: the lab carries out one at a time. */
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { frameOf, type FrameSpec } from './frames.ts';
import type { Running } from './kernel.ts';
import { DEVICE } from './network.ts';

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const SEND_AND_CATCH = `
  ns=$1 from=$2 at=$3 wait=$4; shift 4
  out=$(mktemp)
  ip netns exec $ns perl ${script('catch-frames.pl')} $at $wait > $out &
  sleep 0.3
  ip netns exec $ns perl ${script('send-frames.pl')} $from "$@"
  wait
  cat $out
  rm $out
`;

/** @param flow bit/s and seconds; without, each frame once. @returns frames in hexadecimal */
export async function caught(
  attempt: Running['attempt'],
  namespace: string,
  frames: readonly FrameSpec[],
  { from = DEVICE, at = 'far0', flow = [] as number[] } = {}
): Promise<string[]> {
  const lines = frames.map((frame) => `${frameOf(frame)}\n`).join('');
  const seconds = flow.length > 0 ? flow[1]! + 1 : 1;
  const { stdout, stderr } = await attempt(['bash', '-c', SEND_AND_CATCH, 'sh', namespace, from, at, String(seconds), ...flow.map(String)], lines); // prettier-ignore
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

/** The traffic class or type of service of a frame, and whether the IPv4 header adds up. */
export function tosOf(hex: string): { tos: number; sound: boolean } {
  const bytes = Buffer.from(hex, 'hex');
  const at = bytes.readUInt16BE(12) === 0x8100 ? 18 : 14;
  if (bytes[at]! >> 4 === 6) {
    return { tos: ((bytes[at]! & 15) << 4) | (bytes[at + 1]! >> 4), sound: true };
  }
  let sum = 0;
  for (let i = 0; i < 20; i += 2) {
    sum += bytes.readUInt16BE(at + i);
  }
  return { tos: bytes[at + 1]!, sound: (sum & 0xffff) + (sum >> 16) === 0xffff };
}
