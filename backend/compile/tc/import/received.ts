/** What an interface receives, by another hand: a tree on the device that its packets are sent through, or police at its hook. */
import { FRAME_HEADER } from '../../../policy/link.ts';
import { formatRate } from '../../../policy/quantities.ts';
import type { PolicySpec, RestoreDscp } from '../../../policy/schema.ts';
import { writePolicy } from '../../../policy/write.ts';
import { computedBurst } from '../chains.ts';
import { rootOf, type Action, type Capabilities, type Filter, type LiveTree } from '../model.ts';
import { policeMissing } from '../scheduler.ts';
import { sameBurst } from '../units.ts';
import { htbClass, type Guise } from './adapt.ts';
import { NO_GUARANTEE } from './figures.ts';
import { importClasses } from './htb.ts';
import { linkIn } from './link.ts';
import { ImportError, type Hook, type Imported, type ImportOptions, type Remark, type Rule } from './model.ts';
import { HANDLE, policedIn, type Policed } from './policed.ts';
import { grouped, unread } from './remarks.ts';
import { restoredIn, restoring, RESTORES_SOME } from './restored.ts';
import { recogniseRules, takesAll } from './rules.ts';
import { importTree } from './tree.ts';

/** The class of what no rule takes */
const REST = 1;
/** Which chains there are says it, no figure. */
const NO_MATTER: Capabilities = { qdiscs: [], classifiers: [], kernel: '' };
/** For a link whose rate nobody knows: no figure of the policy follows from it. */
const SOME_RATE = 10e9;

const rulesOn = (device: string, { filters }: Hook) =>
  `Imported from ${filters.length} rule${filters.length === 1 ? '' : 's'} on what ${device} receives`;
const written = (spec: PolicySpec, remarks: readonly Remark[], options: ImportOptions, description: string): Omit<Imported, 'paths'> => {
  const said = grouped(remarks);
  const comment = said.map(({ object, message }) => `${object}: ${message}`).join('\n');
  return { source: writePolicy(options.name, spec, description, comment || undefined), spec, remarks: said };
}; // prettier-ignore
const bind = (device: string): Remark => ({ kind: 'notice', object: `hook of ${device}`, message: `It acts on what ${device} receives. Bind the policy with direction: ingress.` }); // prettier-ignore

/** A rule stands for a class of those that do the same with their packets and share their buckets. */
function grouping(filters: readonly Filter[]): (filter: Filter) => number {
  const minors = new Map<string, number>();
  return ({ actions = [], pref, handle, protocol }) => {
    const own = actions.some(({ kind }) => kind === 'police') ? `${protocol} ${pref} ${handle ?? ''}` : '';
    const key = `${own} ${JSON.stringify(actions)}`;
    minors.set(key, minors.get(key) ?? REST + 1 + minors.size);
    return minors.get(key)!;
  };
}

const asClasses = ({ filters }: Hook): Filter[] => {
  const minorOf = grouping(filters);
  return filters.map((filter) => ({ ...filter, parent: HANDLE, classid: `${HANDLE}${minorOf(filter).toString(16)}` }));
};

/**
 * @returns the device that rules of the hook send packets through, if any
 * @throws ImportError where they are several: a policy is of one tree
 */
export function carrierIn(hook: Hook): string | undefined {
  if (policedIn(hook, NO_MATTER)) {
    return undefined;
  }
  const rules = [...recogniseRules(asClasses(hook), () => {}).values()].flat();
  const [through, ...others] = new Set(rules.flatMap(({ doing }) => doing?.redirect ?? []));
  if (others.length > 0) {
    throw new ImportError(`What it receives goes through several devices (${[through, ...others].join(', ')}), and a policy is of one tree: import what leaves by each of them.`); // prettier-ignore
  }
  return through;
}

/** @throws ImportError where there is nothing that a policy could be made of */
export function importReceived(
  device: string,
  hook: Hook,
  carried: { device: string; tree: LiveTree } | undefined,
  options: ImportOptions
): Imported {
  if (hook.filters.length === 0) {
    throw new ImportError(`Nothing acts on what ${device} receives${hook.inexact.length > 0 ? ` that could be read (${hook.inexact.join(', ')})` : ''}: there is nothing to import.`); // prettier-ignore
  }
  const policed = policedIn(hook, options.capabilities, options.policing);
  if (policed) {
    return fromPoliced(device, hook, policed, options);
  }
  const { filters, restoreDscp } = restoredIn(asClasses(hook), true);
  const rest = { filters, inexact: hook.inexact };
  const all = { ...options, restoreDscp };
  return carried ? fromCarried(device, rest, carried, all) : fromPolice(device, rest, all);
}

