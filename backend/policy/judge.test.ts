import { describe, expect, it } from 'vitest';
import { CODES } from './codes.ts';
import { capped, type Finding } from './finding.ts';
import { judge } from './judge.ts';
import { LATER_KINDS } from './schema.ts';
import { classesText, findingsOf, placesOf, policyText, specOf } from './testing.ts';

const DEFAULT = '{name: rest, default: true}';
const EF = 'match: [{dscp: ef}]';

/** A policy with exactly one thing wrong with it, and exactly what is said of that. */
const samples: Array<[title: string, source: string, said: Partial<Finding>]> = [
  [
    'a percent as bandwidth',
    policyText(`{bandwidth: 10%, classes: [\n${DEFAULT}]}`),
    { code: 'CP-BANDWIDTH', severity: 'error', line: 4, column: 2, path: 'spec.bandwidth', message: 'The bandwidth of a link is a rate of its own, not a percent.', hint: 'Write e.g. bandwidth: 19mbit.' },
  ],
  [
    'a link of nothing',
    policyText(`{bandwidth: 0mbit, classes: [\n${DEFAULT}]}`),
    { code: 'CP-BANDWIDTH', line: 4, path: 'spec.bandwidth', message: 'A link of 0 bit/s carries nothing.' },
  ],
  [
    'a link of less than the kernel counts',
    policyText(`{bandwidth: 7bit, classes: [\n${DEFAULT}]}`),
    { code: 'CP-BANDWIDTH', line: 4, path: 'spec.bandwidth', message: 'A link of 7 bit/s carries nothing.' },
  ],
  [
    'no bandwidth',
    policyText(`{classes: [\n${DEFAULT}]}`),
    { code: 'CP-BANDWIDTH-UNKNOWN', severity: 'info', line: 3, path: 'spec.bandwidth', message: 'The policy names no bandwidth: sums are judged when a binding or an interface gives one.' },
  ],
  [
    'one name twice',
    classesText(`{name: a, ${EF}}`, DEFAULT, '{name: b, match: [{dscp: le}], classes: [{name: a, default: true}]}'),
    { code: 'CP-NAME-TWICE', severity: 'error', line: 7, path: 'spec.classes[2].classes[0].name', message: '"a" is already the name of spec.classes[0]; a class is known by its name.' },
  ],
  [
    'a level without default',
    classesText(`{name: a, ${EF}, classes: [{name: b, match: [{ipVersion: 4}]}]}`, DEFAULT),
    { code: 'CP-DEFAULT-MISSING', severity: 'error', line: 5, path: 'spec.classes[0].classes', message: 'No class of this level is the default, so packets that match nothing would leave unshaped.', hint: 'Add a class with default: true.' },
  ],
  [
    'two defaults',
    classesText(DEFAULT, '{name: more,\ndefault: true}'),
    { code: 'CP-DEFAULT-TWICE', severity: 'error', line: 7, path: 'spec.classes[1].default', message: '"rest" is already the default of this level.' },
  ],
  [
    'a default with a match',
    classesText(`{name: rest, default: true, ${EF}}`),
    { code: 'CP-DEFAULT-MATCH', severity: 'error', line: 5, column: 29, path: 'spec.classes[0].match', message: '"rest" is the default: it takes what no other class matched, so it has no match of its own.' },
  ],
  [
    'a class that nothing reaches',
    classesText('{name: a}', DEFAULT),
    { code: 'CP-MATCH-MISSING', severity: 'error', line: 5, column: 1, path: 'spec.classes[0]', message: '"a" says neither what matches nor that it is the default: no packet would reach it.', hint: 'Add match, or default: true.' },
  ],
  [
    'addresses of two IP versions in one clause',
    classesText("{name: a, match: [{dscp: ef}, {source: 192.0.2.0/24, destination: '2001:db8::/32'}]}", DEFAULT),
    { code: 'CP-MATCH-IMPOSSIBLE', severity: 'error', line: 5, column: 31, path: 'spec.classes[0].match[1]', message: 'No packet can satisfy this clause: it asks for IPv4 and IPv6 in one packet.' },
  ],
  [
    'a protocol of the other IP version',
    classesText('{name: a, match: [{protocol: icmp, ipVersion: 6}]}', DEFAULT),
    { code: 'CP-MATCH-IMPOSSIBLE', path: 'spec.classes[0].match[0]', message: 'No packet can satisfy this clause: it asks for IPv4 and IPv6 in one packet.' },
  ],
  [
    'ports of a protocol without ports',
    classesText('{name: a, match: [{protocol: [gre, esp], ports: 53}]}', DEFAULT),
    { code: 'CP-MATCH-IMPOSSIBLE', line: 5, path: 'spec.classes[0].match[0]', message: 'No packet can satisfy this clause: it asks for ports of a protocol that has none.' },
  ],
  [
    'ports that neither side may have',
    classesText('{name: a, match: [{ports: 53, sourcePorts: 1-52, destinationPorts: 54-60}]}', DEFAULT),
    { code: 'CP-MATCH-IMPOSSIBLE', path: 'spec.classes[0].match[0]', message: 'No packet can satisfy this clause: its ports are neither among its source ports nor among its destination ports.' },
  ],
  [
    'a clause behind a wider one',
    classesText('{name: a, match: [{dscp: [ef, va]}]}', '{name: b, match: [{dscp: le}, {dscp: ef, protocol: udp}]}', DEFAULT),
    { code: 'CP-MATCH-HIDDEN', severity: 'warning', line: 6, path: 'spec.classes[1].match[1]', message: '"a" stands earlier and takes every packet of this clause, so none reaches "b".', hint: 'Move "b" before "a", or narrow the earlier match.' },
  ],
  [
    'more promised than there is',
    classesText(`{name: a, strict: true, ${EF}, guarantee: 20%}`, '{name: b, match: [{dscp: le}],\nguarantee: 5mbit}', '{name: rest, default: true, guarantee: 4mbit}'),
    { code: 'CP-GUARANTEE-SUM', severity: 'error', line: 7, column: 1, path: 'spec.classes[1].guarantee', message: 'Guarantees add up to 11 Mbit/s, but the link has 10 Mbit/s: when everything is full, 1 Mbit/s of what was promised does not exist (a 2 Mbit/s + b 5 Mbit/s + rest 4 Mbit/s).', hint: 'Lower guarantees by 1 Mbit/s in all.' },
  ],
  [
    'more promised than the parent has',
    classesText(`{name: a, ${EF}, guarantee: 1mbit, classes: [{name: b, default: true, guarantee: 2mbit}]}`, DEFAULT),
    { code: 'CP-GUARANTEE-SUM', path: 'spec.classes[0].classes[0].guarantee', message: 'Guarantees add up to 2 Mbit/s, but "a" has 1 Mbit/s: when everything is full, 1 Mbit/s of what was promised does not exist (b 2 Mbit/s).' },
  ],
  [
    'a guarantee above its ceiling',
    classesText('{name: rest, default: true, guarantee: 50%, ceiling: 4mbit}'),
    { code: 'CP-GUARANTEE-CEILING', severity: 'error', line: 5, path: 'spec.classes[0].guarantee', message: '"rest" is guaranteed 5 Mbit/s but may never exceed 4 Mbit/s.' },
  ],
  [
    'a percent of a guarantee that is not there',
    classesText(`{name: a, ${EF}, classes: [{name: b, default: true, guarantee: 50%}]}`, DEFAULT),
    { code: 'CP-GUARANTEE-PARENT', severity: 'error', line: 5, path: 'spec.classes[0].classes[0].guarantee', message: '"b" is guaranteed a percent of "a", which has no guarantee itself.', hint: 'Give "a" a guarantee, or write this one as a rate.' },
  ],
  [
    'a ceiling above the parent’s',
    classesText(`{name: a, ${EF}, ceiling: 2mbit, classes: [{name: b, default: true, ceiling: 3mbit}]}`, DEFAULT),
    { code: 'CP-CEILING-PARENT', severity: 'error', line: 5, path: 'spec.classes[0].classes[0].ceiling', message: '"b" may send 3 Mbit/s, but "a" carries at most 2 Mbit/s.' },
  ],
  [
    'a class that may send nothing',
    classesText(`{name: a, ${EF}, ceiling: 0%}`, DEFAULT),
    { code: 'CP-CEILING-ZERO', severity: 'error', line: 5, path: 'spec.classes[0]', message: '"a" has a ceiling of 0 bit/s: none of its packets would ever leave.' },
  ],
  [
    'a class that may send less than the kernel counts',
    classesText(`{name: a, ${EF}, ceiling: 7bit}`, DEFAULT),
    { code: 'CP-CEILING-ZERO', path: 'spec.classes[0]', message: '"a" has a ceiling of 7 bit/s: none of its packets would ever leave.' },
  ],
  [
    'a strict class without a rate',
    classesText(`{name: a, strict: true, ${EF}}`, DEFAULT),
    { code: 'CP-STRICT-RATE', severity: 'error', line: 5, path: 'spec.classes[0]', message: '"a" is strict and has no guarantee: without a rate of its own it could starve every other class.', hint: 'Add guarantee, e.g. guarantee: 10%.' },
  ],
  [
    'a strict class with two rates',
    classesText(`{name: a, strict: true, ${EF}, guarantee: 10%, ceiling: 20%}`, DEFAULT),
    { code: 'CP-STRICT-FIGURES', severity: 'error', line: 5, path: 'spec.classes[0].ceiling', message: '"a" is strict: guarantee (1 Mbit/s) and ceiling (2 Mbit/s) are one figure.', hint: 'Remove one of them.' },
  ],
  [
    'a strict class with a priority',
    classesText(`{name: a, strict: true, ${EF}, guarantee: 10%, priority: 6}`, DEFAULT),
    { code: 'CP-STRICT-PRIORITY', severity: 'error', line: 5, path: 'spec.classes[0].priority', message: '"a" is strict: it is served before every priority.', hint: 'Remove priority.' },
  ],
  [
    'a strict class with children',
    classesText(`{name: a, strict: true, ${EF}, guarantee: 10%, classes: [${DEFAULT}]}`, '{name: b, default: true}'),
    { code: 'CP-STRICT-CHILDREN', severity: 'error', line: 5, path: 'spec.classes[0].classes', message: '"a" is strict and cannot be divided: the kernel ignores the priority of a class that has children.', hint: 'Make each child a strict class of the level above.' },
  ],
  [
    'a strict default',
    classesText('{name: rest, default: true, strict: true, guarantee: 10%}'),
    { code: 'CP-STRICT-DEFAULT', severity: 'error', line: 5, path: 'spec.classes[0].strict', message: '"rest" takes all unknown traffic; served before all others it would let anyone starve the link.', hint: 'Remove strict or choose another default.' },
  ],
  [
    'too much of the link strict',
    classesText(DEFAULT, `{name: a, strict: true, ${EF}, guarantee: 34%}`),
    { code: 'CP-STRICT-SHARE', severity: 'warning', line: 6, path: 'spec.classes[1]', message: 'Strict classes may take 34 % of the link before anyone else is served. Cisco recommends at most 33 %, so that the others are not starved in a burst.' },
  ],
  [
    'a police and a ceiling of one class',
    classesText(`{name: a, ${EF}, guarantee: 1mbit, ceiling: 4mbit, police: {rate: 2mbit}}`, '{name: rest, default: true, guarantee: 9mbit}'),
    { code: 'CP-LIMITED-TWICE', severity: 'warning', line: 5, path: 'spec.classes[0].police', message: '"a" is limited twice: policed to 2 Mbit/s on arrival and held to 4 Mbit/s behind that; what is above the first is dropped at once, so that the ceiling never holds anything back and its queue has nothing to smooth.', hint: 'Keep one: the ceiling, which lets a burst wait, or the police, which drops it.' },
  ],
  [
    'a queue above queues',
    classesText(`{name: a, ${EF}, queue: {limit: 10p}, classes: [${DEFAULT}]}`, '{name: b, default: true}'),
    { code: 'CP-QUEUE-INNER', severity: 'error', line: 5, path: 'spec.classes[0].queue', message: '"a" has children, so its packets wait in their queues and not in one of its own.', hint: 'Give the queue to the children.' },
  ],
  [
    'a figure that the queue does not have',
    classesText('{name: rest, default: true, queue: {algorithm: pfifo, target: 5ms}}'),
    { code: 'CP-QUEUE-FIGURE', severity: 'error', line: 5, path: 'spec.classes[0].queue.target', message: 'The queue pfifo has no target, so it would be ignored.', hint: 'Remove target, or choose fq_codel.' },
  ],
  [
    'a limit in bytes of a queue that counts packets',
    classesText('{name: rest, default: true, queue: {algorithm: sfq, limit: 32KiB}}'),
    { code: 'CP-QUEUE-FIGURE', path: 'spec.classes[0].queue.limit', message: 'The queue sfq counts packets, not bytes.', hint: 'Write e.g. limit: 127p.' },
  ],
  [
    'a scheduler that cannot hold a ceiling',
    policyText(`{bandwidth: 10mbit, scheduler: drr, classes: [\n{name: a, ${EF}, ceiling: 1mbit},\n${DEFAULT}]}`),
    { code: 'CP-SCHEDULER', severity: 'error', line: 5, path: 'spec.classes[0].ceiling', message: 'DRR cannot hold this: "a" is held to 1 Mbit/s, and a class may always take what is left over.', hint: 'Schedulers that hold this policy: htb, hfsc, cbwfq, llq.' },
  ],
  [
    'a scheduler that may fall silent',
    policyText(`{bandwidth: 10mbit, scheduler: hfsc, classes: [\n{name: a, ${EF}, guarantee: 1mbit},\n${DEFAULT}]}`),
    { code: 'CP-HFSC-LINK', severity: 'warning', line: 4, path: 'spec.scheduler', fix: { title: 'Schedule with htb, which goes on', edits: [{ op: 'set', path: 'spec.scheduler', value: 'htb' }] } },
  ],
  [
    'a priority above leaves',
    classesText(`{name: a, ${EF}, priority: 5, classes: [${DEFAULT}]}`, '{name: b, default: true}'),
    { code: 'CP-INNER-SHARING', severity: 'warning', line: 5, path: 'spec.classes[0].priority', message: '"a" has children: what is left over goes to leaves, and the kernel ignores the priority of a class above them.', hint: 'Give priority to the children.' },
  ],
  [
    'a share above leaves',
    classesText(`{name: a, ${EF}, share: 5, classes: [${DEFAULT}]}`, '{name: b, default: true}'),
    { code: 'CP-INNER-SHARING', path: 'spec.classes[0].share' },
  ],
  [
    'an eighth level',
    classesText(Array.from({ length: 8 }, (_, i) => `{name: d${i}, default: true, classes: [`).join('') + DEFAULT + ']}'.repeat(8)),
    { code: 'CP-TOO-DEEP', severity: 'error', line: 5, path: `spec${'.classes[0]'.repeat(7)}.classes`, message: 'Classes nest 8 deep here; the kernel holds 7 below the link.' },
  ],
  [
    'more classes than a tree holds',
    policyText(`{bandwidth: 10mbit, classes: [${Array.from({ length: 8001 }, (_, i) => `{name: c${i}}`).join(', ')}]}`),
    { code: 'CP-TOO-MANY', severity: 'error', line: 4, path: 'spec.classes', message: '8001 classes: one tree holds at most 8000.' },
  ],
  [
    'a clause that others hide together',
    classesText('{name: a, match: [{dscp: ef, ipVersion: 4}]}', '{name: b, match: [{dscp: ef, ipVersion: 6}]}', `{name: c, ${EF}}`, DEFAULT),
    { code: 'CP-CLASS-UNREACHABLE', severity: 'warning', line: 7, path: 'spec.classes[2]', message: 'No packet reaches "c": each of its clauses is taken by an earlier class or is of packets that never get here. Its queue stays empty and its objective is never measured.', hint: 'Move it, widen its match, or remove it.' },
  ],
  [
    'a child for what its parent never gets',
    classesText('{name: a, match: [{protocol: tcp}], classes: [{name: b, match: [{protocol: udp}]}, {name: c, default: true}]}', DEFAULT),
    { code: 'CP-MATCH-OUTSIDE', severity: 'warning', line: 5, path: 'spec.classes[0].classes[0].match[0]', message: '"b" is looked for inside "a" only, which never gets a packet of this clause.', hint: 'Widen the match of "a", or move the class out of it.' },
  ],
  [
    'two classes that share packets',
    classesText(`{name: a, ${EF}}`, '{name: b, match: [{dscp: le}, {protocol: udp}]}', DEFAULT),
    { code: 'CP-MATCH-OVERLAP', severity: 'info', line: 6, path: 'spec.classes[1].match', message: '"b" shares packets with classes that stand earlier and take them: what is DSCP EF as well as UDP goes to "a".', hint: 'Where those are meant for "b", move it up or narrow the earlier match.' },
  ],
  [
    'a class for IPv4 alone',
    classesText('{name: a, match: [{source: 192.0.2.0/24}]}', '{name: b, match: [{source: 192.0.2.0/25, ipVersion: 4}]}', DEFAULT),
    { code: 'CP-FAMILY-FORGOTTEN', severity: 'info', line: 5, path: 'spec.classes[0].match', message: '"a" matches IPv4 alone, by its addresses or protocols. The same traffic over IPv6 does not reach it and goes to the default class of this level.', hint: 'Add what IPv6 has for it, or say ipVersion: 4 where that is meant.', fix: { title: 'Say that IPv4 is meant', edits: [{ op: 'set', path: 'spec.classes[0].match[0].ipVersion', value: 4 }] } },
  ],
  [
    'ping of IPv4 alone',
    classesText('{name: a, match: [{protocol: icmp}]}', DEFAULT),
    { code: 'CP-FAMILY-FORGOTTEN', path: 'spec.classes[0].match', fix: { title: 'Match ICMP of both IP versions', edits: [{ op: 'set', path: 'spec.classes[0].match[0].protocol', value: ['icmp', 'icmpv6'] }] } },
  ],
  [
    'routing in a class that is owed nothing',
    classesText(`{name: a, ${EF}, priority: 6}`, DEFAULT),
    { code: 'CP-CONTROL-SHARE', severity: 'warning', line: 6, path: 'spec.classes[1]', message: 'BGP, OSPF, BFD as routers send it (CS6) goes to "rest", which is guaranteed nothing and may be starved: when the link is full, keepalives wait and are dropped, sessions time out, and the routes they hold go with them.' },
  ],
  [
    'routing with everything that nobody named',
    classesText('{name: rest, default: true, guarantee: 80%}', `{name: a, ${EF}, guarantee: 10%}`, '{name: b, match: [{dscp: le}], guarantee: 10%}'),
    { code: 'CP-CONTROL-DEFAULT', severity: 'info', line: 5, path: 'spec.classes[0]', fix: { title: 'Add a class for control traffic with 5%, taken from "rest"', edits: [{ op: 'set', path: 'spec.classes[0].guarantee', value: '75%' }, { op: 'insert', path: 'spec.classes[0]', value: { name: 'control', match: [{ dscp: ['cs6', 'cs7'] }], priority: 6, guarantee: '5%' } }] } },
  ],
  [
    'a class that a more important one may starve',
    classesText(`{name: a, ${EF}, priority: 6, guarantee: 10%}`, '{name: rest, default: true, priority: 0}'),
    { code: 'CP-STARVATION', severity: 'warning', line: 6, path: 'spec.classes[1]', message: '"rest" is guaranteed nothing. When "a" sends all it may, nothing of the link is left for it: it gets the 8 kbit/s that the kernel gives at least, and its connections stall.', fix: { title: 'Guarantee "rest" 5%, which is free', edits: [{ op: 'set', path: 'spec.classes[1].guarantee', value: '5%' }] } },
  ],
  [
    'more classes than their least rates leave room for',
    policyText(`{bandwidth: 64kbit, classes: [\n${['ef', 'va', 'af41', 'af31', 'af21', 'af11', 'cs3', 'cs2'].map((dscp, i) => `{name: c${i}, match: [{dscp: ${dscp}}]}`).join(', ')}, ${DEFAULT}]}`),
    { code: 'CP-LEAST-RATE', severity: 'warning', line: 4, path: 'spec.classes', message: 'The kernel gives each class without a guarantee 8 kbit/s. With the guarantees that is 72 kbit/s, but the link has 64 kbit/s: when everything is full, more leaves than it carries, and packets wait where nobody sorts them.' },
  ],
  [
    'more promised than there is, on purpose',
    policyText(`{bandwidth: 10mbit, oversubscribe: {reason: contract 7}, classes: [\n{name: a, strict: true, ${EF}, guarantee: 2mbit}, {name: b, match: [{dscp: le}], guarantee: 8mbit}, {name: rest, default: true, guarantee: 8mbit}]}`),
    { code: 'CP-OVERSUBSCRIBED', severity: 'warning', line: 5, path: 'spec.classes[1].guarantee', message: 'Guarantees add up to 18 Mbit/s, but the link has 10 Mbit/s, on purpose: when everything is full, each gets its part (a 2 Mbit/s of 2 Mbit/s, b 4 Mbit/s of 8 Mbit/s, rest 4 Mbit/s of 8 Mbit/s).' },
  ],
  [
    'strict classes that no purpose makes fit',
    policyText(`{bandwidth: 10mbit, oversubscribe: {reason: contract 7}, classes: [\n{name: a, strict: true, ${EF}, guarantee: 6mbit}, {name: b, strict: true, match: [{dscp: va}], guarantee: 6mbit}, ${DEFAULT}]}`),
    { code: 'CP-GUARANTEE-SUM', severity: 'error', path: 'spec.classes[0].guarantee', message: expect.stringMatching(/Strict classes keep theirs whole, so oversubscribe cannot make it fit\.$/) as string },
  ],
  [
    'a burst below what passes between two wake-ups',
    policyText(`{bandwidth: 1gbit, classes: [\n{name: rest, default: true, burst: 10KiB}]}`),
    { code: 'CP-BURST', severity: 'warning', line: 5, path: 'spec.classes[0].burst', message: '"rest" may send 10240 B at once, but the kernel’s timer wakes it only every 200 µs: it reaches about 409.6 Mbit/s of its 1 Gbit/s. 25000 B would do.', fix: { title: 'Let the burst be computed', edits: [{ op: 'remove', path: 'spec.classes[0].burst' }] } },
  ],
  [
    'a queue that takes seconds',
    classesText(`{name: a, ${EF}, guarantee: 1mbit, queue: {algorithm: pfifo, limit: 1000p}}`, DEFAULT),
    { code: 'CP-QUEUE-LATENCY', severity: 'warning', line: 5, path: 'spec.classes[0].queue.limit', message: 'At 1 Mbit/s a full queue of 1000 packets takes 12.11 s: whoever waits behind it notices.', fix: { title: 'Hold 9 packets at most', edits: [{ op: 'set', path: 'spec.classes[0].queue.limit', value: '9p' }] } },
  ],
  [
    'a rate at which no queue is short',
    classesText(`{name: a, ${EF}, guarantee: 64kbit}`, DEFAULT),
    { code: 'CP-QUEUE-LATENCY', path: 'spec.classes[0].queue', message: 'At 64 kbit/s one and a half full frames, the least that the queue lets wait, take 283.88 ms: whoever waits behind it notices.' },
  ],
  [
    'an objective of a class that is owed nothing',
    classesText(`{name: a, ${EF}, objective: {throughput: 80%}}`, DEFAULT),
    { code: 'CP-OBJECTIVE-GUARANTEE', severity: 'warning', line: 5, path: 'spec.classes[0].objective', message: '"a" has an objective and is guaranteed nothing, and others may take all there is: when the link is full, the objective is violated. Its throughput is a percent of a guarantee of nothing.' },
  ],
  [
    'an objective below the time of one frame',
    policyText(`{bandwidth: 512kbit, classes: [\n{name: a, strict: true, ${EF}, guarantee: 30%, objective: {latency: {p50: 1s, p95: 20ms}}}, ${DEFAULT}]}`),
    { code: 'CP-OBJECTIVE-LINK', severity: 'warning', line: 5, path: 'spec.classes[0].objective.latency.p95', message: 'One full frame of 1514 B holds a link of 512 kbit/s for 23.66 ms, and what is on the wire is not called back: a packet of "a" that comes just behind one is later than 20 ms.' },
  ],
  [
    'an objective shorter than the queue',
    classesText(`{name: a, ${EF}, guarantee: 5mbit, queue: {target: 50ms}, objective: {latency: {p95: 20ms}}}`, DEFAULT),
    { code: 'CP-OBJECTIVE-QUEUE', severity: 'warning', line: 5, path: 'spec.classes[0].queue.target', message: 'At 5 Mbit/s the queue lets packets wait 50 ms, but "a" is owed 20 ms: as soon as its queue fills, the objective is violated.', fix: { title: 'Let the queue’s target be computed', edits: [{ op: 'remove', path: 'spec.classes[0].queue.target' }] } },
  ],
  [
    'so many classes that a change takes long',
    policyText(`{bandwidth: 100gbit, classes: [${Array.from({ length: 4001 }, (_, i) => `{name: c${i}, match: [{dscp: ${i % 64}, destinationPorts: ${1 + i}}]}`).join(', ')}, ${DEFAULT}]}`),
    { code: 'CP-MANY', severity: 'warning', path: 'spec.classes', message: '4002 classes in one tree: the kernel walks all of them for each that is added, so that bringing this into force takes seconds, in which nobody else changes the interface.' },
  ],
  ...(['latency: {oneWay: true, p95: 1ms}', 'queueDepth: 10p', 'availability: 99%', 'mos: 4', 'period: 30d', 'target: 95%', 'contract: {loss: 1%}']).map((term): [string, string, Partial<Finding>] => {
    const key = term.startsWith('latency') ? 'latency.oneWay' : term.slice(0, term.indexOf(':'));
    return [
      `the objective ${key}, which is not measured`,
      classesText(`{name: rest, default: true, objective: {${term}}}`),
      { code: 'CP-OBJECTIVE-UNMEASURED', severity: 'info', line: 5, path: `spec.classes[0].objective.${key}`, message: `"${key}" is kept, but this version does not measure it: the panel shows it as not measured, never as met.` },
    ];
  }),
]; // prettier-ignore

