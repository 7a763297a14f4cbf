/**
 * What an interface receives has no queue. A rule at its hook sends all of it through an intermediate functional block
 * (IFB), which has: the tree of the policy stands there, and what leaves it goes on as received by the interface. Where
 * there is no IFB, police stands at the hook itself (police.ts).
 */
import { formatRate } from '../../policy/quantities.ts';
import { CompileError } from './compile-error.ts';
import {
  rootOf,
  type Capabilities,
  type CompiledTree,
  type Filter,
  type Ifb,
  type Ingress,
  type LiveIngress,
} from './model.ts';

/** Where the kernel keeps the hook, whose handle is always ffff:, and the rules on its way in (TC_H_CLSACT, TC_H_MIN_INGRESS). */
export const HOOK = 'ffff:fff1';
export const ARRIVING = 'ffff:fff2';

/** FNV-1a, 32 bits: the same name has the same IFB on every machine and after every restart. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const char of text) {
    value = Math.imul(value ^ char.codePointAt(0)!, 0x01000193);
  }
  return (value >>> 0).toString(16).padStart(8, '0');
}

/**
 * The mark by which an IFB is known as ours, and as this interface's: it is there from the moment it is made, which an
 * alias is not. Locally administered, unicast.
 */
export const ifbAddress = (device: string): string =>
  ['02', ...`${hash(`clearpath ${device}`)}${hash(`${device} ingress`).slice(0, 2)}`.match(/../g)!].join(':');
export const ifbAlias = (device: string): string => `clearpath-ingress-of-${device}`;

/** The longest name of an interface (IFNAMSIZ with its end). */
const LONGEST = 15;
/** @param taken names of other interfaces: another's is never touched */
export function ifbName(device: string, taken: ReadonlySet<string>): string {
  const plain = `cpi-${device}`;
  for (let attempt = 0; ; attempt++) {
    const name = attempt === 0 && plain.length <= LONGEST ? plain : `cpi-${hash(`${device} ${attempt}`)}`;
    if (!taken.has(name)) {
      return name;
    }
  }
}

/** An interface that has neither hook nor IFB yet. */
export const noIngress = (device: string): LiveIngress => ({ rules: [], ifbName: ifbName(device, new Set()) });

/** matchall where there is one; u32 with a mask of nothing takes every packet too. */
function redirectTo(ifb: string, { ingress = [] }: Capabilities): Filter {
  const rule = { parent: ARRIVING, protocol: 'all', pref: 1, actions: [{ kind: 'redirect' as const, device: ifb }] };
  return ingress.includes('matchall')
    ? { ...rule, kind: 'matchall', handle: 1, keys: [], classid: '' }
    : { ...rule, kind: 'u32', keys: ['match u32 0x00000000 0x00000000 at 0'], classid: 'ffff:1' };
}

/** @throws CompileError where this kernel cannot shape what is received */
export function hooked(
  tree: CompiledTree,
  device: string,
  live: LiveIngress,
  capabilities: Capabilities
): CompiledTree & { ingress: Ingress } {
  const why = (words: string) => ({ path: 'spec', why: `ingress of ${device}: ${words}` });
  const hook = live.hook ?? 'clsact';
  if (rootOf(tree) === undefined) {
    const origins = new Map([...tree.origins, [`qdisc ${HOOK}`, why('the hook on what it receives')]]);
    return { ...tree, filters: [], ingress: { hook, rules: tree.filters }, origins };
  }
  const missing = ['clsact', 'ifb'].filter((name) => !capabilities.ingress?.includes(name));
  if (missing.length > 0) {
    throw new CompileError(
      'spec.scheduler',
      `What an interface receives is shaped on an IFB behind a clsact hook, and this kernel (${capabilities.kernel}) has no ${missing.join(' and no ')}. Load the modules ifb, sch_ingress and act_mirred, or use scheduler: police, which needs no IFB.`
    );
  }
  const ifb: Ifb = { name: live.ifbName, address: ifbAddress(device), alias: ifbAlias(device), up: true };
  return {
    ...tree,
    ingress: { hook, rules: [redirectTo(ifb.name, capabilities)], ifb },
    origins: new Map([
      ...tree.origins,
      [`link ${ifb.name}`, why('the IFB that carries the tree')],
      [`qdisc ${HOOK}`, why('the hook on what it receives')],
      [`filter ${ARRIVING} 0 all 1 ${capabilities.ingress!.includes('matchall') ? 1 : ''}`, why('all of it goes through the IFB')],
    ]),
  }; // prettier-ignore
}

/** What shaping behind a link can do and what not, for the plan. */
export const ingressNotes = (device: string, bandwidth?: number, speed?: number): string[] => [
  ...(bandwidth !== undefined && speed !== undefined && bandwidth >= speed
    ? [`Ingress: ${formatRate(bandwidth)} is not below the ${formatRate(speed)} of ${device}: the queue stays before the link, and nothing is shaped.`] // prettier-ignore
    : []),
  `Ingress: what ${device} receives is queued or dropped after it has crossed the link, so senders slow down only where bandwidth is below what the link delivers: leave it 5 to 15 % under that. What does not answer to loss (a flood) still fills the link itself.`,
];
