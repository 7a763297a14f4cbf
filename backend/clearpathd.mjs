#!/usr/bin/env node
/** The sidecar, on any Node from 20 on. */
import { fileURLToPath } from 'node:url';
import { runWithNode24 } from './node24.mjs';

runWithNode24(fileURLToPath(new URL('clearpathd.ts', import.meta.url)), process.argv.slice(2));
