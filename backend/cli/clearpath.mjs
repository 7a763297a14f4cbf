#!/usr/bin/env node
/** The command line `clearpath`, on any Node from 20 on and from any directory. */
import { fileURLToPath } from 'node:url';
import { runWithNode24 } from '../node24.mjs';

runWithNode24(fileURLToPath(new URL('main.ts', import.meta.url)), process.argv.slice(2));
