/** Start a service again when it dies by itself; one that dies soon, again and again, is given up with its reason. */
import { setTimeout as sleep } from 'node:timers/promises';
import { tailOf } from './service.mjs';

const PATIENCE = 3;
const SHORT_LIFE = 30_000;

/**
 * `start(spawned)` resolves with a service that is ready, and calls `spawned` with it as soon as its process exists, so
 * that it can be ended before it is ready. Returns at once: `ready` settles with the first start.
 */
export function keep({ start, note }) {
  let stopping = false;
  let current = null;

  async function launch() {
    const service = await start((spawned) => (current = spawned));
    current = service;
    return service;
  }

  async function watch(first) {
    let service = first;
    let shortLives = 0;
    while (!stopping) {
      const began = Date.now();
      const how = await service.exited;
      if (stopping) {
        return;
      }
      await service.stop();
      shortLives = Date.now() - began < SHORT_LIFE ? shortLives + 1 : 0;
      if (shortLives >= PATIENCE) {
        note(
          `${service.name} ended again (${how}) and is not started any more. Its log ${service.log} ends with:\n${tailOf(service.log)}`
        );
        return;
      }
      note(`${service.name} ended by itself (${how}) and is started again. Its log: ${service.log}`);
      await sleep(1000);
      if (!stopping) {
        service = await launch();
      }
    }
  }

  const ready = launch();
  // A first start that fails is told to whoever awaits `ready`; a later one is noted.
  ready.then((service) => watch(service).catch((error) => stopping || note(error.message))).catch(() => undefined);
  return {
    ready,
    async stop() {
      stopping = true;
      await current?.stop();
    },
  };
}
