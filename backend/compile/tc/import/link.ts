/** What the wire adds to a frame, of a size table or of CAKE, as the policy says it. */
import { FRAME_HEADER, LINK_NAMES, LINKS, type ResolvedLink } from '../../../policy/link.ts';
import { LinkSpec, type PolicySpec } from '../../../policy/schema.ts';
import { countedText } from '../counted.ts';
import { rootOf, type LiveTree, type Qdisc, type SizeTable } from '../model.ts';
import type { Remark } from './model.ts';

/** CAKE counts from the IP packet, unless its framing is raw. */
function ofCake({ framing = 'raw', overhead = 0, mpu = 0 }: Qdisc['options']): ResolvedLink {
  const cell = framing === 'atm' || framing === 'ptm' ? framing : undefined;
  return { overhead: framing === 'raw' ? Number(overhead) : Number(overhead) - FRAME_HEADER, mpu: Number(mpu), cell };
}

const ofTable = ({ overhead, mpu, cells }: SizeTable): ResolvedLink => ({ overhead, mpu, cell: cells ? 'atm' : undefined }); // prettier-ignore

/**
 * What each class of HTB, or a TBF, counts by itself: as a size table, where all count the same and there is none.
 * @returns the tree with that at its root
 */
export function countedAtRoot(tree: LiveTree): LiveTree {
  const root = rootOf(tree);
  const classes = tree.classes.flatMap((item) => (item.kind === 'htb' ? item : []));
  const own = root?.kind === 'tbf' ? [root.counts] : classes.map(({ counts }) => counts);
  const [stab] = own;
  if (!root || root.stab || !stab || own.some((counts) => countedText(counts) !== countedText(stab))) {
    return tree;
  }
  const text = ` (${countedText(stab)})`;
  const said = new Set([`qdisc tbf ${root.handle}${text}`, ...classes.map(({ classid }) => `class htb ${classid}${text}`)]); // prettier-ignore
  return {
    ...tree,
    qdiscs: tree.qdiscs.map((qdisc) => (qdisc === root ? { ...root, stab } : qdisc)),
    inexact: tree.inexact.filter((item) => !said.has(item)),
  };
}

/** By name where it has one. @returns nothing where nothing is added, or where a policy cannot say it */
export function linkIn(root: Qdisc, remark: (item: Remark) => void, object: string): PolicySpec['link'] {
  const link = root.kind === 'cake' ? ofCake(root.options) : root.stab && ofTable(root.stab);
  if (!link || (link.overhead === 0 && link.mpu === 0 && !link.cell)) {
    return undefined;
  }
  const { overhead, mpu, cell } = link;
  const named = LINK_NAMES.find(
    (item) => LINKS[item]!.overhead === overhead && LINKS[item]!.mpu === mpu && LINKS[item]!.cell === cell
  );
  const said = LinkSpec.safeParse(named ? { overhead: named } : { overhead, ...(mpu > 0 && { mpu }), ...(cell && { cell }) }); // prettier-ignore
  if (!said.success) {
    remark({ kind: 'left-out', object, message: `The policy does not say what it adds to each frame: overhead ${overhead}, mpu ${mpu}.` }); // prettier-ignore
  }
  return said.data;
}
