import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { howToGet, missingPrograms } from './programs.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const without = (...names: string[]) =>
  missingPrograms({ root, buildsBridge: true, find: (name) => (names.includes(name) ? null : `/usr/bin/${name}`) });

it('names a missing program, what it costs and how to get it', () => {
  expect(without()).toEqual([]);
  expect(without('irtt')).toMatchObject([{ name: 'irtt', needed: false }]);
  expect(without('irtt')[0]?.text).toMatch(
    /^"irtt" is not installed: latency, jitter and loss are not measured; .* irtt/
  );
});

it('stops only for Go, and only where the bridge has to be built', () => {
  expect(without('go', 'ip', 'tc', 'irtt', 'iperf3').filter(({ needed }) => needed)).toMatchObject([{ name: 'go' }]);
  expect(missingPrograms({ root, buildsBridge: false, find: () => null }).filter(({ needed }) => needed)).toEqual([]);
});

it('knows the package of each distribution', () => {
  expect(howToGet('tc', 'apt')).toBe('Install it with "sudo apt install iproute2".');
  expect(howToGet('tc', 'dnf')).toBe('Install it with "sudo dnf install iproute-tc".');
});
