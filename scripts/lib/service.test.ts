import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keep } from './keeper.mjs';
import { freePort } from './ports.mjs';
import { startService, untilReady, type Service } from './service.mjs';

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'clearpath-service-'));
  log = path.join(folder, 'log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const shell = (script: string) =>
  startService({ name: 'The sleeper', argv: ['sh', '-c', script], log, env: process.env });

it('shows the end of the log when a service dies while it is starting', async () => {
  const service = shell('echo "no such interface"; exit 3');
  await expect(untilReady(service, `http://127.0.0.1:${await freePort()}/`)).rejects.toThrow(
    /The sleeper ended while it was starting \(status 3\)\. Its log \S+ ends with:\nno such interface/
  );
});

it('ends a service that does not get ready in time, and says what it waited for', async () => {
  const service = shell('sleep 60');
  await expect(untilReady(service, `http://127.0.0.1:${await freePort()}/`, 300)).rejects.toThrow(
    /within 0\.3 s .*ECONNREFUSED/
  );
  expect(service.ended).toBe('SIGTERM');
});

it('says that a program does not exist', async () => {
  const service = startService({ name: 'The missing', argv: ['/nowhere/program'], log, env: process.env });
  await expect(untilReady(service, 'http://127.0.0.1:1/')).rejects.toThrow(/ENOENT/);
  await service.stop();
});

it('starts a service again that dies, and gives up one that keeps dying', { timeout: 15_000 }, async () => {
  const notes: string[] = [];
  const begun: Service[] = [];
  const kept = keep<Service>({
    start: async (spawned) => {
      const service = shell('sleep 0.1; echo "disk full"; exit 1');
      begun.push(service);
      spawned(service);
      return service;
    },
    note: (text) => notes.push(text),
  });
  await kept.ready;
  await expect.poll(() => notes.at(-1), { timeout: 10_000 }).toMatch(/is not started any more.*\n.*disk full/s);
  expect(begun).toHaveLength(3);
  await kept.stop();
});

it('starts nothing more once it is stopped', { timeout: 15_000 }, async () => {
  let begun = 0;
  const kept = keep<Service>({
    start: async (spawned) => {
      begun += 1;
      const service = shell('sleep 60');
      spawned(service);
      return service;
    },
    note: (text) => expect.fail(text),
  });
  const service = await kept.ready;
  await kept.stop();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect([begun, service.ended]).toEqual([1, 'SIGTERM']);
});
