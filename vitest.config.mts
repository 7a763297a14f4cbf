/**
 * One runner for all TypeScript: `backend` is everything that runs on Node, `src` what runs in Grafana's page.
 * Tests that need a kernel or a real Grafana say so themselves and skip by name where the machine has neither.
 */
import { defineConfig } from 'vitest/config';

const elsewhere = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'backend',
          environment: 'node',
          // A database of the machine's own is never written to by tests.
          env: { DATABASE_URL: '' },
          // Processes, kernels and real probes on a machine that is busy with other tests.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          include: [
            'backend/**/*.test.ts',
            'bench/**/*.test.ts',
            'scripts/**/*.test.ts',
            'demo/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude: elsewhere,
        },
      },
      {
        test: {
          name: 'src',
          environment: 'jsdom',
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
