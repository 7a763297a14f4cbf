/** How fast policies become trees, by a second of one core and without the kernel. */
import { compile, emptyAllocation, type Capabilities } from '../backend/compile/tc/index.ts';
import { judgeSource } from '../backend/deploy/index.ts';

const KERNEL: Capabilities = {
  qdiscs: ['htb', 'fq_codel'], classifiers: ['flower'], kernel: 'any', mtu: 1500, gsoMaxSize: 65536,
}; // prettier-ignore

/** @param forMs how long it is measured, after as long of warming up; @returns objects (queues, classes, rules) a second */
export function compileRate(sources: readonly string[], forMs = 1000): number {
  const policies = sources.map((source) => judgeSource(source).resolved!);
  // What this thread had of a core: on a busy machine the clock says how busy it is.
  const used = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  const during = (ms: number) => {
    const began = used();
    let objects = 0;
    for (let turn = 0; used() - began < ms; turn++) {
      const { tree } = compile(policies[turn % policies.length]!, KERNEL, emptyAllocation());
      objects += tree.qdiscs.length + tree.classes.length + tree.filters.length;
    }
    return objects / ((used() - began) / 1000);
  };
  during(forMs);
  return during(forMs);
}