describe('a policy that is sound', () => {
  it('has nothing said of it', () => {
    const text = classesText(
      `{name: voice, strict: true, ${EF}, guarantee: 30%, objective: {latency: {p95: 20ms}, jitter: {p95: 5ms}, loss: 0.1%}}`,
      '{name: video, match: [{dscp: [af41, af42]}], guarantee: 30%, ceiling: 60%, classes: [{name: live, priority: 5, match: [{destinationPorts: 5004}], guarantee: 50%}, {name: recorded, default: true, guarantee: 30%}]}',
      '{name: control, match: [{dscp: [cs6, cs7]}], priority: 6, guarantee: 10%}',
      '{name: rest, default: true, guarantee: 30%, queue: {algorithm: sfq, limit: 100p, quantum: 1514B}}'
    );
    expect(findingsOf(text)).toEqual([]);
  });
  it('may be one default class', () => {
    expect(findingsOf(policyText('{bandwidth: 10mbit}'))).toEqual([]);
  });
  it('is allowed what rounding of percents adds', () => {
    const thirds = ['ef', 'le', 'af41'].map(
      (dscp, i) => `{name: a${i}, match: [{dscp: ${dscp}}], guarantee: 33.33333%}`
    );
    const text = classesText(...thirds, '{name: rest, default: true, guarantee: 0.00001%}');
    for (const bandwidth of [1e6 + 1, 1e6 + 2, 9_999_999, 123_456_789]) {
      expect(findingsOf(text, bandwidth).filter(({ severity }) => severity === 'error')).toEqual([]);
    }
  });
});

