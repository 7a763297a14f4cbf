/** The qdiscs that this version writes and reads back: one row an option, in tc's own words and units. */
import { parseSize, parseTime, sameSize, sameTime, writableTime } from './units.ts';

type Value = number | boolean | string;
export interface Option {
  /** A flag stands alone; the others are followed by a value. */
  form: 'count' | 'packets' | 'bytes' | 'size' | 'time' | 'seconds' | 'hex' | 'flag';
  /** Can the kernel change it in place? If not, the qdisc is made anew. */
  fixed?: boolean;
  /** The kernel's value when none is given: an absent option equals it. */
  byDefault?: Value;
}
export interface Kind {
  options: Record<string, Option>;
  /** Words that tc prints and that are counters or constants. */
  ignored: Record<string, 0 | 1>;
}

export const KINDS: Readonly<Record<string, Kind>> = {
  htb: {
    options: {
      default: { form: 'hex', fixed: true, byDefault: 0 },
      r2q: { form: 'count', fixed: true, byDefault: 10 },
      direct_qlen: { form: 'count', fixed: true },
    },
    ignored: { direct_packets_stat: 1, ver: 1 },
  },
  fq_codel: {
    options: {
      limit: { form: 'packets' },
      flows: { form: 'count', fixed: true, byDefault: 1024 },
      quantum: { form: 'count' },
      target: { form: 'time' },
      interval: { form: 'time' },
      memory_limit: { form: 'size' },
      ecn: { form: 'flag' },
      drop_batch: { form: 'count', byDefault: 64 },
    },
    ignored: {},
  },
  sfq: {
    options: {
      limit: { form: 'packets' },
      quantum: { form: 'bytes' },
      depth: { form: 'count', byDefault: 127 },
      flows: { form: 'count', byDefault: 128 },
      divisor: { form: 'count', fixed: true, byDefault: 1024 },
      perturb: { form: 'seconds', byDefault: 0 },
    },
    ignored: {},
  },
  pfifo: { options: { limit: { form: 'packets' } }, ignored: {} },
  bfifo: { options: { limit: { form: 'size' } }, ignored: {} },
};

/** @returns the value of an option as tc prints it, or undefined when it is in no form known here. */
export function parseOption(form: Option['form'], text: string): Value | undefined {
  const number = (pattern: RegExp) => {
    const match = pattern.exec(text);
    return match ? Number(match[1]) : undefined;
  };
  switch (form) {
    case 'count':
      return number(/^(\d+)$/);
    case 'packets':
      return number(/^(\d+)p?$/);
    case 'bytes':
      return number(/^(\d+)b?$/);
    case 'seconds':
      return number(/^(\d+)(?:sec)?$/);
    case 'hex':
      return /^(0x)?[0-9a-f]+$/.test(text) ? parseInt(text, 16) : undefined;
    case 'size':
      return parseSize(text);
    case 'time': {
      const shown = parseTime(text);
      return shown !== undefined && text.endsWith('us') ? writableTime(shown) : shown;
    }
    case 'flag':
      return undefined;
  }
}

export function sameOption(form: Option['form'], a: Value | undefined, b: Value | undefined): boolean {
  if (form === 'flag') {
    return Boolean(a) === Boolean(b);
  }
  if (typeof a !== 'number' || typeof b !== 'number') {
    return a === b;
  }
  return form === 'time' ? sameTime(a, b) : form === 'size' ? sameSize(a, b) : a === b;
}

export function renderOption(name: string, form: Option['form'], value: Value): string {
  switch (form) {
    case 'flag':
      return value ? name : `no${name}`;
    case 'time':
      return `${name} ${Number(value)}us`;
    case 'hex':
      return `${name} 0x${Number(value).toString(16)}`;
    default:
      return `${name} ${value}`;
  }
}
