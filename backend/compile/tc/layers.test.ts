import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boxes, type Box } from '../../policy/boxes.ts';
import { holds } from '../../policy/classify.ts';
import type { Clause } from '../../policy/schema.ts';
import { allClauses, clauses, frames } from '../../policy/testing-packets.ts';
import { layersOf } from './layers.ts';

const rule = (box: Box, target: string) => ({ box, target, protocol: 'all' });

it('a packet that satisfies two rules of different targets finds the earlier one in an earlier layer', () => {
  const few = fc.array(fc.oneof(clauses, allClauses), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(few, fc.array(frames, { minLength: 10, maxLength: 10 }), (said, some) => {
      const rules = said.flatMap((clause, index) =>
        [...boxes(clause)].slice(0, 30).map((box) => ({ clause: { ...clause } as Clause, index, ...rule(box, `t${index % 3}`) }))
      ); // prettier-ignore
      const layers = layersOf(rules);
      return some.every((packet) => {
        // Whether a clause holds says of which boxes it could be; two clauses of one box each are exact.
        const single = rules.filter(({ index }) => rules.filter((other) => other.index === index).length === 1);
        const taken = single.filter(({ clause }) => holds(clause, packet));
        return taken.every((a, i) =>
          taken.slice(i + 1).every((b) => a.target === b.target || layers[rules.indexOf(a)]! < layers[rules.indexOf(b)]!)
        ); // prettier-ignore
      });
    }),
    { numRuns: 100 }
  );
});

it('thousands of rules that exclude each other are one layer, and one that meets them comes after', () => {
  const ports = Array.from({ length: 4000 }, (_, i) => {
    const [box] = boxes({ ipVersion: 4, protocol: [{ number: 17 }], destinationPorts: [{ from: i + 1, to: i + 1 }] });
    return rule(box!, `c${i}`);
  });
  const [wide] = boxes({ ipVersion: 4, dscp: [46] });
  const layers = layersOf([...ports, rule(wide!, 'voice')]);
  expect(new Set(layers.slice(0, 4000))).toEqual(new Set([0]));
  expect(layers[4000]).toBe(1);
});

it('rules of one class share a layer however they overlap', () => {
  const [dscp] = boxes({ ipVersion: 4, dscp: [46] });
  const [udp] = boxes({ ipVersion: 4, protocol: [{ number: 17 }] });
  expect(layersOf([rule(dscp!, 'a'), rule(udp!, 'a')])).toEqual([0, 0]);
  expect(layersOf([rule(dscp!, 'a'), rule(udp!, 'b')])).toEqual([0, 1]);
});
