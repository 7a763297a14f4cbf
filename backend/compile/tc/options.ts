/** One option of a qdisc: as tc prints it, as tc takes it, and when two values are the same to the kernel. */
import { parseRate, parseSize, parseTime, rateArgument, sameBurst, sameSize, sameTime, writableTime } from './units.ts';

export type Value = number | boolean | string;
export interface Option {
  /** A flag or a choice is a word by itself; the others are followed by a value, a list by several. */
  form:
    | 'count'
    | 'packets'
    | 'bytes'
    | 'size'
    | 'burst'
    | 'rate'
    | 'time'
    | 'seconds'
    | 'hex'
    | 'fraction'
    | 'list'
    | 'flag'
    | 'choice';
  /** The words of a choice. */
  among?: readonly string[];
  /** The word for a rate of nothing. */
  none?: string;
  /** How a flag is written that is off, where that is not its name with "no" before it. */
  off?: '';
  /** The word that tc prints, where it is not the one that it takes. */
  shown?: string;
  /** Does tc show it, and not take it? */
  shownOnly?: boolean;
  /** Can the kernel not change it in place? Then the qdisc is made anew. */
  fixed?: boolean;
  /** The kernel's value when none is given: an absent option equals it. */
  byDefault?: Value;
}

/** @returns the value of an option as tc prints it, or undefined when it is in no form known here. */
export function parseOption(form: Option['form'], text: string): Value | undefined {
  const number = (pattern: RegExp) => {
    const match = pattern.exec(text);
    return match ? Number(match[1]) : undefined;
  };
  switch (form) {
    case 'count':
      return number(/^(-?\d+)$/);
    case 'packets':
      return number(/^(\d+)p?$/);
    case 'bytes':
      return number(/^(\d+)b?$/);
    case 'seconds':
      return number(/^(\d+)(?:sec)?$/);
    case 'fraction':
      return number(/^(\d+(?:\.\d+)?(?:e-\d+)?)$/);
    case 'hex':
      return /^(0x)?[0-9a-f]+$/.test(text) ? parseInt(text, 16) : undefined;
    case 'size':
      return parseSize(text);
    case 'burst':
      return parseSize(text.replace(/\/\d+$/, ''));
    case 'rate':
      return parseRate(text);
    case 'time': {
      const shown = parseTime(text);
      return shown !== undefined && text.endsWith('us') ? writableTime(shown) : shown;
    }
    case 'list':
    case 'flag':
    case 'choice':
      return undefined;
  }
}

/** @param rate bit/s at which a burst is kept as time */
export function sameOption(
  form: Option['form'],
  a: Value | undefined,
  b: Value | undefined,
  rate: Value | undefined
): boolean {
  if (form === 'flag') {
    return Boolean(a) === Boolean(b);
  }
  if (typeof a !== 'number' || typeof b !== 'number') {
    return a === b;
  }
  switch (form) {
    case 'time':
      return sameTime(a, b);
    case 'size':
      return sameSize(a, b);
    case 'burst':
      return sameBurst(a, b, Number(rate ?? 0));
    case 'fraction':
      return Math.abs(a - b) <= 1e-5 * Math.max(a, b);
    default:
      return a === b;
  }
}

/** @returns the words for tc; none for what it is not told */
export function renderOption(name: string, option: Option, value: Value): string[] {
  const { form } = option;
  if (option.shownOnly || (form === 'list' && value === '')) {
    return [];
  }
  switch (form) {
    case 'flag':
      return value ? [name] : option.off === '' ? [] : [`no${name}`];
    case 'choice':
      return [String(value)];
    case 'time':
      return [`${name} ${Number(value)}us`];
    case 'hex':
      return [`${name} 0x${Number(value).toString(16)}`];
    case 'burst':
      return [`${name} ${Number(value)}b`];
    case 'rate':
      return [option.none && !value ? option.none : `${name} ${rateArgument(Number(value))}`];
    default:
      return [`${name} ${value}`];
  }
}
