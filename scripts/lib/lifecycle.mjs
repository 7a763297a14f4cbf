/** What one start has running, ended in reverse order and exactly once, whenever the end comes. */
import { endCommands } from './command.mjs';
import { busy, fail, say } from './terminal.mjs';

/** `atEnd` runs last. */
export function lifecycle({ atEnd }) {
  const running = [];
  let stopping = null;

  /** Nothing is begun any more once we are stopping; the start ends quietly by it. */
  function proceed() {
    if (stopping !== null) {
      throw new Error('stopping');
    }
  }

  async function endAll(status) {
    await endCommands();
    let left = status;
    for (const { name, thing } of running.reverse()) {
      try {
        await thing.stop();
      } catch (error) {
        fail(`${name}: ${error.message}`);
        left = 1;
      }
    }
    atEnd();
    process.exit(left);
  }

  return {
    proceed,
    get stopping() {
      return stopping !== null;
    },
    /** Start something whose `stop()` is called at the end, also when it is not ready by then. */
    own(name, start) {
      proceed();
      const thing = start();
      running.push({ name, thing });
      return thing;
    },
    /** End everything and leave with `status`. */
    stop(status) {
      stopping ??= endAll(status);
      return stopping;
    },
    stopAtSignals() {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
        process.on(signal, () => {
          if (stopping === null) {
            say();
            busy('Stopping, and removing what was made');
            stopping = endAll(0);
          }
        });
      }
      // Keeps us alive when nothing we started has a handle of its own.
      setInterval(() => undefined, 1 << 30);
    },
  };
}