describe('what is wrong with a policy', () => {
  it.each(samples)('says of %s what and where', (_, source, said) => {
    const found = findingsOf(source);
    expect(found.filter((item) => item.code === said.code)).toEqual([expect.objectContaining({ document: 'Policy/p', ...said })]); // prettier-ignore
    const beside = found
      .filter((item) => item.code !== said.code && item.severity === 'error')
      .map((item) => item.code);
    expect(beside).toEqual(said.code === 'CP-STRICT-DEFAULT' ? [] : beside.filter((code) => code === 'CP-TOO-DEEP'));
  });
  it('judges matches without a bandwidth too', () => {
    const text = policyText(`{classes: [\n{name: a, match: [{protocol: gre, ports: 1}]},\n${DEFAULT}]}`);
    expect(placesOf(findingsOf(text))).toEqual(['CP-MATCH-IMPOSSIBLE 5 spec.classes[0].match[0]', 'CP-BANDWIDTH-UNKNOWN 3 spec.bandwidth']); // prettier-ignore
  });
  it('judges sums for the link that it is asked about', () => {
    const spec = specOf(classesText('{name: rest, default: true, guarantee: 9mbit}'));
    expect(judge('p', spec)).toEqual([]);
    expect(judge('p', spec, 8e6).map((item) => item.code)).toEqual(['CP-GUARANTEE-CEILING', 'CP-GUARANTEE-SUM']);
  });
  it('counts strict guarantees whole', () => {
    const text = classesText(
      `{name: a, strict: true, ${EF}, guarantee: 30%}`,
      '{name: rest, default: true, guarantee: 80%}'
    );
    expect(findingsOf(text).map((item) => item.code)).toContain('CP-GUARANTEE-SUM');
  });
  it('does not hold others up, however much there is to compare', () => {
    const clauses = (dscp: string) => `match: [${`{dscp: ${dscp}}, `.repeat(4000)}{dscp: 9}]`;
    const ports = Array.from({ length: 1024 }, (_, i) => i + 1).join(', ');
    const wide = Array.from(
      { length: 20 },
      (_, i) => `{name: w${i}, match: [{ports: [${ports}], sourcePorts: [${ports}]}]}`
    );
    const text = classesText(`{name: a, ${clauses('1')}}`, `{name: b, ${clauses('2')}}`, ...wide, DEFAULT);
    const spec = specOf(text);
    const began = process.cpuUsage();
    judge('p', spec);
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(5000);
  });
});

