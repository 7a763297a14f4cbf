/** In which order the kernel takes the parts of a tree. */
import { major, rootOf, type Qdisc, type TcClass, type TcTree, type TreeObject } from './model.ts';

/** Parents before children. */
export function ordered(classes: readonly TcClass[]): TcClass[] {
  const children = new Map<string, TcClass[]>();
  const ids = new Set(classes.map((item) => item.classid));
  for (const item of classes) {
    const parent = ids.has(item.parent) ? item.parent : '';
    const list = children.get(parent);
    if (list) {
      list.push(item);
    } else {
      children.set(parent, [item]);
    }
  }
  const result: TcClass[] = [];
  const queue = [...(children.get('') ?? [])];
  for (let i = 0; i < queue.length; i++) {
    result.push(queue[i]!);
    queue.push(...(children.get(queue[i]!.classid) ?? []));
  }
  return result;
}

/** Everything of a tree below its root but the rules, in the order in which it can be built. */
export function inOrder(tree: TcTree): Array<Exclude<TreeObject, { type: 'filter' }>> {
  const queues = new Map(tree.qdiscs.map((qdisc) => [qdisc.parent, qdisc]));
  const classes = Map.groupBy(tree.classes, ({ classid }) => major(classid));
  const bands = Map.groupBy(
    tree.qdiscs.filter(({ parent }) => parent.includes(':')),
    ({ parent }) => major(parent)
  );
  const ids = new Set(tree.classes.map(({ classid }) => classid));
  const below = ({ handle }: Qdisc): ReturnType<typeof inOrder> => [
    ...ordered(classes.get(major(handle)) ?? []).flatMap((value) => [
      { type: 'class' as const, value },
      ...withBelow(queues.get(value.classid)),
    ]),
    ...(bands.get(major(handle)) ?? []).flatMap((queue) => (ids.has(queue.parent) ? [] : withBelow(queue))),
  ];
  const withBelow = (value: Qdisc | undefined): ReturnType<typeof inOrder> =>
    value ? [{ type: 'qdisc', value }, ...below(value)] : [];
  const root = rootOf(tree);
  return root ? below(root) : [];
}
