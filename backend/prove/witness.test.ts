import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, flatten, type ResolvedClass } from '../policy/index.ts';
import { clauses, packets } from '../policy/testing-packets.ts';
import { classesText, resolved } from '../policy/testing.ts';
import { witness } from './witness.ts';

const leavesOf = (classes: readonly ResolvedClass[]) => flatten(classes).filter((item) => item.classes.length === 0);
const packetFor = (source: string, path: string) => witness(resolved(source).classes, path);

describe('a packet for a class', () => {
  it('is found for every class of the example', () => {
    const source = readFileSync(new URL('../../examples/branch-edge.yaml', import.meta.url), 'utf8');
    const { classes } = resolved(source, 19e6);
    for (const { path } of leavesOf(classes)) {
      const found = witness(classes, path);
      expect(found).toHaveProperty('packet');
      expect(classify(classes, 'packet' in found ? found.packet : {}).path).toBe(path);
    }
  });

  it('is as plain as it can be', () => {
    const source = classesText('{name: web, match: [{ports: [443]}]}', '{name: rest, default: true}');
    expect(packetFor(source, 'rest')).toEqual({
      packet: {
        family: 4, dscp: 0, protocol: 17, sourcePort: 40_000, destinationPort: 40_001, source: [192, 0, 2, 1], destination: [198, 51, 100, 1], sourceMac: expect.any(Array) as number[], destinationMac: expect.any(Array) as number[],
      },
    }); // prettier-ignore
    expect(packetFor(source, 'web')).toMatchObject({ packet: { protocol: 17, sourcePort: 443 } });
  });

  it('keeps off what earlier classes take', () => {
    const source = classesText(
      '{name: low, match: [{ports: [1-1000]}, {dscp: [ef]}]}',
      '{name: mid, match: [{destinationPorts: [500-2000]}]}',
      '{name: rest, default: true}'
    );
    expect(packetFor(source, 'mid')).toMatchObject({ packet: { destinationPort: 1001 } });
  });

  it('is no IP at all where the default class takes nothing else', () => {
    const source = classesText(
      '{name: four, match: [{ipVersion: 4}]}',
      '{name: six, match: [{ipVersion: 6}]}',
      '{name: rest, default: true}'
    );
    expect(packetFor(source, 'rest')).toMatchObject({ packet: { etherType: 0x88b5 } });
  });

  it('is not invented where there is none, and the reason is said', () => {
    const source = classesText(
      '{name: all, match: [{dscp: [ef]}]}',
      '{name: none, match: [{dscp: [ef], protocol: udp}]}',
      '{name: rest, default: true}'
    );
    expect(packetFor(source, 'none')).toEqual({
      none: expect.stringContaining('taken by classes before it') as string,
    });
  });

  it('is not claimed where the policy tells classes by what a proof does not send, and the reason is said', () => {
    const source = classesText('{name: tagged, match: [{vlan: [7]}]}', '{name: rest, default: true}');
    expect(packetFor(source, 'tagged')).toEqual({ none: expect.stringContaining('matches vlan') as string });
    expect(packetFor(source, 'rest')).toHaveProperty('packet');
    const sized = classesText('{name: small, match: [{length: [0-100]}]}', '{name: rest, default: true}');
    expect(packetFor(sized, 'rest')).toEqual({ none: expect.stringContaining('packet lengths') as string });
  });

  it('is found whenever any packet of IP belongs to the class', () => {
    const level = fc.array(fc.array(clauses, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });
    const property = fc.property(level, level, fc.nat(4), fc.array(packets.filter(({ family }) => family !== undefined), { minLength: 5, maxLength: 40 }), (outer, inner, holder, some) => {
      const leaf = (path: string, match: ResolvedClass['match'], classes: ResolvedClass[] = []): ResolvedClass => ({
        path, name: path, source: '', match, default: match.length === 0, strict: false, priority: 3, guarantee: 0, ceiling: 1e6, share: 1,
        burst: undefined, queue: {}, objective: undefined, classes,
      });
      const below = (path: string) => [...inner.map((match, i) => leaf(`${path}/i${i}`, match)), leaf(`${path}/rest`, [])];
      const classes = [...outer, []].map((match, i) => leaf(`o${i}`, match, i === holder ? below(`o${i}`) : []));
      const reached = new Set(some.map((packet) => classify(classes, packet).path));
      for (const path of reached) {
        expect(witness(classes, path), path).toHaveProperty('packet');
      }
    }); // prettier-ignore
    fc.assert(property, { numRuns: 300 });
  });
});
