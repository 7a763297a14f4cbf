/** What the wire adds to a frame, of a size table or of CAKE, as the policy says it. */
import { FRAME_HEADER, LINK_NAMES, LINKS, type ResolvedLink } from '../../../policy/link.ts';
import { LinkSpec, type PolicySpec } from '../../../policy/schema.ts';
import type { Qdisc } from '../model.ts';
import type { Remark } from './model.ts';

/** CAKE counts from the IP packet, unless its framing is raw. */
function ofCake({ framing = 'raw', overhead = 0, mpu = 0 }: Qdisc['options']): ResolvedLink {
  const cell = framing === 'atm' || framing === 'ptm' ? framing : undefined;
  return { overhead: framing === 'raw' ? Number(overhead) : Number(overhead) - FRAME_HEADER, mpu: Number(mpu), cell };
}

function added({ kind, options, stab }: Qdisc): ResolvedLink | undefined {
  if (kind === 'cake') {
    return ofCake(options);
  }
  return stab && { overhead: stab.overhead, mpu: stab.mpu, cell: stab.cells ? 'atm' : undefined };
}

/** By name where it has one. @returns nothing where nothing is added, or where a policy cannot say it */
export function linkIn(root: Qdisc, remark: (item: Remark) => void, object: string): PolicySpec['link'] {
  const link = added(root);
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
