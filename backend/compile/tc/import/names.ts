/** Names for classes of a tree, which has none: by what they take, where that is well known, else by their classid. */
import { DSCP_NAMES } from '../../../policy/quantities.ts';
import type { Clause } from '../../../policy/schema.ts';

/** Service classes by code point (RFC 4594, RFC 5865, RFC 8622). */
const BY_DSCP: ReadonlyArray<readonly [string, readonly string[]]> = [
  ['voice', ['ef', 'va']],
  ['control', ['cs6', 'cs7']],
  ['signalling', ['cs5']],
  ['video-conference', ['af41', 'af42', 'af43']],
  ['realtime', ['cs4']],
  ['streaming', ['af31', 'af32', 'af33']],
  ['broadcast', ['cs3']],
  ['transactional', ['af21', 'af22', 'af23']],
  ['management', ['cs2']],
  ['bulk', ['af11', 'af12', 'af13']],
  ['background', ['le', 'cs1']],
];
const BY_PORT: ReadonlyArray<readonly [string, readonly number[]]> = [
  ['ssh', [22]], ['dns', [53]], ['mail', [25, 110, 143, 465, 587, 993, 995]], ['web', [80, 443, 8080]], ['ftp', [20, 21]],
  ['sip', [5060, 5061]], ['ntp', [123]], ['snmp', [161, 162]], ['bgp', [179]], ['rdp', [3389]], ['rsync', [873]],
]; // prettier-ignore
const BY_PROTOCOL: Readonly<Record<number, string>> = { 1: 'icmp', 58: 'icmp', 47: 'gre', 50: 'ipsec', 89: 'ospf' };

/** A name that every clause agrees with. */
function wellKnown(clauses: readonly Clause[]): string | undefined {
  const names = clauses.map((clause) => {
    const ports = [...(clause.ports ?? []), ...(clause.sourcePorts ?? []), ...(clause.destinationPorts ?? [])];
    if (clause.dscp) {
      return BY_DSCP.find(([, codes]) =>
        clause.dscp!.every((code) => codes.some((name) => DSCP_NAMES[name] === code))
      )?.[0];
    }
    if (ports.length > 0) {
      return BY_PORT.find(([, known]) => ports.every(({ from, to }) => from === to && known.includes(from)))?.[0];
    }
    const alone = Object.keys(clause).every((key) => key === 'protocol' || key === 'ipVersion');
    return alone
      ? clause.protocol
          ?.map(({ number }) => BY_PROTOCOL[number])
          .reduce<string | undefined>((a, b) => (a === b ? a : undefined), BY_PROTOCOL[clause.protocol[0]!.number])
      : undefined;
  });
  return names.length > 0 && names.every((name) => name === names[0]) ? names[0] : undefined;
}

/** Gives each class a name of its own. */
export class Names {
  private readonly taken = new Set<string>();
  private readonly known: ReadonlyMap<number, string>;
  constructor(known: ReadonlyMap<number, string> = new Map()) {
    this.known = known;
  }
  /** @param what it is, when nothing else tells: "class" or "default" */
  of(minor: number, clauses: readonly Clause[], what: string): string {
    const suffix = minor.toString(16);
    const wanted = this.known.get(minor) ?? wellKnown(clauses) ?? (what === 'class' ? `class-${suffix}` : what);
    const free = [wanted, `${wanted}-${suffix}`].find((name) => !this.taken.has(name));
    const name = free ?? `class-${suffix}-${this.taken.size}`;
    this.taken.add(name);
    return name;
  }
}
