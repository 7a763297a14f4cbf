/**
 * The demo network on its own:
 *   node scripts/with-node.mjs demo/main.ts [--prefix NAME] [--flood on|off] [--control PORT] [--documents FOLDER] [--json]
 *   node scripts/with-node.mjs demo/main.ts --remove [--prefix NAME]
 * Documents for another prefix than the default are written to FOLDER. `--json` is for a program that starts it: one
 * JSON object a line, and it ends when its standard input does. `--remove` takes away what a crash left.
 */
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openControl } from './control.ts';
import { Demo, type DemoNetwork } from './demo.ts';
import { documentFiles } from './documents.ts';
import { ADDRESSES, DEFAULT_PREFIX, REFLECTOR_PORT } from './topology.ts';

const { values } = parseArgs({
  options: {
    prefix: { type: 'string', default: DEFAULT_PREFIX },
    flood: { type: 'string', default: 'off' },
    control: { type: 'string', default: '0' },
    documents: { type: 'string' },
    json: { type: 'boolean', default: false },
    remove: { type: 'boolean', default: false },
  },
});

type Event =
  | { event: 'note' | 'failed'; text: string }
  | { event: 'ready'; control: string; network: DemoNetwork; documents: string[] };

function say(event: Event): void {
  if (values.json) {
    console.log(JSON.stringify(event));
  } else if (event.event === 'ready') {
    const { namespaces, enter } = event.network;
    console.log(
      `The demo network stands: ${Object.values(namespaces).join(' — ')}, irtt at ${ADDRESSES.dc.v4}:${REFLECTOR_PORT}.`
    );
    console.log(`Enter it with: ${[...enter, 'ip', 'netns', 'exec', namespaces.branch].join(' ')} COMMAND`);
    console.log(`Flood the link with: curl -X PUT -d '{"on":true}' ${event.control}/flood`);
    console.log(`Its documents: ${event.documents.join(' ')}`);
    console.log('Ctrl-C takes it down.');
  } else {
    console.error(event.text);
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

// Signals may come while the network is half made: they wait until it can be taken down.
let stop: () => void = () => undefined;
const asked = new Promise<void>((resolve) => (stop = resolve));
(['SIGINT', 'SIGTERM', 'SIGHUP'] as const).forEach((signal) => process.on(signal, stop));
if (values.json) {
  process.stdin.on('end', stop).on('error', stop).resume();
}

try {
  if (values.remove) {
    await Demo.removeLeftovers(values.prefix);
    process.exit(0);
  }
  const demo = await Demo.start({
    prefix: values.prefix,
    flood: values.flood === 'on',
    note: (text) => say({ event: 'note', text }),
  });
  try {
    const control = await openControl(
      { describe: () => ({ ...demo.describe() }), flood: (on) => demo.flood(on) },
      Number(values.control)
    );
    const documents = documentFiles(
      values.prefix,
      values.documents ?? path.join(os.tmpdir(), `${values.prefix}-documents`)
    );
    say({ event: 'ready', control: control.url, network: demo.describe(), documents });
    await asked;
  } finally {
    await demo.stop();
  }
  process.exit(0);
} catch (error) {
  say({ event: 'failed', text: messageOf(error) });
  process.exit(1);
}