describe('the table of codes', () => {
  it('has every severity of a cut list ordered, errors first', () => {
    const many = ['info', 'warning', 'error'].flatMap((severity) => Array.from({ length: 300 }, (): Finding => ({ code: severity, severity: severity as Finding['severity'], path: '', message: '' }))); // prettier-ignore
    const cut = capped(many);
    expect([cut.length, cut[0]!.code, cut[299]!.code, cut[300]!.code, cut.at(-1)!.code]).toEqual([501, 'error', 'error', 'warning', 'CP-MORE']); // prettier-ignore
    expect(capped(many.slice(0, 500))).toEqual(many.slice(0, 500));
  });
  it('has no code that these tests do not make', () => {
    const made = new Set([
      ...samples.map(([, , said]) => said.code),
      ...(LATER_KINDS.length > 0 ? ['CP-NOT-YET'] : []),
      ...Object.keys(CODES).filter((code) => code.startsWith('CP-VARIABLE')), // variables.test.ts
      'CP-INGRESS-UNSEEN', // judge-ingress.test.ts
      // Of targets and bindings: documents.test.ts. Of reading a text: document.test.ts. Of thousands of rules: judge-matches.test.ts.
      // Of stored documents together: backend/api/documents.test.ts.
      'CP-UNREADABLE', 'CP-IN-FORCE', 'CP-MATCH-UNCHECKED', 'CP-REFERENCE', 'CP-INTERFACE', 'CP-BINDING-CONFLICT', 'CP-SCHEDULE-OVERLAP', 'CP-MORE', 'CP-YAML', 'CP-EMPTY', 'CP-UNKNOWN-KEY', 'CP-INVALID', 'CP-DUPLICATE',
    ]); // prettier-ignore
    expect(Object.keys(CODES).filter((code) => !made.has(code))).toEqual([]);
    expect(samples.every(([, , said]) => said.severity === undefined || CODES[said.code as keyof typeof CODES].severity === said.severity)).toBe(true); // prettier-ignore
  });
});

describe('a class that is limited twice', () => {
  const limited = (more: string) => findingsOf(classesText(`{name: bulk, match: [{dscp: le}], guarantee: 1mbit, ${more}}`, '{name: rest, default: true, guarantee: 9mbit}')).filter(({ code }) => code === 'CP-LIMITED-TWICE'); // prettier-ignore
  it('is one with a police that drops and a ceiling of its own, told by which of the two comes first', () => {
    expect(limited('ceiling: 4mbit, police: {rate: 2mbit}')[0]).toMatchObject({ path: 'spec.classes[0].police', message: expect.stringContaining('the ceiling never holds anything back') as string, fix: { edits: [{ op: 'remove', path: 'spec.classes[0].police' }] } }); // prettier-ignore
    expect(limited('ceiling: 4mbit, police: {rate: 6mbit}')[0]!.message).toContain('loses packets at two places');
  });
  it('is none with one of them, or with a police that only marks', () => {
    expect(limited('ceiling: 4mbit')).toEqual([]);
    expect(limited('police: {rate: 2mbit}')).toEqual([]);
    expect(limited('ceiling: 4mbit, police: {rate: 2mbit, exceed: {dscp: cs1}}')).toEqual([]);
  });
});
