/** The story in a real Grafana with a real browser: one worker, since there is one network, one sidecar and one Grafana. */
import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const onPath = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) =>
  (process.env.PATH ?? '').split(':').map((folder) => `${folder}/${name}`)
);
const chromium = process.env.CHROMIUM ?? onPath.find((file) => existsSync(file));

export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results/e2e',
  workers: 1,
  retries: 0,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json', { outputFile: '../../test-results/e2e.json' }]],
  use: {
    viewport: { width: 1440, height: 1000 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(chromium ? { executablePath: chromium } : {}),
      args: [
        '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
        '--disable-sync',
      ], // prettier-ignore
    },
  },
});
