/** An edit of the text of a YAML document where it stands, so that every line it does not mean stays as it was written. */
import {
  isMap,
  isScalar,
  isSeq,
  stringify,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { landing } from './edit-data.ts';
import type { Edit } from './finding.ts';
import { parsePath, type Path } from './locate.ts';

/** What goes in place of the characters from `start` up to `end`. */
export interface Splice {
  start: number;
  end: number;
  text: string;
}

export const splice = (source: string, { start, end, text }: Splice): string =>
  source.slice(0, start) + text + source.slice(end);

/** On one line, as documents of the language are mostly written. */
const flow = (value: unknown): string => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
const isFlow = (node: { flow?: boolean }) => node.flow === true;

class Text {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
  lineStart(offset: number): number {
    return this.source.lastIndexOf('\n', offset - 1) + 1;
  }
  /** Just behind the line break of the line that the offset is in. */
  lineEnd(offset: number): number {
    const at = this.source.indexOf('\n', offset);
    return at < 0 ? this.source.length : at + 1;
  }
  column(offset: number): number {
    return offset - this.lineStart(offset);
  }
  /** The end of a node without the white space and comments that YAML counts to it. */
  contentEnd(node: Node): number {
    let end = node.range![1];
    const start = node.range![0];
    while (end > start && /\s/.test(this.source[end - 1]!)) {
      end--;
    }
    return end;
  }
  /** The place of the dash before an element of a block sequence. */
  dash(item: Node): number {
    let at = item.range![0] - 1;
    while (at >= 0 && /[\s]/.test(this.source[at]!)) {
      at--;
    }
    return at;
  }
  /** The lines of an element of a block sequence, with the comments that stand directly above it. */
  lines(item: Node): { start: number; end: number } {
    const dash = this.dash(item);
    let start = this.lineStart(dash);
    for (;;) {
      const above = this.lineStart(Math.max(0, start - 1));
      if (above === start || !/^[ \t]*#/.test(this.source.slice(above, start)) || this.comment(above) < this.column(dash)) {
        break;
      }
      start = above;
    }
    return { start, end: this.lineEnd(this.contentEnd(item)) };
  } // prettier-ignore
  private comment(lineStart: number): number {
    return this.source.indexOf('#', lineStart) - lineStart;
  }
  /** A text of whole lines for a place at the beginning of a line, also behind a last line without a break. */
  wholeLines(at: number, text: string): string {
    return at > 0 && this.source[at - 1] !== '\n' ? `\n${text.replace(/\n$/, '')}` : text;
  }
}

const startOf = (pair: Pair): number => (pair.key as Node).range![0];
const pairEnd = (text: Text, pair: Pair): number => {
  const value = pair.value as Node | null;
  return value?.range ? Math.max((pair.key as Node).range![1], text.contentEnd(value)) : (pair.key as Node).range![1];
};

function setKey(text: Text, map: YAMLMap, key: string, value: unknown): Splice {
  const pairs = map.items as Pair[];
  const own = pairs.find((pair) => isScalar(pair.key) && pair.key.value === key);
  if (own) {
    const node = own.value as Node;
    const start = node.range![0];
    const end = text.contentEnd(node);
    return { start, end, text: text.source[start - 1] === ':' ? ` ${flow(value)}` : flow(value) };
  }
  if (isFlow(map)) {
    const last = pairs.at(-1);
    const at = last ? pairEnd(text, last) : map.range![0] + 1;
    return { start: at, end: at, text: `${last ? ', ' : ' '}${key}: ${flow(value)}${last ? '' : ' '}` };
  }
  // After the plain figures, before what is long.
  const after = pairs.findLast((pair) => isScalar(pair.value)) ?? pairs.at(-1)!;
  const at = text.lineEnd(pairEnd(text, after));
  const indent = ' '.repeat(text.column(startOf(pairs[0]!)));
  return { start: at, end: at, text: text.wholeLines(at, `${indent}${key}: ${flow(value)}\n`) };
}

function setElement(text: Text, seq: YAMLSeq<Node>, index: number, value: unknown): Splice {
  const node = seq.items[index]!;
  return { start: node.range![0], end: text.contentEnd(node), text: flow(value) };
}

/** A new element in the manner of its neighbours: a key a line, or all on one. */
function elementLines(text: Text, seq: YAMLSeq<Node>, value: unknown): string {
  const neighbour = seq.items[0]!;
  const indent = ' '.repeat(text.column(text.dash(neighbour)));
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) && isMap(neighbour) && !isFlow(neighbour) ? Object.entries(value) : []; // prettier-ignore
  return entries.length > 0
    ? entries.map(([key, part], i) => `${indent}${i === 0 ? '- ' : '  '}${key}: ${flow(part)}\n`).join('')
    : `${indent}- ${flow(value)}\n`;
}

