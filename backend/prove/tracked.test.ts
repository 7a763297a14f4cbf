import { expect, it } from 'vitest';
import type { Packet } from '../policy/index.ts';
import { inOwnFlows } from './tracked.ts';

const plain: Packet = { family: 4, protocol: 17, source: [192, 0, 2, 1], destination: [198, 51, 100, 1], sourcePort: 40_000, destinationPort: 40_001 }; // prettier-ignore
const tracked = (connmark: number): Packet => ({ ...plain, connmark });
const flow = ({ source, destination, sourcePort, destinationPort }: Packet) => JSON.stringify([source, destination, sourcePort, destinationPort]); // prettier-ignore

it('gives every connection a flow of its own, and leaves what is of none alone', () => {
  const packets = new Map([['a', tracked(1)], ['rest', plain], ['b', tracked(2)], ['c', tracked(1)]]); // prettier-ignore
  const own = inOwnFlows(packets, () => true);
  expect(own.get('rest')).toBe(plain);
  expect(new Set([...own.values()].map((packet) => flow(packet!))).size).toBe(4);
  expect([...own.values()].map((packet) => packet!.connmark)).toEqual([1, undefined, 2, 1]);
});

it('changes nothing that the class asks for, and says where no flow is left', () => {
  const packets = new Map([['a', tracked(1)], ['b', tracked(2)], ['c', tracked(3)]]); // prettier-ignore
  const own = inOwnFlows(
    packets,
    ({ sourcePort, destinationPort, source, destination }, path) =>
    path === 'c' ? flow({ sourcePort, destinationPort, source, destination } as Packet) === flow(plain) : sourcePort === 40_000 && destinationPort === 40_001 // prettier-ignore
  );
  expect(own.get('a')).toEqual(tracked(1));
  expect(own.get('b')).toMatchObject({ sourcePort: 40_000, destinationPort: 40_001, connmark: 2 });
  expect(flow(own.get('b')!)).not.toBe(flow(plain));
  expect(own.get('c')).toBeUndefined();
});
