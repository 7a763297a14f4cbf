import { describe, expect, it } from 'vitest';
import { resolve } from '../../policy/resolve.ts';
import type { TrafficClass } from '../../policy/schema.ts';
import { CompileError } from './compile-error.ts';
import { BARE, compiled, FULL } from './testing.ts';

const only = (figures: Partial<TrafficClass>, bandwidth = 10_000_000) =>
  resolve('p', { classes: [{ name: 'one', default: true, ...figures }] }, bandwidth);
const absolute = (bits: number) => ({ kind: 'absolute' as const, bits });

describe('a figure that the kernel would refuse, or take and change silently', () => {
  it.each([
    ['no packet at all', { queue: { limit: { packets: 0 } } }, FULL, 'spec.classes[0].queue.limit'],
    ['one packet of sfq', { queue: { algorithm: 'sfq', limit: { packets: 1 } } }, FULL, 'spec.classes[0].queue.limit'],
    ['no packet of pfifo', { queue: { limit: { packets: 0 } } }, BARE, 'spec.classes[0].queue.limit'],
    [
      'more bytes than 32 bits',
      { queue: { algorithm: 'pfifo', limit: { bytes: 2 ** 32 } } },
      FULL,
      'spec.classes[0].queue.limit',
    ],
    ['a quantum below the kernel’s least', { queue: { quantum: 255 } }, FULL, 'spec.classes[0].queue.quantum'],
    ['a quantum above its most', { queue: { quantum: 2 ** 20 + 1 } }, FULL, 'spec.classes[0].queue.quantum'],
    ['memory above its most', { queue: { memory: 2 ** 31 + 1 } }, FULL, 'spec.classes[0].queue.memory'],
    ['no target', { queue: { target: 0 } }, FULL, 'spec.classes[0].queue.target'],
    ['no burst', { burst: 0 }, FULL, 'spec.classes[0].burst'],
    ['a burst longer than 274 s at the rate', { burst: 280_000 }, FULL, 'spec.classes[0].burst'],
    ['a ceiling of less than a kilobit', { ceiling: absolute(999) }, FULL, 'spec.classes[0]'],
  ] as Array<[string, Partial<TrafficClass>, typeof FULL, string]>)(
    'is refused at its place in the policy: %s',
    (_what, figures, capabilities, path) => {
      let thrown: unknown;
      try {
        compiled(only(figures), capabilities);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(CompileError);
      expect((thrown as CompileError).path).toBe(path);
      expect((thrown as CompileError).message).toMatch(/^"one" /);
    }
  );

  it('is refused for the link too', () => {
    expect(() => compiled(only({}, 999))).toThrow('A link of 999 bit/s is less than this kernel shapes to: 1 kbit/s.');
  });
});

it('takes what the kernel holds, to the last', () => {
  for (const figures of [
    { burst: 1 },
    { burst: 274_000 },
    { queue: { quantum: 256 } },
    { queue: { limit: { packets: 1 } } },
  ]) {
    expect(compiled(only(figures)).tree.classes).toHaveLength(2);
  }
});

it('keeps more than four thousand classes in one tree: divided, they would not borrow from each other', () => {
  const classes = Array.from({ length: 4_200 }, (_, index) => ({
    name: `host-${index}`,
    guarantee: absolute(1_000_000),
  }));
  const { tree } = compiled(
    resolve('p', { classes: [...classes, { name: 'rest', default: true }] }, 10_000_000_000),
    FULL
  );
  const [link, ...rest] = tree.classes;
  expect(link!.parent).toBe('root');
  expect(rest.length).toBe(4_201);
  expect(new Set(rest.map(({ parent }) => parent))).toEqual(new Set([link!.classid]));
  expect(tree.qdiscs.filter(({ parent }) => parent === 'root').length).toBe(1);
});
