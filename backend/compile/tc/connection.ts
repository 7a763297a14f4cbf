/**
 * What is looked up of a packet's connection before any rule is asked. On the way out flower sees the connection itself;
 * what is received is classified before netfilter has found it, so a first rule looks it up (act_ctinfo) and copies its
 * mark to the packet's own, which u32 sees. That rule decides nothing: the packet goes on to all others.
 */
import type { Box } from '../../policy/boxes.ts';
import { flatten, type ResolvedPolicy } from '../../policy/resolve.ts';
import type { Clause } from '../../policy/schema.ts';
import { CompileError } from './compile-error.ts';
import type { Action, Capabilities, Filter } from './model.ts';
import type { Placed, Slot } from './rules.ts';
import { word } from './u32.ts';

const hex = (value: number) => `0x${value.toString(16)}`;

/** Bits of the connection's mark that a clause looks at. */
const bitsOf = (clause: Clause): number =>
  [...(clause.connmark ?? []).map(({ mask }) => mask), ...(clause.not ? [bitsOf(clause.not)] : [])].reduce((all, mask) => (all | mask) >>> 0, 0); // prettier-ignore

/** A box as the kernel is asked on arrival: for the packet's own mark, which is a copy. */
export function onArrival(box: Box, { received }: Capabilities): Box {
  if (!received || !box.connmark) {
    return box;
  }
  const { connmark, ...rest } = box;
  return { ...rest, fwmark: connmark };
}

/** Everything, as a rule that a change of its actions does not take away where the kernel has flower. */
export const everything = ({ classifiers }: Capabilities): Pick<Filter, 'protocol' | 'kind' | 'keys'> => ({
  protocol: 'all',
  ...(classifiers.includes('flower') ? { kind: 'flower', keys: [] } : { kind: 'u32', keys: [word(0, 0, 0)] }),
});

/** @param parent where the rules of the first level hang; @returns the rule that stands before them, where one is needed */
export function connectionRule(
  { classes }: ResolvedPolicy,
  parent: string,
  capabilities: Capabilities
): { slots: Slot[]; notes: string[] } {
  const asked = flatten(classes).flatMap(({ source, name, match }) =>
    match.map((clause, index) => ({ path: `${source}.match[${index}].connmark`, name, bits: bitsOf(clause) }))
  );
  const first = asked.find(({ bits }) => bits > 0);
  if (!first || !capabilities.received) {
    return { slots: [], notes: [] };
  }
  const missing = ['skbedit', 'ctinfo'].filter((action) => !capabilities.actions?.includes(action));
  if (missing.length > 0) {
    const modules = missing.map((name) => `act_${name}`).join(', ');
    throw new CompileError(first.path, `This kernel (${capabilities.kernel}) lacks ${modules}, which "${first.name}" needs to see the mark of a received packet's connection. Load the modules, or remove the condition.`); // prettier-ignore
  }
  const bits = asked.reduce((all, item) => (all | item.bits) >>> 0, 0);
  // A packet of no connection keeps what another device's rules may have given it, which is none of the connection's.
  const actions: Action[] = [
    { kind: 'mark', value: 0, mask: bits },
    { kind: 'ctinfo', mark: bits, then: 'continue' },
  ];
  const copied = `bits ${hex(bits)} of its connection’s mark become its own`;
  const rule: Placed = {
    key: 'spec connection',
    value: { parent, ...everything(capabilities), classid: '', actions },
    origin: { path: first.path, why: `each packet: ${copied}, which the rules after it look at` },
  };
  return { slots: [[rule]], notes: [`Connections: of each received packet ${copied}, and the host’s firewall and routing see that mark from there on. A packet of a connection that the host does not track has none.`] }; // prettier-ignore
}
