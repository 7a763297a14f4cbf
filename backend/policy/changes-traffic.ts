/** What goes to another class, in words: `DSCP EF · UDP · to port 5004-5005: from voice to video`. */
import type { Reclassification } from './reclassify.ts';

/** Kinds of traffic, and classes that take some of them first, that are named in one sentence. */
const MOST_NAMED = 5;
const named = (words: readonly string[], between: string) =>
  words.length <= MOST_NAMED
    ? words.join(between)
    : `${words.slice(0, MOST_NAMED).join(between)}${between}and ${words.length - MOST_NAMED} more`;

export function sayReclassification({ from, to, traffic }: Reclassification): string {
  const kinds = traffic.map(({ words, except }) => (except.length === 0 ? words : `${words} (but for what ${named(except, ', ')} takes)`)); // prettier-ignore
  return `${named(kinds, '; ')}: from ${from ?? 'no class'} to ${to ?? 'no class'}`;
}

export const UNTOLD =
  'There are so many matches that not all were compared: more traffic may go to another class than is said here.';