/** What all that goes on restores; what some restore is remarked on. */
function restoredBy(rules: readonly Rule[], remark: (item: Remark) => void): RestoreDscp | undefined {
  const restored = rules.map(({ doing }) => doing?.restored);
  if (restored[0] && new Set(restored.map((item) => JSON.stringify(item))).size === 1) {
    return restoring(restored[0]);
  }
  for (const { object } of rules.filter(({ doing }) => doing?.restored)) {
    remark({ kind: 'left-out', object, message: RESTORES_SOME });
  }
  return undefined;
}

function fromCarried(device: string, hook: Hook, { device: through, tree }: { device: string; tree: LiveTree }, options: ImportOptions): Imported {
  const remarks: Remark[] = [...unread({ ...hook, qdiscs: [] })];
  const remark = (item: Remark) => void remarks.push(item);
  const rules = [...recogniseRules(hook.filters, remark).values()].flat();
  const sent = rules.filter(({ doing }) => doing?.redirect === through);
  for (const { object } of rules.filter((rule) => !sent.includes(rule))) {
    remarks.push({ kind: 'left-out', object, message: `It acts on packets before they go through ${through}; the policy is of those that do.` }); // prettier-ignore
  }
  for (const { object, doing } of sent.filter((rule) => rule.doing!.buckets.length > 0)) {
    remarks.push({ kind: 'left-out', object, message: `It polices to ${formatRate(doing!.buckets[0]!.rate)} before packets go through ${through}, which the policy does not say.` }); // prettier-ignore
  }
  const connection = sent.every(({ doing }) => doing!.connection) ? sent[0]!.doing!.connection : undefined;
  if (!sent.some(takesAll)) {
    const object = sent.map((rule) => rule.object).join(', ');
    remarks.push({ kind: 'approximate', object, message: `Of what ${device} receives they send some through ${through}; the policy takes all of it.` }); // prettier-ignore
  }
  remarks.push({ kind: 'notice', object: `device ${through}`, message: `It carries the tree for what ${device} receives. Bind the policy with direction: ingress; an IFB of its own takes the place of ${through}.` }); // prettier-ignore
  const { restoreDscp = restoredBy(sent, remark) } = options;
  return importTree(tree, { ...options, remarks, restoreDscp, ...(connection && { connection }), of: `what ${device} receives` });
} // prettier-ignore

/** A tree of ours, whoever made it. */
function fromPoliced(device: string, hook: Hook, { guise, link, overhead, computed }: Policed, options: ImportOptions): Imported {
  const { filters, restoreDscp } = restoredIn(guise.tree.filters);
  const tree = { ...guise.tree, filters };
  const remarks: Remark[] = [...unread({ inexact: hook.inexact, filters: tree.filters, qdiscs: [] })];
  const object = `hook of ${device}`;
  const { spec: own, paths } = importClasses({ ...guise, tree }, options, (item) => remarks.push(item));
  const stab = { overhead, mpu: 0, cells: false };
  const wire = linkIn({ ...rootOf(tree)!, stab }, (item) => remarks.push(item), object);
  if (!computed) {
    remarks.push({ kind: 'approximate', object, message: `The link lets ${link.burst} B pass at once; the policy computes how many.` });
  }
  if (!options.names) {
    remarks.push(bind(device));
  }
  const { bandwidth, ...rest } = own;
  const spec: PolicySpec = { bandwidth, ...(wire && { link: wire }), ...(restoreDscp && { restoreDscp }), ...rest };
  return { ...written(spec, remarks, options, rulesOn(device, hook)), paths };
} // prettier-ignore

