/** Which room may know what: the one table of the sidecar's import rules, and the engine that reads it. */
import { dirname, join, normalize } from 'node:path';
import { globalsOf, importsOf } from './source.ts';

export interface Room {
  /** Rooms whose code it may call */
  rooms: readonly string[];
  /** Files whose types alone it may name */
  types?: readonly string[];
  /** Packages, and modules of Node by their full name */
  packages: readonly string[];
  /** A pure room also touches no clock, no chance, no process and no network through the language's globals. */
  pure?: boolean;
}

/** Beneath the rooms stand those they may know; nothing knows what stands above it. */
export const ROOMS: Readonly<Record<string, Room>> = {
  policy: { rooms: [], packages: ['zod', 'yaml'], pure: true },
  compile: { rooms: ['policy'], packages: [], pure: true },
  sla: { rooms: [], packages: ['@datadog/sketches-js'], pure: true },
  target: { rooms: ['compile'], packages: ['node:timers/promises', 'node:child_process', 'node:crypto', 'node:fs', 'node:os', 'node:path'] },
  store: { rooms: ['sla'], packages: ['kysely', 'pg', 'ulid', 'node:crypto', 'node:fs', 'node:path', 'node:sqlite'] },
  templates: { rooms: [], packages: ['node:fs', 'node:url'] },
  deploy: { rooms: ['policy', 'compile', 'target', 'store'], packages: ['ulid', 'node:crypto'] },
  measure: {
    rooms: ['sla'],
    types: ['api/contract.ts'],
    packages: ['ulid', 'node:child_process', 'node:events', 'node:readline'],
  },
  prove: { rooms: ['policy', 'compile', 'target'], packages: ['node:fs', 'node:url'] },
  api: {
    rooms: ['policy', 'compile', 'sla', 'target', 'store', 'deploy', 'prove', 'measure', 'templates'],
    packages: [
      'fastify', '@fastify/swagger', 'fastify-type-provider-zod', 'zod', 'prom-client', 'kysely', 'ulid', 'node:crypto', 'node:events', 'node:http',
    ],
  },
  daemon: {
    rooms: ['policy', 'compile', 'sla', 'target', 'store', 'deploy', 'measure', 'api'],
    packages: ['pino', 'node:crypto', 'node:fs', 'node:os', 'node:path'],
  },
  cli: {
    rooms: ['policy', 'compile', 'target', 'store', 'deploy', 'prove', 'templates', 'daemon'],
    packages: ['ulid', 'node:crypto', 'node:fs', 'node:os', 'node:path', 'node:url', 'node:util'],
  },
}; // prettier-ignore

/** What a pure function does not touch: the same in, the same out. */
const IMPURE = new Set([
  'process', 'Buffer', 'fetch', 'console', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'performance', 'crypto', 'Worker',
  'WebSocket', 'XMLHttpRequest', 'Date.now', 'Math.random', 'Atomics', 'require',
]); // prettier-ignore

export interface Breach {
  where: string;
  what: string;
}

/**
 * @param path of the file below backend/, e.g. policy/judge.ts
 * @returns what it takes that its room may not have
 */
export function breachesOfRoom(path: string, text: string, rooms = ROOMS): Breach[] {
  const own = path.split('/')[0]!;
  const room = rooms[own];
  if (!room) {
    return [{ where: path, what: `"${own}" is a room that the table does not know` }];
  }
  const found: Breach[] = [];
  const add = (line: number, what: string) => found.push({ where: `${path}:${line}`, what: `${own} may not ${what}` });
  for (const { from, typesOnly, line } of importsOf(path, text)) {
    if (!from.startsWith('.')) {
      if (!room.packages.includes(from)) {
        add(line, `import ${from}`);
      }
      continue;
    }
    const target = normalize(join(dirname(path), from));
    const other = target.split('/')[0]!;
    if (other !== own && !room.rooms.includes(other) && !(typesOnly && room.types?.includes(target))) {
      add(line, `import ${target}`);
    }
  }
  for (const { name, line } of room.pure ? globalsOf(path, text, IMPURE) : []) {
    add(line, `touch ${name}`);
  }
  return found;
}

/** @returns a way round in the table, or undefined: a room that knows itself through others is not below them. */
export function wayRound(rooms: Readonly<Record<string, Room>> = ROOMS): string[] | undefined {
  const walk = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) {
      return [...path.slice(path.indexOf(name)), name];
    }
    return (rooms[name]?.rooms ?? []).map((below) => walk(below, [...path, name])).find((found) => found !== undefined);
  };
  return Object.keys(rooms)
    .map((name) => walk(name, []))
    .find((found) => found !== undefined);
}
