/** What the operator does again and again: opening a page, keeping a picture. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import type { World } from './world.ts';

const SHOTS =
  process.env.CLEARPATH_SCREENSHOTS ?? fileURLToPath(new URL('../../test-results/screenshots/', import.meta.url));
mkdirSync(SHOTS, { recursive: true });

/** Waits until the page has settled, then keeps a picture of it. */
export const shot = async (page: Page, name: string) => {
  await page.waitForTimeout(1200);
  await page.screenshot({ path: `${SHOTS}/${name}.png` });
};

export const app = (world: World, path: string) => `${world.grafana.url}/a/clearpath-qos-app/${path}`;
