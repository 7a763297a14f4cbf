/**
 * What is looked up of a packet's connection before any rule is asked (act_ctinfo): one rule that decides nothing, after
 * which the packet goes on to all others. It restores the DSCP that the connection's mark keeps. On the way out flower
 * sees the mark itself; what is received is classified before netfilter has found the connection, so there the rule also
 * copies the mark to the packet's own, which u32 sees.
 */
import type { Box } from '../../policy/boxes.ts';
import { flatten, type ResolvedPolicy } from '../../policy/resolve.ts';
import type { Clause } from '../../policy/schema.ts';
import { formatBits } from '../../policy/selectors.ts';
import { CompileError, requireActions } from './compile-error.ts';
import type { Action, Capabilities, Ctinfo, Filter } from './model.ts';
import type { Slot } from './rules.ts';
import { word } from './u32.ts';

/** A box as the kernel is asked on arrival: for the packet's own mark, which is a copy. */
export function onArrival(box: Box, { received }: Capabilities): Box {
  if (!received || !box.connmark) {
    return box;
  }
  const { connmark, ...rest } = box;
  return { ...rest, fwmark: connmark };
}

const union = (masks: readonly number[]) => masks.reduce((all, mask) => (all | mask) >>> 0, 0);
/** Bits of the connection's mark that a clause looks at. */
const bitsOf = (clause: Clause): number =>
  union([...(clause.connmark ?? []).map(({ mask }) => mask), ...(clause.not ? [bitsOf(clause.not)] : [])]);

/** Where the matches of a policy look at the connection's mark, and at which bits of it in all. */
function marksIn({ classes }: ResolvedPolicy): { path: string; bits: number } | undefined {
  const asked = flatten(classes).flatMap(({ source, match }) =>
    match.map((clause, index) => ({ path: `${source}.match[${index}]`, bits: bitsOf(clause) }))
  );
  const first = asked.find(({ bits }) => bits > 0);
  return first && { path: first.path, bits: union(asked.map(({ bits }) => bits)) };
}

/** Everything; a change of what flower does with it takes nothing away. */
const everything = ({ classifiers }: Capabilities): Pick<Filter, 'protocol' | 'kind' | 'keys'> =>
  classifiers.includes('flower')
    ? { protocol: 'all', kind: 'flower', keys: [] }
    : { protocol: 'all', kind: 'u32', keys: [word(0, 0, 0)] };

/**
 * @param parent where the rules of the first level hang; undefined where there can be none
 * @returns the rule that stands before them, where one is needed
 */
export function connectionRule(
  policy: ResolvedPolicy,
  parent: string | undefined,
  capabilities: Capabilities
): { slots: Slot[]; notes: string[] } {
  const { restoreDscp } = policy;
  const marks = capabilities.received ? marksIn(policy) : undefined;
  const path = restoreDscp ? 'spec.restoreDscp' : marks?.path;
  if (path === undefined) {
    return { slots: [], notes: [] };
  }
  if (parent === undefined) {
    throw new CompileError(path, 'This tree is TBF around one queue, which takes no rules, so that nothing could look a connection up. Use a kernel with HTB, or remove the key.'); // prettier-ignore
  }
  requireActions(
    path,
    ['ctinfo', ...(marks ? ['skbedit'] : [])],
    'which looks up the connection of a packet',
    capabilities
  );
  const ctinfo: Ctinfo = {
    kind: 'ctinfo',
    ...(restoreDscp && { dscp: { mask: restoreDscp.mask, state: restoreDscp.state ?? 0 } }),
    ...(marks && { mark: marks.bits }),
    then: 'continue',
  };
  // A packet of no connection may have a mark that another device's rules gave it: none of the connection's.
  const actions: Action[] = [...(marks ? [{ kind: 'mark', value: 0, mask: marks.bits } as const] : []), ctinfo];
  const state = restoreDscp?.state ? ` where ${formatBits(restoreDscp.state)} is set` : '';
  const does = [
    ...(restoreDscp ? [`bits ${formatBits(restoreDscp.mask)} of its connection’s mark${state} become its DSCP`] : []),
    ...(marks ? [`bits ${formatBits(marks.bits)} of its connection’s mark become its own mark`] : []),
  ].join(', ');
  return {
    slots: [
      [
        {
          key: 'spec connection',
          value: { parent, ...everything(capabilities), classid: '', actions },
          origin: { path, why: `each packet: ${does}, before its class is looked for` },
        },
      ],
    ],
    notes: [
      `Connections: of each packet ${does}, before its class is looked for and for all who see it from there on. A packet of a connection that the host does not track stays as it is.`,
    ],
  };
}
