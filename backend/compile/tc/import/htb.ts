/** An HTB tree as a policy. */
import type { PolicySpec } from '../../../policy/schema.ts';
import { rootOf, type LiveTree } from '../model.ts';
import { hierarchyOf, htbClasses, leavesOf, type Node } from './classes.ts';
import { inWords } from './acting.ts';
import { draftClasses } from './draft.ts';
import type { Guise } from './adapt.ts';
import { absolute, queueOf, resolvedByPath, writeShares, writeWeights } from './figures.ts';
import { LEAVING } from './leaving.ts';
import { placeLevel } from './levels.ts';
import { ImportError, type Imported, type ImportOptions, type Remark, type Rule } from './model.ts';
import { recogniseRules, takesAll } from './rules.ts';
import { remarkReclassified } from './same-class.ts';

/**
 * The leaf that `default` names; with an inner or missing one HTB lets packets past all classes (sch_htb.c, htb_classify),
 * where HFSC and DRR drop them.
 */
function fallbackOf(
  { tree, object, lost }: Guise,
  leaves: readonly Node[],
  remark: (item: Remark) => void
): string | undefined {
  const root = rootOf(tree)!;
  const minor = Number(root.options.default ?? 0);
  const classid = `${root.handle}${minor.toString(16)}`;
  if (leaves.some(({ item }) => item.classid === classid)) {
    return classid;
  }
  const why = minor === 0 ? 'It has no default' : `Its default 0x${minor.toString(16)} is no leaf`;
  const then = lost === 'dropped' ? 'is dropped' : 'leaves the interface unshaped, before everybody else';
  remark({ kind: 'notice', object, message: `${why}: what no rule takes ${then}. In the policy it belongs to a default class.` }); // prettier-ignore
  return undefined;
}

type Parts = Omit<Imported, 'source' | 'remarks'>;

/** Rules at the root that lead to the link's own class go on with that one's. */
function rulesAtTop(
  rules: ReadonlyMap<string, readonly Rule[]>,
  handle: string,
  link: string | undefined,
  remark: (item: Remark) => void
): Rule[] {
  const top = rules.get(handle) ?? [];
  const at = top.findIndex((rule) => rule.classid === link);
  if (at < 0) {
    return [...top];
  }
  if (takesAll(top[at]!)) {
    const { object, doing } = top[at]!;
    if (doing) {
      remark({ kind: 'left-out', object, message: `It ${inWords(doing)} on the way to ${link}, which is the whole link: the policy says it of classes.` }); // prettier-ignore
    }
    return [...top.slice(0, at), ...(rules.get(link!) ?? [])];
  }
  for (const { object } of top.filter((rule) => rule.classid === link)) {
    remark({ kind: 'left-out', object, message: `It sends to ${link}, which is the whole link: what it takes is told apart no further and goes to the default.` }); // prettier-ignore
  }
  return top.filter((rule) => rule.classid !== link);
}

/** Rules that lead to a class; what the others did is remarked on. */
function rulesOf(
  tree: LiveTree,
  handle: string,
  connection: number | undefined,
  remark: (item: Remark) => void
): Map<string, Rule[]> {
  const ids = new Set(htbClasses(tree).map((item) => item.classid));
  const { [LEAVING]: before = [], ...others } = Object.fromEntries(recogniseRules(tree.filters, remark, connection));
  const rules = new Map(Object.entries(others));
  if (before.length > 0) {
    rules.set(handle, [...before, ...(rules.get(handle) ?? [])]);
  }
  for (const [parent, list] of rules) {
    for (const { object, classid } of list.filter((rule) => !ids.has(rule.classid))) {
      const why = classid === handle ? 'past all classes, unshaped' : `to ${classid}, which does not exist`;
      remark({ kind: 'left-out', object, message: `It sends ${why}. In the policy every packet is in a class.` });
    }
    rules.set(
      parent,
      list.filter((rule) => ids.has(rule.classid))
    );
  }
  return rules;
}

export const importHtb = (tree: LiveTree, options: ImportOptions, remark: (item: Remark) => void): Parts =>
  importClasses({ tree, object: `qdisc htb ${rootOf(tree)!.handle}`, lost: 'unshaped' }, options, remark);

/** @param guise an HTB tree, or another as one */
export function importClasses(guise: Guise, options: ImportOptions, remark: (item: Remark) => void): Parts {
  const { tree, object, scheduler, weights, bursts } = guise;
  const { handle } = rootOf(tree)!;
  if (htbClasses(tree).length === 0) {
    throw new ImportError(
      `The tree ${object.replace('qdisc ', '')} has no classes: nothing is shaped, and there is nothing to import.`
    );
  }
  const { bandwidth, top, link } = hierarchyOf(tree, remark);
  if (bandwidth < 8) {
    throw new ImportError(
      `The classes at the root of ${object.replace('qdisc ', '')} have no rate: there is no link to describe.`
    );
  }
  const leaves = leavesOf(top);
  const rules = rulesOf(tree, handle, options.connection, remark);
  const fallback = fallbackOf(guise, leaves, remark);
  const narrower = { plain: new Set<string>(), tagged: new Set<string>() };
  const placed = placeLevel(top, rulesAtTop(rules, handle, link?.classid, remark), { classid: fallback }, true, {
    rules,
    fallback,
    remark,
    narrower,
  });
  remarkNarrower(narrower, remark);
  const { classes, drafted, paths } = draftClasses(placed, leaves, bandwidth, options, remark, bursts);
  const spec: PolicySpec = { bandwidth: absolute(bandwidth), ...(scheduler && { scheduler }), classes };
  const resolved = resolvedByPath(options.name, spec, bandwidth);
  const drafts = drafted
    .filter(({ draft }) => !draft.classes)
    .map((item) => ({ ...item, resolved: resolved.get(item.path)! }));
  if (weights) {
    const all = drafted.map(({ node: { item }, draft, path }) => ({ ...item, weight: weights.get(item.classid)!, draft, resolved: resolved.get(path)! })); // prettier-ignore
    Map.groupBy(all, ({ parent }) => parent).forEach((level) => writeWeights(level, remark));
  } else {
    writeShares(drafts, remark);
  }
  for (const { node, draft, resolved: item } of bursts ? [] : drafts) {
    const queue = queueOf(node.queue, node.item.classid, item, options.capabilities, remark);
    Object.assign(draft, Object.keys(queue).length > 0 && { queue });
  }
  const kernel = {
    rules,
    root: handle,
    isLeaf: (classid: string) => leaves.some(({ item }) => item.classid === classid),
    exists: (classid: string) => htbClasses(tree).some((item) => item.classid === classid),
    fallback,
  };
  const level = [...resolved.values()].filter(({ path }) => !path.includes('/'));
  remarkReclassified(kernel, level, paths, remark);
  return { spec, paths };
}

function remarkNarrower(
  { plain, tagged }: { plain: Set<string>; tagged: Set<string> },
  remark: (item: Remark) => void
) {
  const say = (set: Set<string>, message: string) =>
    set.size > 0 && remark({ kind: 'approximate', object: `rules to ${[...set].join(', ')}`, message });
  say(plain, 'They do not see VLAN-tagged frames; the matches of the policy do.');
  say(tagged, 'Some see VLAN-tagged frames alone; the matches of the policy see the others as well.');
}
