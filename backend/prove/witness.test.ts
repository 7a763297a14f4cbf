import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, flatten, type Packet, type ResolvedClass } from '../policy/index.ts';
import { allClauses, frames } from '../policy/testing-packets.ts';
import { classesText, resolved } from '../policy/testing.ts';
import { witness } from './witness.ts';

const leavesOf = (classes: readonly ResolvedClass[]) => flatten(classes).filter((item) => item.classes.length === 0);
const TRACKED = { tracks: true };
const packetFor = (source: string, path: string) => witness(resolved(source), path);

/** A proof sends full packets of no connection. */
const sent = frames.map(({ connmark: _, length, ...packet }): Packet =>
  length ? { ...packet, length: 1500 } : packet
);

describe('a packet for a class', () => {
  it('is found for every class of the example', () => {
    const source = readFileSync(new URL('../../examples/branch-edge.yaml', import.meta.url), 'utf8');
    const { classes } = resolved(source, 19e6);
    for (const { path } of leavesOf(classes)) {
      const found = witness({ classes }, path);
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

  it('carries what the policy looks at beyond IP: tags, MAC addresses, types of frames, flags, lengths, marks', () => {
    const source = classesText(
      '{name: phones, match: [{vlan: [7], vlanPriority: [5, 6], dscp: [ef]}]}',
      '{name: maker, match: [{sourceMac: ["02:00:5e:00:00:00/24"]}]}',
      '{name: ptp, match: [{etherType: [ptp]}]}',
      '{name: syn, match: [{tcpFlags: [syn+!ack]}]}',
      '{name: small, match: [{length: [0-100]}]}',
      '{name: marked, match: [{fwmark: [0x10/0xf0], not: {fwmark: [0x11/0xff]}}]}',
      '{name: rest, default: true}'
    );
    const { classes } = resolved(source);
    expect(packetFor(source, 'phones')).toMatchObject({ packet: { vlan: 7, vlanPriority: 5, dscp: 46 } });
    expect(packetFor(source, 'maker')).toMatchObject({ packet: { sourceMac: [2, 0, 0x5e, 0, 0, 0] } });
    expect(packetFor(source, 'ptp')).toMatchObject({ packet: { etherType: 0x88f7 } });
    expect(packetFor(source, 'syn')).toMatchObject({ packet: { protocol: 6, tcpFlags: 2 } });
    expect(packetFor(source, 'small')).toMatchObject({ packet: { length: 100 } });
    expect(packetFor(source, 'marked')).toMatchObject({ packet: { fwmark: 0x10 } });
    for (const { path } of classes) {
      const found = witness({ classes }, path);
      expect('packet' in found && classify(classes, found.packet).path).toBe(path);
    }
  });

  it('is found behind "not" within "not", and by the name of an application', () => {
    const source = classesText(
      '{name: mine, match: [{not: {protocol: [tcp], not: {ports: [22]}}, ipVersion: 4, dscp: [10]}]}',
      '{name: call, match: [{application: [voip], not: {dscp: [ef, va]}}]}',
      '{name: office, match: [{not: {application: [web, dns, scavenger]}, protocol: [tcp]}]}',
      '{name: rest, default: true}'
    );
    expect(packetFor(source, 'mine')).toMatchObject({ packet: { protocol: 17, dscp: 10 } });
    expect(packetFor(source, 'call')).toMatchObject({ packet: { protocol: 17, destinationPort: expect.any(Number) as number } }); // prettier-ignore
    expect(packetFor(source, 'office')).toMatchObject({ packet: { protocol: 6 } });
  });

  it('is not claimed where nobody can send it, and the reason is said', () => {
    const none = (match: string) => packetFor(classesText(`{name: a, match: [${match}]}`, '{name: rest, default: true}'), 'a'); // prettier-ignore
    const saying = (words: string) => ({ none: expect.stringContaining(words) as string });
    expect(none('{connmark: [5]}')).toEqual(saying('of tracked connections'));
    expect(none('{inputInterface: [lan0]}')).toEqual(saying('came in by that link alone'));
    expect(none('{length: [0-35]}')).toEqual(saying('36 to 1500 bytes'));
    expect(none('{length: [1501-9000], dscp: [ef]}')).toEqual(saying('36 to 1500 bytes'));
  });

  it('comes in by an interface only where a class asks for that', () => {
    const classes = resolved(
      classesText('{name: lan, match: [{inputInterface: [lan0, lan1], not: {dscp: [df]}}]}', '{name: tagged, match: [{inputInterface: lan1, vlan: 7}]}', '{name: both, match: [{inputInterface: lan0, connmark: 5}]}', '{name: rest, default: true}')
    ); // prettier-ignore
    expect(witness(classes, 'lan', { enters: true })).toMatchObject({ packet: { inputInterface: 'lan0', dscp: 1 } });
    expect(witness(classes, 'tagged', { enters: true })).toMatchObject({ packet: { inputInterface: 'lan1', vlan: 7 } });
    expect(witness(classes, 'both', { enters: true, tracks: true })).toMatchObject({ packet: { inputInterface: 'lan0', connmark: 5 } });
    expect(witness(classes, 'both', { enters: true })).toEqual({ none: expect.stringContaining('of tracked connections') as string });
    expect(witness(classes, 'rest', { enters: true })).not.toHaveProperty('packet.inputInterface');
  }); // prettier-ignore

  it('is of a connection with a mark where one can be sent', () => {
    const policy = resolved(
      classesText('{name: a, match: [{connmark: 0x10/0xf0, dscp: [ef]}]}', '{name: b, match: [{connmark: [0]}]}', '{name: rest, default: true}')
    ); // prettier-ignore
    expect(witness(policy, 'a', TRACKED)).toMatchObject({ packet: { protocol: 17, dscp: 46, connmark: 0x10 } });
    expect(witness(policy, 'b', TRACKED)).toMatchObject({ packet: { protocol: 17, connmark: 0 } });
    expect(witness(policy, 'rest', TRACKED)).not.toHaveProperty('packet.connmark');
    expect(witness(resolved(classesText('{name: a, match: [{connmark: [5], vlan: 7}]}', '{name: rest, default: true}')), 'a', TRACKED)).toEqual({ none: expect.stringContaining('without a tag') as string }); // prettier-ignore
  });

  it('has another DSCP than its connection keeps where that is restored', () => {
    const classes = ['{name: ef, match: [{dscp: [ef]}]}', '{name: both, match: [{dscp: [af11], connmark: 0x80/0x80}]}', '{name: tcp, match: [{protocol: tcp, dscp: [cs1]}]}', '{name: rest, default: true}']; // prettier-ignore
    const policy = { ...resolved(classesText(...classes)), restoreDscp: { mask: 0x3f, state: 0x80 } };
    expect(witness(policy, 'ef', TRACKED)).toMatchObject({ packet: { dscp: 0, connmark: 0x80 + 46 } });
    expect(witness(policy, 'both', TRACKED)).toMatchObject({ packet: { dscp: 0, connmark: 0x80 + 10 } });
    expect(witness(policy, 'tcp', TRACKED)).toMatchObject({ packet: { dscp: 8, protocol: 6 } });
    expect(witness(policy, 'rest', TRACKED)).toMatchObject({ packet: { dscp: 1, connmark: 0x80 } });
    expect(witness(policy, 'ef')).toMatchObject({ packet: { dscp: 46 } });
  });

  it('is found whenever any packet that can be sent belongs to the class', () => {
    const level = fc.array(fc.array(allClauses, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });
    const property = fc.property(level, level, fc.nat(4), fc.array(sent, { minLength: 5, maxLength: 40 }), (outer, inner, holder, some) => {
      const leaf = (path: string, match: ResolvedClass['match'], classes: ResolvedClass[] = []): ResolvedClass => ({
        path, name: path, source: '', match, default: match.length === 0, strict: false, priority: 3, guarantee: 0, ceiling: 1e6, share: 1,
        burst: undefined, queue: {}, objective: undefined, classes,
      });
      const below = (path: string) => [...inner.map((match, i) => leaf(`${path}/i${i}`, match)), leaf(`${path}/rest`, [])];
      const classes = [...outer, []].map((match, i) => leaf(`o${i}`, match, i === holder ? below(`o${i}`) : []));
      const reached = new Set(some.map((packet) => classify(classes, packet).path));
      for (const path of reached) {
        expect(witness({ classes }, path), path).toHaveProperty('packet');
      }
    }); // prettier-ignore
    fc.assert(property, { numRuns: 80 });
  });
});
