import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { endGroup, endProcess, groupOf, identify, isRunning } from './processes.mjs';

/** A shell that leads its own group, with a child in it that ignores SIGTERM; it says when that child is there. */
async function family() {
  const script = '(trap "" TERM; echo ready; while :; do sleep 0.1; done) & wait';
  const shell = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(shell.stdout, 'data');
  const leader = identify(shell.pid ?? 0);
  if (leader === null) {
    throw new Error('the shell has ended');
  }
  return { shell, leader };
}

it('knows a process from a later one with the same pid', async () => {
  const sleeper = spawn('sleep', ['60']);
  const identity = identify(sleeper.pid ?? 0);
  expect(identity && isRunning(identity)).toBe(true);
  expect(isRunning({ pid: sleeper.pid ?? 0, start: 'another boot/1' })).toBe(false);
  expect(identity && (await endProcess(identity))).toBe(true);
  expect(identify(sleeper.pid ?? 0)).toBeNull();
});

it('ends a whole group, members that ignore SIGTERM too', { timeout: 15_000 }, async () => {
  const { leader } = await family();
  expect(groupOf(leader).length).toBeGreaterThan(1);
  expect(await endGroup(leader, 500)).toBe(true);
  expect(groupOf(leader)).toEqual([]);
});

it('ends what a killed leader left in its group', { timeout: 15_000 }, async () => {
  const { shell, leader } = await family();
  shell.kill('SIGKILL');
  await once(shell, 'exit');
  expect(isRunning(leader)).toBe(false);
  expect(groupOf(leader).length).toBeGreaterThan(0);
  expect(await endGroup(leader)).toBe(true);
});

it('leaves a group alone whose number now belongs to somebody else', async () => {
  const { leader } = await family();
  const mistaken = { ...leader, start: `${leader.start}0` };
  expect(groupOf(mistaken)).toEqual([]);
  expect(await endGroup(mistaken)).toBe(true);
  expect(isRunning(leader)).toBe(true);
  await endGroup(leader, 200);
});
