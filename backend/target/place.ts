/** Where an interface is: this machine's own network or a named network namespace, with the way in. */
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { run } from './run.ts';

export interface Place {
  /** Network namespace by name; undefined is the one this process runs in. */
  namespace?: string | undefined;
  /** Command prefix into the user namespace that owns it, for an unprivileged installation. */
  enter: readonly string[];
}

/** CLEARPATH_ENTER: a JSON list of arguments put before every tc, ip and probe command that names a namespace. */
export function enterPrefix(environment: NodeJS.ProcessEnv): string[] {
  const text = environment.CLEARPATH_ENTER;
  if (!text) {
    return [];
  }
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value) || !value.every((item): item is string => typeof item === 'string')) {
    throw new Error('CLEARPATH_ENTER is not a JSON list of strings.');
  }
  return value;
}

/** A command inside the place's network. */
export const inside = (place: Place, argv: readonly string[]): string[] =>
  place.namespace ? [...place.enter, 'ip', 'netns', 'exec', place.namespace, ...argv] : [...argv];

/** tc and ip enter a namespace by themselves, without mounting anything. */
export const withNamespace = (place: Place, program: 'tc' | 'ip', argv: readonly string[]): string[] =>
  place.namespace ? [...place.enter, program, '-n', place.namespace, ...argv] : [program, ...argv];

/** One name for an interface in documents, locks and the store: "wan0" or "clearpath-branch/wan0". */
export const placeKey = (place: Place, device: string): string =>
  place.namespace ? `${place.namespace}/${device}` : device;

/** The same for two processes that see the same network, whatever state they keep. */
export function networkIdentity(place: Place): string {
  if (!place.namespace) {
    return readlinkSync('/proc/self/ns/net').replace(/\D/g, '');
  }
  if (place.enter.length === 0) {
    try {
      return String(statSync(`/run/netns/${place.namespace}`).ino);
    } catch {
      return `absent-${place.namespace}`;
    }
  }
  return createHash('sha256')
    .update(JSON.stringify([place.enter, place.namespace]))
    .digest('hex')
    .slice(0, 16);
}

/** The kernel that a place is on, which a command prefix may choose. */
export async function kernelOf(place: Place): Promise<string> {
  return place.namespace && place.enter.length > 0
    ? `Linux ${(await run(inside(place, ['uname', '-r']))).stdout.trim()}`
    : kernelRelease();
}

export const kernelRelease = (): string => `Linux ${readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()}`;
