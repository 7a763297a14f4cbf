/** A tree as read from the kernel, ours or another's, as the policy that says the same; what it cannot say is remarked on. */
import { formatRate } from '../../../policy/quantities.ts';
import type { PolicySpec } from '../../../policy/schema.ts';
import { writePolicy } from '../../../policy/write.ts';
import { isKernelDefault, rootOf, type LiveTree } from '../model.ts';
import { bandsIn, fromBands, fromHfsc } from './adapt.ts';
import { importClasses, importHtb } from './htb.ts';
import { leavingIn } from './leaving.ts';
import { countedAtRoot, linkIn } from './link.ts';
import { importCake, importQueue, importTbf } from './whole.ts';
import { ImportError, type Imported, type ImportOptions, type Remark } from './model.ts';
import { grouped, unread } from './remarks.ts';
import { restoredIn } from './restored.ts';

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
/** One queue for everything. */
const QUEUES = new Set(['fq_codel', 'codel', 'sfq', 'pfifo', 'bfifo', 'red']);
const SHAPES_NOTHING = new Set([...QUEUES, 'pfifo_fast', 'fq']);

/**
 * @returns the policy; what it does not say as the tree did is in the remarks
 * @throws ImportError where there is nothing that a policy could be made of
 */
export function importTree(live: LiveTree, options: ImportOptions): Imported {
  const remarks: Remark[] = [...(options.remarks ?? [])];
  const remark = (item: Remark) => void remarks.push(item);
  const own = restoredIn(live.filters);
  const leaving = leavingIn(options.leaving ?? { filters: [], inexact: [] }, live.classes.length > 0, remark);
  const restoreDscp = own.restoreDscp ?? leaving.restoreDscp ?? options.restoreDscp;
  const tree = countedAtRoot({ ...live, filters: [...leaving.rules, ...own.filters] });
  const root = rootOf(tree);
  if (!root || isKernelDefault(tree)) {
    throw new ImportError(`The interface has the kernel’s own queue (${root?.kind ?? 'none'}): nothing is shaped, and there is nothing to import.`); // prettier-ignore
  }
  const make = bandsIn(tree) ? importBands : QUEUES.has(root.kind) && options.speed ? importQueue : IMPORTS[root.kind];
  if (!make) {
    const why = SHAPES_NOTHING.has(root.kind) ? 'which shapes nothing. Write a policy with the rate of the link' : 'which this version cannot turn into a policy'; // prettier-ignore
    throw new ImportError(`The interface has a tree of ${root.kind} (${root.handle}), ${why}.`);
  }
  const { spec: made, paths } = make(tree, options, remark);
  const link = linkIn(root, remark, `qdisc ${root.kind} ${root.handle}`);
  const { bandwidth: rate, ...rest } = made;
  const spec: PolicySpec = { bandwidth: rate, ...(link && { link }), ...(restoreDscp && { restoreDscp }), ...rest };
  const said = grouped([...unread(tree), ...remarks]);
  const bandwidth = spec.bandwidth?.kind === 'absolute' ? formatRate(spec.bandwidth.bits) : '';
  const parts = tree.classes.length > 0 ? `, ${count(tree.classes.length, 'class')} and ${count(tree.filters.length, 'rule')}` : ''; // prettier-ignore
  const description = `Imported from a tree of ${root.kind}${parts} on ${bandwidth}${options.of ? `, of ${options.of}` : ''}`;
  const comment = said.map(({ object, message }) => `${object}: ${message}`).join('\n');
  return { source: writePolicy(options.name, spec, description, comment || undefined), spec, remarks: said, paths };
}
