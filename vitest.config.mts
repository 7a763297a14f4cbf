/**
 * One runner for all TypeScript: `backend` is everything that runs on Node, `timed` those of it that need the machine for
 * themselves, `src` what runs in Grafana's page.
 * Tests that need a kernel or a real Grafana say so themselves and skip by name where the machine has neither.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Most tests wait for programs that they started: two at a time also on two processors. */
const WORKERS = Math.max(2, availableParallelism() - 1);

const elsewhere = ['**/node_modules/**', '**/dist/**'];

/** What holds packets against a clock: alone on the machine, after everything else. */
const timed = [
  'backend/measure/{irtt,monitor}.test.ts',
  'demo/demo.test.ts',
  'test/kernel/{continuity,ingress-police,judged,many-rules,police-proof,proof,scheduler-proofs,shaping,template-proofs}.test.ts',
];

const onNode = {
  environment: 'node',
  env: {
    // A database of the machine's own is never written to by tests.
    DATABASE_URL: '',
    // Commands that tests start do not each compile the sources anew.
    NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/clearpath', import.meta.url)),
  },
  // Processes, kernels and real probes on a machine that is busy with other tests.
  testTimeout: 30_000,
  hookTimeout: 60_000,
} as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'backend',
          ...onNode,
          maxWorkers: WORKERS,
          include: [
            'backend/**/*.test.ts',
            'bench/**/*.test.ts',
            'scripts/**/*.test.ts',
            'demo/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude: [...elsewhere, ...timed],
        },
      },
      {
        test: {
          ...onNode,
          name: 'timed',
          maxWorkers: 1,
          // Of the tests that say so: proofs on slow links, which mostly wait for their traffic.
          maxConcurrency: Math.min(2, availableParallelism()),
          sequence: { groupOrder: 1 },
          include: timed,
          exclude: elsewhere,
        },
      },
      {
        test: {
          name: 'src',
          environment: 'jsdom',
          maxWorkers: WORKERS,
          include: ['src/**/*.test.{ts,tsx}'],
          exclude: elsewhere,
          // Loading @grafana/ui takes longer than the tests: files of one worker share it. Each test cleans up what it renders.
          isolate: false,
          testTimeout: 20_000,
          setupFiles: ['./test/vitest.setup.ts'],
          // @grafana/ui 12.4 and rc-component ship ES modules that import without extensions; Node does not load them as they are.
          server: { deps: { inline: [/@grafana\//, /rc-component/] } },
          env: { TZ: 'UTC', I18NEXT_NO_SUPPORT_NOTICE: '1' },
        },
      },
    ],
  },
});
