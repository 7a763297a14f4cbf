/** Desired minus live: the smallest ordered list of operations that leads from one tree to the other. */
import { diffIngress } from './diff-ingress.ts';
import { diffRules } from './diff-rules.ts';
import { diffTree } from './diff-tree.ts';
import type { TcTree } from './model.ts';
import { Planner, type DiffOptions, type Operation } from './operation.ts';

/**
 * @param live what the kernel has, or another compiled tree.
 * @param desired what should be; without a root (the kernel's default) ours is deleted.
 * @returns operations for one `tc -batch`, in order, with lines of `ip -batch` between for links; empty when nothing differs.
 */
export function diff(live: TcTree, desired: TcTree, options: DiffOptions): Operation[] {
  const { ingress } = desired;
  const planner = new Planner(options, ingress?.ifb?.name);
  const tree = () => diffTree(planner, live, desired, options);
  if (ingress) {
    diffIngress(live.ingress ?? { rules: [] }, ingress, {
      push: planner.push.bind(planner),
      tree,
      rules: (from, to) => diffRules(planner, from, to),
    });
  } else {
    tree();
  }
  return planner.operations;
}

/** @returns whether the kernel would tell the two trees apart. */
export const sameTree = (a: TcTree, b: TcTree): boolean => diff(a, b, { device: 'x' }).length === 0;
