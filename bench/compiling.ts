/** How fast policies become trees, on one core and without the kernel. */
import { compile, emptyAllocation, type Capabilities } from '../backend/compile/tc/index.ts';
import { judgeSource } from '../backend/deploy/index.ts';

const KERNEL: Capabilities = {
  qdiscs: ['htb', 'fq_codel'], classifiers: ['flower'], kernel: 'any', mtu: 1500, gsoMaxSize: 65536,
}; // prettier-ignore

/** @param forMs how long it is measured, after as long of warming up; @returns objects (queues, classes, rules) a second */
export function compileRate(sources: readonly string[], forMs = 1000): number {
  const policies = sources.map((source) => judgeSource(source).resolved!);
  const during = (ms: number) => {
    const began = performance.now();
    let objects = 0;
    for (let turn = 0; performance.now() - began < ms; turn++) {
      const { tree } = compile(policies[turn % policies.length]!, KERNEL, emptyAllocation());
      objects += tree.qdiscs.length + tree.classes.length + tree.filters.length;
    }
    return objects / ((performance.now() - began) / 1000);
  };
  during(forMs);
  return during(forMs);
}
