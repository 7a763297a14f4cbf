/** Start the demo network as a child that takes it down when it is told to, and also when we die. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findNode24, NO_NODE_24 } from '../../backend/node24.mjs';
import { runToEnd } from './command.mjs';

/**
 * Returns at once with `stop()`; `ready` resolves with `{ network, documents, control, flood(on) }`, or is rejected with
 * the demo's own words when the network cannot be made. `note` gets what it says meanwhile and later.
 */
export function startDemo({ root, prefix, flood, documents, note }) {
  const node = findNode24();
  if (node === null) {
    throw new Error(NO_NODE_24);
  }
  const program = path.join(root, 'demo/main.ts');
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
  const argv = [program, '--json', '--prefix', prefix, '--flood', flood ? 'on' : 'off', '--documents', documents];
  const child = spawn(node, argv, {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env,
  });
  child.stdin.on('error', () => undefined);
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `status ${code}`));
  });

  async function switchFlood(control, on) {
    const response = await fetch(`${control}/flood`, { method: 'PUT', body: JSON.stringify({ on }) });
    if (!response.ok) {
      throw new Error(`The flood was not switched: status ${response.status}.`);
    }
  }

  let stood = false;
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout })
      .on('line', (line) => {
        const event = JSON.parse(line);
        if (event.event === 'failed') {
          reject(new Error(event.text));
        } else if (event.event === 'note') {
          note(event.text);
        } else {
          stood = true;
          resolve({
            network: event.network,
            documents: event.documents,
            control: event.control,
            flood: (on) => switchFlood(event.control, on),
          });
        }
      })
      .on('close', () =>
        exited.then((how) => reject(new Error(`The demo network ended while it was starting (${how}).`)))
      );
  });

  return {
    ready,
    exited,
    /** The pipe's end is the signal: the demo takes its network down and ends. One that crashed is cleaned up after. */
    async stop() {
      child.stdin.end();
      await exited;
      // A network that could not be made says so itself and leaves nothing.
      if (child.signalCode !== null || (stood && child.exitCode !== 0)) {
        await runToEnd('Removing the demo network', [node, program, '--remove', '--prefix', prefix], { env }).catch(
          (error) => note(error.message)
        );
      }
    },
  };
}
