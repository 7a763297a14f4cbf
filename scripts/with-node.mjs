#!/usr/bin/env node
/** `node scripts/with-node.mjs FILE ARGS…`: run a file with Node 24, also where the machine's own Node is older. */
import { runWithNode24 } from '../backend/node24.mjs';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error('Usage: node scripts/with-node.mjs FILE [ARGUMENT…]');
  process.exit(2);
}
runWithNode24(file, args);