/** What each of their buckets counts more of a packet, where all count the same. */
function countedBy(filters: readonly Filter[]): number | undefined {
  const more = filters.flatMap(({ actions = [] }) =>
    actions.flatMap((action) =>
      action.kind === 'police' ? (action.overhead ?? 0) : action.kind === 'other' && action.text.startsWith('police ') ? Number(/ overhead (\d+)b/.exec(action.text)?.[1] ?? 0) : []
    )
  );
  return new Set(more).size === 1 ? more[0] : undefined;
} // prettier-ignore
const withoutOverhead = (action: Action): Action =>
  action.kind === 'police'
    ? { ...action, overhead: 0 }
    : action.kind === 'other'
      ? { ...action, text: action.text.replace(/ overhead \d+b/, ' overhead 0b') }
      : action;

function fromPolice(device: string, hook: Hook, options: ImportOptions): Imported {
  // Queues are what another kernel has in its place.
  const police = policeMissing(options.capabilities) === undefined;
  const counted = police ? countedBy(hook.filters) : undefined;
  const filters =
    counted === undefined ? hook.filters : hook.filters.map((rule) => ({ ...rule, actions: rule.actions?.map(withoutOverhead) }));
  const remarks: Remark[] = [...unread({ ...hook, qdiscs: [] })];
  // Its classes are none of the kernel's: nothing is said of theirs.
  const remark = (item: Remark) => item.object.startsWith('filter') && remarks.push(item);
  const rules = [...recogniseRules(filters, () => {}).values()].flat();
  if (!options.restoreDscp && !rules.some(({ doing }) => doing)) {
    throw new ImportError(`The rules on what ${device} receives neither police nor mark nor send anything that a policy could say: ${filters.map(({ pref, kind }) => `pref ${pref} ${kind}`).join(', ')}.`);
  }
  const [only] = rules;
  const [bucket, ...others] = (rules.length === 1 && takesAll(only!) && only!.doing?.buckets) || [];
  const whole = others.length === 0 && bucket?.exceed === 'drop' && !bucket.peak ? bucket : undefined;
  const rate = whole?.rate ?? options.speed;
  const minors = [...new Set(filters.map(({ classid }) => classid)), `${HANDLE}${REST}`];
  const bandwidth = rate ?? SOME_RATE;
  const tree: LiveTree = {
    qdiscs: [{ handle: HANDLE, parent: 'root', kind: 'htb', options: { default: REST } }],
    classes: [
      htbClass(`${HANDLE}0`, 'root', bandwidth, bandwidth),
      ...minors.map((classid) => htbClass(classid, `${HANDLE}0`, NO_GUARANTEE, bandwidth)),
    ],
    filters,
    inexact: [],
  };
  const guise: Guise = { tree, object: `hook of ${device}`, lost: 'unshaped', ...(police && { scheduler: 'police', bursts: new Map() }) };
  const { spec, paths } = importClasses(guise, options, remark);
  const { bandwidth: link, classes = [], ...rest } = spec;
  if (whole && !police) {
    remarks.push({ kind: 'approximate', object: only!.object, message: `It drops what is above ${formatRate(whole.rate)} at once; the policy has that as its bandwidth, and queues and shares it first.` });
  } else if (whole && !sameBurst(whole.burst, computedBurst(whole.rate, options.capabilities), whole.rate)) {
    remarks.push({ kind: 'approximate', object: only!.object, message: `It lets ${whole.burst} B pass at once; the policy has its rate as the bandwidth, and computes ${computedBurst(whole.rate, options.capabilities)} B for that.` });
  } else if (rate === undefined) {
    remarks.push({ kind: 'left-out', object: `interface ${device}`, message: 'It says no speed of its own, so the policy has no bandwidth: give it in the Binding.' });
  }
  remarks.push(bind(device));
  const wire = counted === undefined ? undefined : linkIn({ ...rootOf(tree)!, stab: { overhead: counted - FRAME_HEADER, mpu: 0, cells: false } }, (item) => remarks.push(item), `hook of ${device}`);
  const said: PolicySpec = {
    ...(rate !== undefined && { bandwidth: link }),
    ...(wire && { link: wire }),
    ...(options.restoreDscp && { restoreDscp: options.restoreDscp }),
    ...rest,
    classes: whole ? classes.map(({ police: _, ...item }) => item) : classes,
  };
  return { ...written(said, remarks, options, rulesOn(device, hook)), paths };
} // prettier-ignore
