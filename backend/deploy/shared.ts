/**
 * Hundreds of interfaces carry few different trees. What is a pure function of trees or texts is done once for all that
 * share them, in the span of one planning; trees that are shared are never changed.
 */
import { createHash } from 'node:crypto';
import { diff, sideOf, type Operation, type Origin, type TcTree } from '../compile/tc/index.ts';
import { ANY_DEVICE, type JournalledOperation } from '../store/index.ts';

/** By the identity of one object. */
export function onceFor<K extends object, R>(work: (key: K) => R): (key: K) => R {
  const known = new WeakMap<K, { result: R }>();
  return (key) => {
    const found = known.get(key) ?? { result: work(key) };
    known.set(key, found);
    return found.result;
  };
}

/** By the identity of two. */
export function onceForPair<A extends object, B extends object, R>(work: (a: A, b: B) => R): (a: A, b: B) => R {
  const ofFirst = onceFor((a: A) => onceFor((b: B) => work(a, b)));
  return (a, b) => ofFirst(a)(b);
}

/** By text. */
export function onceForText<R>(work: (text: string) => R): (text: string) => R {
  const known = new Map<string, { result: R }>();
  return (text) => {
    const found = known.get(text) ?? { result: work(text) };
    known.set(text, found);
    return found.result;
  };
}

/** The text of a tree or of identities, which do not change once they are known. */
export const jsonOf: (value: object) => string = onceFor((value) => JSON.stringify(value));
export const digestOf: (value: object) => string = onceFor((value) =>
  createHash('sha256').update(jsonOf(value)).digest('base64')
);

/** Operations between two trees, on whichever interface has them. */
export class Changes {
  private readonly operations: readonly Operation[];
  /** As the journal keeps them for whichever interface */
  readonly journal: string;
  readonly digest: string;

  constructor(operations: readonly Operation[]) {
    this.operations = operations;
    this.journal = JSON.stringify(
      operations.map(({ object, line, ...rest }): JournalledOperation => ({
        command: line,
        ...rest,
        object: object.type,
      }))
    );
    this.digest = createHash('sha256').update(this.journal).digest('base64');
  }

  static between(
    live: TcTree,
    desired: TcTree,
    options: { origins?: ReadonlyMap<string, Origin>; rebuild?: string | undefined }
  ): Changes {
    return new Changes(diff(live, desired, { ...options, device: ANY_DEVICE }));
  }

  get count(): number {
    return this.operations.length;
  }

  on(side: string): Operation[] {
    const lines = this.lines(side);
    return this.operations.map((operation, index) => ({ ...operation, line: lines[index]! }));
  }

  /** What is run there; far less than `on` to hold for thousands of interfaces */
  lines(side: string): string[] {
    const { interface: device } = sideOf(side);
    return this.operations.map(({ line }) => line.replaceAll(ANY_DEVICE, device));
  }
}
