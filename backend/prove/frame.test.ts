import { expect, it } from 'vitest';
import { frameAround, frameOf, SHORTEST_FRAME, shortestPacket } from './frame.ts';

const bytes = (head: string) => [...Buffer.from(head, 'hex')];
const sum = (header: number[]) => {
  let total = 0;
  for (let i = 0; i < header.length; i += 2) total += (header[i]! << 8) | header[i + 1]!;
  while (total > 0xffff) total = (total & 0xffff) + (total >> 16);
  return total;
};
const addresses = { source: [192, 0, 2, 1], destination: [198, 51, 100, 1] };

it('writes an IPv4 header that its checksum confirms, with the length of the frame and the DSCP', () => {
  const packet = { family: 4 as const, dscp: 46, protocol: 17, sourcePort: 1234, destinationPort: 5060, ...addresses };
  const { head, network } = frameOf(packet, 1514);
  const ip = bytes(head).slice(network);
  expect(sum(ip.slice(0, 20))).toBe(0xffff);
  expect([ip[0], ip[1], (ip[2]! << 8) | ip[3]!, ip[9]]).toEqual([0x45, 46 << 2, 1500, 17]);
  expect(ip.slice(12, 20)).toEqual([192, 0, 2, 1, 198, 51, 100, 1]);
  expect([(ip[20]! << 8) | ip[21]!, (ip[22]! << 8) | ip[23]!, (ip[24]! << 8) | ip[25]!]).toEqual([1234, 5060, 1480]);
});

it('divides the DSCP of IPv6 over the first two bytes', () => {
  const { head, network } = frameOf({ family: 6, dscp: 46, protocol: 58 }, SHORTEST_FRAME);
  const ip = bytes(head).slice(network);
  expect([ip[0], ip[1], ip[6]]).toEqual([0x6b, 0x80, 58]);
  expect((ip[4]! << 8) | ip[5]!).toBe(SHORTEST_FRAME - 14 - 40);
});

it('puts what the packet says of MAC addresses, length, flags and ECN into their places', () => {
  const macs = { sourceMac: [2, 0, 0x5e, 0, 0, 9], destinationMac: [1, 0, 0x5e, 0, 0, 1] };
  const { head, network } = frameOf({ family: 4, protocol: 6, tcpFlags: 2, dscp: 46, ...macs }, frameAround(100), 2);
  const frame = bytes(head);
  expect(frame.slice(0, 14)).toEqual([...macs.destinationMac, ...macs.sourceMac, 8, 0]);
  const ip = frame.slice(network);
  expect([ip[1], (ip[2]! << 8) | ip[3]!, ip[33]]).toEqual([(46 << 2) | 2, 100, 2]);
  expect(sum(ip.slice(0, 20))).toBe(0xffff);
});

it('carries the stamp in the shortest packet of each kind, right behind its headers', () => {
  const udp = { family: 4 as const, protocol: 17 };
  expect(shortestPacket(udp)).toBe(44);
  expect(frameOf(udp, frameAround(44)).stamp).toBe(28);
  expect(frameOf(udp, 1514).stamp).toBe(60);
});

it('leaves room for the stamp behind the longest header, and makes no IP of what is none', () => {
  const tcp = frameOf({ family: 6, protocol: 6, sourcePort: 1, destinationPort: 2 }, SHORTEST_FRAME);
  expect(bytes(tcp.head).length).toBeLessThanOrEqual(tcp.network + 60);
  expect(bytes(frameOf({}, SHORTEST_FRAME).head).slice(12)).toEqual([0x88, 0xb5]);
});
