/** What brings received packets to a tree, desired minus live: the tree stands whole before anything is sent to it. */
import { ARRIVING, HOOK } from './ingress.ts';
import type { Filter, Ifb, Ingress, LiveIngress, Qdisc, TcObject } from './model.ts';
import type { Verb } from './render.ts';

interface Steps {
  push: (verb: Verb, object: TcObject, reason?: string, disruptive?: boolean) => void;
  /** The operations of the tree on the IFB */
  tree: () => void;
  rules: (live: readonly Filter[], desired: readonly Filter[]) => void;
}

const link = (value: Ifb): TcObject => ({ type: 'link', value });
const hook = (kind: string): TcObject => {
  const value: Qdisc = { handle: 'ffff:', parent: HOOK, kind, options: {} };
  return { type: 'qdisc', value };
};
/** All rules of a chain on the way in, as tc names them for deletion. */
const all = (chain: number): TcObject => ({
  type: 'filter',
  value: { parent: ARRIVING, protocol: 'all', pref: 0, chain, kind: 'u32', keys: [], classid: '' },
});

export function diffIngress(live: Partial<LiveIngress>, desired: Ingress, { push, tree, rules }: Steps): void {
  if (desired.ifb) {
    if (!live.ifb) {
      push('add', link(desired.ifb));
    }
    if (!live.ifb?.up || live.ifb.alias !== desired.ifb.alias) {
      push('change', link(desired.ifb));
    }
    tree();
  }
  if (desired.hook && !live.hook) {
    push('add', hook(desired.hook));
  }
  // Of what cannot be named by one rule, all goes at once.
  for (const chain of live.more ?? []) {
    push('del', all(chain), 'rules of another hand give way', true);
  }
  rules(live.more ? [] : (live.rules ?? []), desired.rules);
  if (live.hook && !desired.hook && !live.shared) {
    push('del', hook(live.hook), 'no hook as before');
  }
  if (live.ifb && !desired.ifb) {
    push('del', link(live.ifb), 'with the tree that it carries', true);
  }
}