function insertText(text: Text, seq: YAMLSeq<Node>, index: number, inFlow: string, asLines: () => string): Splice {
  const items = seq.items;
  const next = items[index];
  if (isFlow(seq)) {
    const at = next ? next.range![0] : items.length > 0 ? text.contentEnd(items.at(-1)!) : seq.range![0] + 1;
    return { start: at, end: at, text: next ? `${inFlow}, ` : items.length > 0 ? `, ${inFlow}` : inFlow };
  }
  const at = next ? text.lines(next).start : text.lines(items.at(-1)!).end;
  return { start: at, end: at, text: text.wholeLines(at, asLines()) };
}

/** Taking one of several that are divided by commas. */
function cutFlow(own: { start: number; end: number }, before: number | undefined, next: number | undefined): Splice {
  return next !== undefined ? { start: own.start, end: next, text: '' } : { start: before ?? own.start, end: own.end, text: '' }; // prettier-ignore
}

function removeKey(text: Text, map: YAMLMap, key: string): Splice {
  const pairs = map.items as Pair[];
  const index = pairs.findIndex((pair) => isScalar(pair.key) && pair.key.value === key);
  const pair = pairs[index]!;
  const next = pairs[index + 1];
  const before = pairs[index - 1];
  const own = { start: startOf(pair), end: pairEnd(text, pair) };
  if (isFlow(map)) {
    return cutFlow(own, before && pairEnd(text, before), next && startOf(next));
  }
  const line = text.lineStart(own.start);
  if (text.source.slice(line, own.start).trim() !== '') {
    // Behind the dash of its element: the next key takes its place.
    return { start: own.start, end: next ? startOf(next) : own.end, text: '' };
  }
  return { start: line, end: text.lineEnd(own.end), text: '' };
}

function removeElement(text: Text, seq: YAMLSeq<Node>, index: number): Splice {
  const items = seq.items;
  const own = items[index]!;
  if (isFlow(seq)) {
    const range = { start: own.range![0], end: text.contentEnd(own) };
    return cutFlow(range, items[index - 1] && text.contentEnd(items[index - 1]!), items[index + 1]?.range![0]);
  }
  return { ...text.lines(own), text: '' };
}

/** @returns what remains, and what it was put into */
function moveElement(text: Text, seq: YAMLSeq<Node>, from: number, to: number): Splice[] {
  const node = seq.items[from]!;
  if (landing(from, to) === from) {
    return [];
  }
  const { start, end } = text.lines(node);
  const lines = isFlow(seq) ? '' : text.source.slice(start, end).replace(/\n?$/, '\n');
  const put = insertText(text, seq, to, text.source.slice(node.range![0], text.contentEnd(node)), () => lines);
  const cut = removeElement(text, seq, from);
  // From the end on, so that neither moves the other's place.
  return put.start > cut.start ? [put, cut] : [cut, put];
}

/**
 * @param document the parsed text, or the one of several in it that is meant
 * @returns splices of the text from its end on; what YAML makes of the result is to be checked
 */
export function spliceOf(source: string, document: Document.Parsed, edit: Edit): Splice[] {
  const text = new Text(source);
  const path = parsePath(edit.path);
  const last = path.at(-1)!;
  const holder = at(document, path.slice(0, -1));
  if (isMap(holder) && typeof last === 'string') {
    switch (edit.op) {
      case 'set':
        return [setKey(text, holder, last, edit.value)];
      case 'remove':
        return [removeKey(text, holder, last)];
      case 'move': {
        const key = (holder.items as Pair[]).find((pair) => isScalar(pair.key) && pair.key.value === parsePath(edit.from).at(-1))!.key as Node; // prettier-ignore
        return [{ start: key.range![0], end: key.range![1], text: last }];
      }
      case 'insert':
        return [];
    }
  }
  if (isSeq(holder) && typeof last === 'number') {
    const seq = holder as YAMLSeq<Node>;
    switch (edit.op) {
      case 'set':
        return [setElement(text, seq, last, edit.value)];
      case 'insert':
        return [insertText(text, seq, last, flow(edit.value), () => elementLines(text, seq, edit.value))];
      case 'remove':
        return [removeElement(text, seq, last)];
      case 'move':
        return moveElement(text, seq, parsePath(edit.from).at(-1) as number, last);
    }
  }
  return [];
}

const at = (document: Document.Parsed, path: Path): unknown =>
  path.length === 0 ? document.contents : document.getIn(path, true);
