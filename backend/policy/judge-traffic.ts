/** What a policy forgets of the traffic on a link: the network's own control packets, and the other IP version. */
import { classify, type Packet } from './classify.ts';
import { finding } from './codes.ts';
import type { Edit, Finding, Fix } from './finding.ts';
import { freeName, freePercent, smallGuarantee } from './fixes.ts';
import type { Sharing } from './judge-sharing.ts';
import { families } from './matching.ts';
import { PROTOCOLS } from './quantities.ts';
import { flatten, type ResolvedClass } from './resolve.ts';
import type { Clause } from './schema.ts';

const CS6 = 48;
const EPHEMERAL = 49_152;

/** Routers mark these CS6 (RFC 4594, section 3.1); ports by IANA, BFD by RFC 5881 and RFC 5880's echo. */
const CONTROL: ReadonlyArray<{ name: string; packet: Packet }> = [
  { name: 'BGP', packet: { protocol: 6, sourcePort: EPHEMERAL, destinationPort: 179 } },
  { name: 'BGP', packet: { protocol: 6, sourcePort: 179, destinationPort: EPHEMERAL } },
  { name: 'OSPF', packet: { protocol: 89 } },
  { name: 'BFD', packet: { protocol: 17, sourcePort: EPHEMERAL, destinationPort: 3784 } },
  { name: 'BFD', packet: { protocol: 17, sourcePort: EPHEMERAL, destinationPort: 3785 } },
];
const CONTROL_CLASS = { dscp: ['cs6', 'cs7'] };

const everyLevelHasDefault = (classes: readonly ResolvedClass[]): boolean =>
  classes.some((item) => item.default) &&
  classes.every((item) => item.classes.length === 0 || everyLevelHasDefault(item.classes));

/** A class of its own, from what the first level has left or what its default class can spare. */
function controlClass(classes: readonly ResolvedClass[], bandwidth: number): Fix | undefined {
  const free = freePercent(classes, bandwidth);
  const fallback = classes.find((item) => item.default)!;
  const percent = free > 0 ? free : 5;
  const spare = fallback.guarantee - (bandwidth * percent) / 100;
  if (free === 0 && spare < (bandwidth * percent) / 100) {
    return undefined;
  }
  const name = freeName('control', new Set(flatten(classes).map((item) => item.name)));
  const value = { name, match: [CONTROL_CLASS], priority: 6, guarantee: `${percent}%` };
  const lowered: Edit[] = free > 0 ? [] : [{ op: 'set', path: `${fallback.source}.guarantee`, value: `${Math.floor((1000 * 100 * spare) / bandwidth) / 1000}%` }]; // prettier-ignore
  const from = free > 0 ? 'which is free' : `taken from "${fallback.name}"`;
  return {
    title: `Add a class for control traffic with ${percent}%, ${from}`,
    edits: [...lowered, { op: 'insert', path: 'spec.classes[0]', value }],
  };
}

export function judgeControl(sharing: Sharing): Finding[] {
  const { classes, ceiling: bandwidth } = sharing.link;
  if (!everyLevelHasDefault(classes)) {
    return [];
  }
  const all = flatten(classes);
  const landing = new Map<ResolvedClass, Set<string>>();
  for (const { name, packet } of CONTROL) {
    for (const family of [4, 6] as const) {
      const leaf = classify(classes, { ...packet, family, dscp: CS6 });
      landing.set(leaf, (landing.get(leaf) ?? new Set()).add(name));
    }
  }
  return [...landing].flatMap(([leaf, names]): Finding[] => {
    const what = `${[...names].join(', ')} as routers send it (CS6)`;
    const holder = sharing.holderOf(leaf);
    if (leaf.guarantee === 0 && sharing.starved(leaf)) {
      const message = `${what} goes to "${leaf.name}", which is guaranteed nothing and may be starved: when the link is full, keepalives wait and are dropped, sessions time out, and the routes they hold go with them.`;
      const fix = leaf.default ? controlClass(classes, bandwidth) : smallGuarantee(leaf, holder.classes, holder.guarantee); // prettier-ignore
      return [finding('CP-CONTROL-SHARE', leaf.source, message, 'Give control traffic a class with a guarantee, e.g. match: [{ dscp: [cs6, cs7] }] and guarantee: 5%.', fix)]; // prettier-ignore
    }
    // One class beside the default sorts out one kind of traffic, and does not mean to sort all.
    if (!leaf.default || all.length < 3) {
      return [];
    }
    const message = `${what} goes to "${leaf.name}" with everything that nobody named: when that is full, keepalives wait and are dropped with it.`;
    return [finding('CP-CONTROL-DEFAULT', leaf.source, message, 'Where routing protocols cross this link, give them a class: match: [{ dscp: [cs6, cs7] }].', controlClass(classes, bandwidth))]; // prettier-ignore
  });
}

const nameOf = (number: number) => Object.entries(PROTOCOLS).find(([, protocol]) => protocol.number === number)?.[0];
const TWINS: Readonly<Record<string, string>> = { icmp: 'icmpv6', icmpv6: 'icmp' };

/** The clause for both versions where only ICMP kept it to one; else it says which version is meant. */
function widened(clause: Clause, path: string, family: 4 | 6): Edit {
  const named = clause.protocol?.map(({ number }) => nameOf(number) ?? number) ?? [];
  const twins = named.flatMap((name) => TWINS[name] ?? []);
  const onlyByProtocol = twins.length > 0 && families({ ...clause, protocol: undefined }).length === 2;
  return onlyByProtocol
    ? { op: 'set', path: `${path}.protocol`, value: [...named, ...twins] }
    : { op: 'set', path: `${path}.ipVersion`, value: family };
}

/** Classes that see one IP version only without saying that this is meant. */
export function judgeFamilies(classes: readonly ResolvedClass[], given: readonly number[] = [4, 6]): Finding[] {
  return classes.flatMap((item): Finding[] => {
    const seen = item.default ? given : ([4, 6] as const).filter((family) => given.includes(family) && item.match.some((clause) => families(clause).includes(family))); // prettier-ignore
    const below = judgeFamilies(item.classes, seen);
    const [only] = seen;
    const implied = item.match.flatMap((clause, index) => (clause.ipVersion === undefined && families(clause).length === 1 ? [{ clause, path: `${item.source}.match[${index}]` }] : [])); // prettier-ignore
    if (seen.length !== 1 || given.length !== 2 || implied.length === 0) {
      return below;
    }
    const other = only === 4 ? 6 : 4;
    const edits = implied.map(({ clause, path }) => widened(clause, path, only as 4 | 6));
    const title = edits.some(({ path }) => path.endsWith('.protocol')) ? 'Match ICMP of both IP versions' : `Say that IPv${only} is meant`; // prettier-ignore
    const message = `"${item.name}" matches IPv${only} alone, by its addresses or protocols. The same traffic over IPv${other} does not reach it and goes to the default class of this level.`;
    return [finding('CP-FAMILY-FORGOTTEN', `${item.source}.match`, message, `Add what IPv${other} has for it, or say ipVersion: ${only} where that is meant.`, item.classes.length === 0 ? { title, edits } : undefined), ...below]; // prettier-ignore
  });
}
