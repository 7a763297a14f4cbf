/** A tree as read from the kernel, ours or another's, as the policy that says the same; what it cannot say is remarked on. */
import { formatRate } from '../../../policy/quantities.ts';
import { LINK_NAMES, LINKS } from '../../../policy/link.ts';
import { LinkSpec, type PolicySpec, type RestoreDscp } from '../../../policy/schema.ts';
import { writePolicy } from '../../../policy/write.ts';
import { isExact, isKernelDefault, rootOf, type LiveTree, type Qdisc } from '../model.ts';
import { word } from '../u32.ts';
import { bandsIn, fromBands, fromHfsc } from './adapt.ts';
import { importClasses, importHtb } from './htb.ts';
import { importCake, importTbf } from './whole.ts';
import { ImportError, type Imported, type ImportOptions, type Remark } from './model.ts';

export { ImportError, type Imported, type ImportOptions, type Remark, type RemarkKind } from './model.ts';

/** The same said of several objects is one remark. */
function grouped(remarks: readonly Remark[]): Remark[] {
  const groups = new Map<string, Remark[]>();
  for (const item of remarks) {
    const key = `${item.kind} ${item.message}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  const rank = { 'left-out': 0, approximate: 1, notice: 2 };
  return [...groups.values()]
    .map(([first, ...others]): Remark => {
      const objects = [...new Set([first!, ...others].map(({ object }) => object))];
      const shown = objects.slice(0, 4).join(', ');
      return { ...first!, object: objects.length > 4 ? `${shown} and ${objects.length - 4} more` : shown };
    })
    .sort((a, b) => rank[a.kind] - rank[b.kind]);
}

/** What the reader named and neither a rule nor a queue of a class carries. */
function unread({ inexact, filters, qdiscs }: LiveTree): Remark[] {
  const carried = [
    ...filters.flatMap((filter) => (isExact(filter) ? [] : [`filter ${filter.parent} pref ${filter.pref} `])),
    ...qdiscs.filter(({ parent }) => parent !== 'root').map(({ kind, handle }) => `qdisc ${kind} ${handle}`),
  ];
  return inexact
    .filter((item) => !carried.some((start) => item === start || (start.endsWith(' ') && item.startsWith(start))))
    .map((item) => {
      const [, object = item, detail] = /^(.*?) \((.*)\)$/.exec(item) ?? [];
      const message = detail ? `The policy does not say: ${detail}.` : 'The policy has nothing for it.';
      return { kind: 'left-out', object, message };
    });
}

const count = (many: number, what: string) => `${many} ${what}${many === 1 ? '' : what.endsWith('s') ? 'es' : 's'}`;

const importHfsc: typeof importHtb = (tree, options, remark) => importClasses(fromHfsc(tree, remark), options, remark);
const importBands: typeof importHtb = (tree, options, remark) =>
  importClasses(fromBands(tree, bandsIn(tree)!, options.speed, remark), options, remark);

const IMPORTS: Readonly<Record<string, typeof importHtb>> = {
  htb: importHtb,
  hfsc: importHfsc,
  tbf: importTbf,
  cake: importCake,
};
const SHAPES_NOTHING = new Set(['fq_codel', 'codel', 'sfq', 'pfifo', 'bfifo', 'pfifo_fast', 'red', 'fq']); // prettier-ignore

/** What the wire adds, by name where it has one. @returns nothing where a policy cannot say it */
function linkIn({ stab }: Qdisc, remark: (item: Remark) => void, object: string): PolicySpec['link'] {
  if (!stab) {
    return undefined;
  }
  const { overhead, mpu, cells } = stab;
  const cell = cells ? ('atm' as const) : undefined;
  const name = LINK_NAMES.find(
    (item) => LINKS[item]!.overhead === overhead && LINKS[item]!.mpu === mpu && LINKS[item]!.cell === cell
  );
  const link = LinkSpec.safeParse(name ? { overhead: name } : { overhead, ...(mpu > 0 && { mpu }), ...(cell && { cell }) }); // prettier-ignore
  if (!link.success) {
    remark({ kind: 'left-out', object, message: `The policy does not say its size table: overhead ${overhead}, mpu ${mpu}.` }); // prettier-ignore
  }
  return link.data;
}

/**
 * The rule that restores a DSCP for all the others: the first where it stands, of every packet, which then goes on.
 * @returns it with the tree that is left
 */
function restoredIn(tree: LiveTree): { tree: LiveTree; restoreDscp?: RestoreDscp } {
  const everything: readonly string[] = ['', word(0, 0, 0)];
  const rules = tree.filters.filter(({ chain, parent }) => !chain && parent.endsWith(':'));
  const rule = rules.find(
    ({ parent, pref, protocol, keys, partial }) =>
      protocol === 'all' && partial === undefined && everything.includes(keys.join()) &&
      rules.every((other) => other.parent !== parent || other.pref >= pref)
  ); // prettier-ignore
  const [action, ...more] = rule?.actions ?? [];
  if (action?.kind !== 'ctinfo' || !action.dscp || action.mark || action.then !== 'continue' || more.length > 0) {
    return { tree };
  }
  const { mask, state } = action.dscp;
  return {
    tree: { ...tree, filters: tree.filters.filter((filter) => filter !== rule) },
    restoreDscp: { mask, ...(state > 0 && { state }) },
  };
}

/**
 * @returns the policy; what it does not say as the tree did is in the remarks
 * @throws ImportError where there is nothing that a policy could be made of
 */
export function importTree(live: LiveTree, options: ImportOptions): Imported {
  const { tree, restoreDscp } = restoredIn(live);
  const root = rootOf(tree);
  if (!root || isKernelDefault(tree)) {
    throw new ImportError(`The interface has the kernel’s own queue (${root?.kind ?? 'none'}): nothing is shaped, and there is nothing to import.`); // prettier-ignore
  }
  const make = bandsIn(tree) ? importBands : IMPORTS[root.kind];
  if (!make) {
    const why = SHAPES_NOTHING.has(root.kind) ? 'which shapes nothing. Write a policy with the rate of the link' : 'which this version cannot turn into a policy'; // prettier-ignore
    throw new ImportError(`The interface has a tree of ${root.kind} (${root.handle}), ${why}.`);
  }
  const remarks: Remark[] = [];
  const { spec: own, paths } = make(tree, options, (item) => remarks.push(item));
  const link = linkIn(root, (item) => remarks.push(item), `qdisc ${root.kind} ${root.handle}`);
  const { bandwidth: rate, ...rest } = own;
  const spec: PolicySpec = { bandwidth: rate, ...(link && { link }), ...(restoreDscp && { restoreDscp }), ...rest };
  const said = grouped([...unread(tree), ...remarks]);
  const bandwidth = spec.bandwidth?.kind === 'absolute' ? formatRate(spec.bandwidth.bits) : '';
  const parts = tree.classes.length > 0 ? `, ${count(tree.classes.length, 'class')} and ${count(tree.filters.length, 'rule')}` : ''; // prettier-ignore
  const description = `Imported from a tree of ${root.kind}${parts} on ${bandwidth}`;
  const comment = said.map(({ object, message }) => `${object}: ${message}`).join('\n');
  return { source: writePolicy(options.name, spec, description, comment || undefined), spec, remarks: said, paths };
}
