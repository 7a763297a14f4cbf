/** One class from the text of `tc -d class show`. */
import { COUNTED, countedText, counting } from './counted.ts';
import { words } from './listing.ts';
import { CURVES, type Curve, type HfscClass, type HtbClass, type LiveTree, type TcClass } from './model.ts';
import { parseRate, parseSize, parseTime, writableBurst } from './units.ts';

/** Classes that a qdisc makes by itself and that hold no configuration. */
const DYNAMIC = new Set(['fq_codel', 'sfq', 'mq', 'mqprio', 'fq', 'cake', 'multiq', 'fq_pie', 'prio', 'ets', 'tbf', 'red']); // prettier-ignore

/** Takes the words of a class one after another. */
class Words {
  private at = 0;
  private readonly list: readonly string[];
  /** The first thing that is not known here. */
  unknown = '';
  constructor(list: readonly string[]) {
    this.list = list;
  }
  next(): string | undefined {
    return this.list[this.at++];
  }
  peek(): string | undefined {
    return this.list[this.at];
  }
  /** @param parse what makes a value of the next word */
  value(parse: (text: string) => number | undefined, word: string): number {
    const text = this.next() ?? '';
    const value = parse(text);
    if (value === undefined) {
      this.unknown ||= `${word} ${text}`;
    }
    return value ?? 0;
  }
}

const count = (text: string) => (/^\d+$/.test(text) ? Number(text) : undefined);
const size = (text: string) => parseSize(text.replace(/\/\d+$/, ''));

/** @returns the word where it is none of these */
function counted(item: HtbClass, word: string, given: Words): string {
  const value = COUNTED.has(word) ? given.next() : undefined;
  const counts = value === undefined ? undefined : counting(item.counts, word, value);
  if (!counts) {
    return [word, value].filter(Boolean).join(' ');
  }
  if (countedText(counts) !== '') {
    item.counts = counts;
  }
  return '';
}

function readHtb(item: HtbClass, given: Words, line: string): void {
  let level = 0;
  for (let word = given.next(); word !== undefined; word = given.next()) {
    switch (word) {
      case 'prio':
      case 'quantum':
        item[word] = given.value(count, word);
        break;
      case 'level':
        level = given.value(count, word);
        break;
      case 'rate':
      case 'ceil':
        item[word] = given.value(parseRate, word);
        break;
      case 'burst':
      case 'cburst':
        item[word] = given.value(size, word);
        break;
      default:
        given.unknown ||= counted(item, word, given);
    }
  }
  given.unknown ||= countedText(item.counts);
  item.burst = writableBurst(item.burst, item.rate);
  item.cburst = writableBurst(item.cburst, item.ceil);
  if (level > 0) {
    delete item.prio;
    delete item.quantum;
  }
}

function readCurve(given: Words): Curve {
  const curve: Curve = { m1: 0, d: 0, m2: 0 };
  for (const word of ['m1', 'd', 'm2'] as const) {
    if (given.next() !== word) {
      given.unknown ||= 'a service curve';
    }
    curve[word] = given.value(word === 'd' ? parseTime : parseRate, word);
  }
  return curve;
}

function readHfsc(item: HfscClass, given: Words): void {
  for (let word = given.next(); word !== undefined; word = given.next()) {
    const name = CURVES.find((curve) => curve === word);
    if (name) {
      item[name] = readCurve(given);
    } else if (word === 'sc') {
      // One curve for both.
      item.rt = readCurve(given);
      item.ls = { ...item.rt };
    } else {
      given.unknown ||= word;
    }
  }
}

/** Its place, which is written before anything else of it. */
function placeOf(given: Words, classid: string): string {
  const word = given.next();
  const parent = word === 'parent' ? (given.next() ?? '') : '';
  if (given.peek() === 'leaf') {
    given.next();
    given.next();
  }
  // HTB and DRR show a class directly below them as "root", HFSC by its own handle.
  return word === 'root' || parent === `${classid.split(':')[0]}:` ? 'root' : parent;
}

function readKind(kind: string, classid: string, given: Words, line: string): TcClass | undefined {
  const parent = placeOf(given, classid);
  switch (kind) {
    case 'htb': {
      const item: HtbClass = { kind, classid, parent, rate: 0, ceil: 0, burst: 0, cburst: 0 };
      readHtb(item, given, line);
      return item;
    }
    case 'hfsc': {
      const item: HfscClass = { kind, classid, parent };
      readHfsc(item, given);
      return item;
    }
    case 'drr':
      if (given.next() !== 'quantum') {
        given.unknown ||= 'quantum';
      }
      return { kind, classid, parent, quantum: given.value(parseSize, 'quantum') };
    default:
      return undefined;
  }
}

export function readClass(line: string, tree: LiveTree): void {
  const [, kind = '', classid = '', ...rest] = words(line);
  // HFSC lists itself as well, as the class "1:".
  if (DYNAMIC.has(kind) || classid.endsWith(':')) {
    return;
  }
  const given = new Words(rest);
  const item = readKind(kind, classid, given, line);
  if (item) {
    tree.classes.push(item);
  }
  if (!item || given.unknown) {
    tree.inexact.push(`class ${kind} ${classid}${item ? ` (${given.unknown})` : ''}`);
  }
}
