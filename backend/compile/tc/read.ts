/**
 * The kernel's tree from the text of `tc -d qdisc|class|filter show`. Text and not JSON: iproute2 6.1 prints HTB classes
 * as text even with -j, and repeats the key "match" in the JSON of u32. What cannot be written back exactly is said.
 */
import { parsePrefix } from '../../policy/quantities.ts';
import { isFlowerKey, prefixKey, protocolKey, sortFlowerKeys } from './flower.ts';
import { KINDS, parseOption } from './kinds.ts';
import { isKernelDefault, type Filter, type HtbClass, type LiveTree, type Qdisc } from './model.ts';
import { parseRate, parseSize, writableBurst } from './units.ts';

/** Classes that a qdisc makes by itself and that hold no configuration. */
const DYNAMIC = new Set(['fq_codel', 'sfq', 'mq', 'mqprio', 'fq', 'cake', 'multiq', 'fq_pie']);
/** Hooks beside the root; a new root does not touch them. */
const HOOKS = new Set(['ingress', 'clsact']);

const words = (line: string) => line.trim().split(/\s+/);

function readQdisc(line: string, tree: LiveTree): void {
  const [, kind = '', handle = '', ...rest] = words(line);
  if (HOOKS.has(kind)) {
    return;
  }
  const qdisc: Qdisc = { handle, parent: '', kind, options: {} };
  const known = KINDS[kind];
  let unknown = known ? '' : kind;
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (word === 'dev' || word === 'refcnt') {
      i++;
    } else if (word === 'root') {
      qdisc.parent = 'root';
    } else if (word === 'parent') {
      qdisc.parent = rest[++i] ?? '';
    } else if (known && word in known.ignored) {
      i += known.ignored[word]!;
    } else if (known?.options[word]?.form === 'flag') {
      qdisc.options[word] = true;
    } else if (known?.options[word]) {
      const value = parseOption(known.options[word].form, rest[++i] ?? '');
      if (value === undefined) {
        unknown ||= `${word} ${rest[i]}`;
      } else {
        qdisc.options[word] = value;
      }
    } else {
      unknown ||= word;
    }
  }
  // A flag that is off is not shown, and tc may set it by default when it is not mentioned (ecn of fq_codel).
  for (const [name, { form }] of Object.entries(known?.options ?? {})) {
    if (form === 'flag') {
      qdisc.options[name] ??= false;
    }
  }
  tree.qdiscs.push(qdisc);
  // The kernel's default needs no writing back: it returns by itself.
  if (unknown && handle !== '0:') {
    tree.inexact.push(`qdisc ${kind} ${handle}${unknown === kind ? '' : ` (${unknown})`}`);
  }
}

function readClass(line: string, tree: LiveTree): void {
  const [, kind = '', classid = '', ...rest] = words(line);
  if (DYNAMIC.has(kind)) {
    return;
  }
  if (kind !== 'htb') {
    tree.inexact.push(`class ${kind} ${classid}`);
    return;
  }
  const item: HtbClass = { classid, parent: '', rate: 0, ceil: 0, burst: 0, cburst: 0 };
  let level = 0;
  let unknown = '';
  const size = (text: string | undefined) => parseSize((text ?? '').replace(/\/\d+$/, ''));
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    const next = () => rest[++i] ?? '';
    if (word === 'root') {
      item.parent = 'root';
    } else if (word === 'parent') {
      item.parent = next();
    } else if (word === 'leaf') {
      next();
    } else if (word === 'prio') {
      item.prio = Number(next());
    } else if (word === 'quantum') {
      item.quantum = Number(next());
    } else if (word === 'level') {
      level = Number(next());
    } else if (word === 'rate' || word === 'ceil') {
      item[word] = parseRate(next()) ?? ((unknown ||= word), 0);
    } else if (word === 'burst' || word === 'cburst') {
      item[word] = size(next()) ?? ((unknown ||= word), 0);
    } else if (word === 'linklayer') {
      unknown ||= next() === 'ethernet' ? '' : `linklayer ${rest[i]}`;
    } else if (word === 'mpu' || word === 'overhead') {
      unknown ||= /^0b?$/.test(next()) ? '' : `${word} ${rest[i]}`;
    } else {
      unknown ||= word;
    }
  }
  // A size in Kb or Mb is rounded already and reads back as that, whatever is lost.
  if (/ burst \d+b/.test(line)) {
    item.burst = writableBurst(item.burst, item.rate);
  }
  if (/ cburst \d+b/.test(line)) {
    item.cburst = writableBurst(item.cburst, item.ceil);
  }
  if (level > 0) {
    delete item.prio;
    delete item.quantum;
  }
  tree.classes.push(item);
  if (unknown) {
    tree.inexact.push(`class htb ${classid} (${unknown})`);
  }
}

/** Names under which tc prints protocols, whatever the IP version. */
const PROTOCOL_NUMBERS: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['sctp', 132],
  ['icmp', 1],
  ['icmpv6', 58],
]);

/** A flower key as the compiler writes it, or undefined when it is none of ours. */
function flowerKey(key: string, value: string): string | undefined {
  if (!isFlowerKey(key)) {
    return undefined;
  }
  switch (key) {
    case 'vlan_ethtype':
      return `vlan_ethtype ${value === 'ipv4' ? 'ip' : value}`;
    case 'ip_proto':
      return protocolKey(PROTOCOL_NUMBERS.get(value) ?? parseInt(value, 16));
    case 'ip_tos': {
      const [tos = '', mask = '0xff'] = value.split('/');
      return `ip_tos 0x${Number(tos).toString(16)}/${mask.startsWith('0x') ? mask : `0x${mask}`}`;
    }
    case 'src_ip':
    case 'dst_ip': {
      // The same address has several spellings, e.g. ::ffff:192.0.2.1.
      const prefix = parsePrefix(value);
      return typeof prefix === 'string' ? undefined : prefixKey(key, prefix);
    }
    case 'src_port':
    case 'dst_port':
      return `${key} ${value}`;
  }
}

/** One rule: the line that begins with "filter" and the indented lines below it. */
function readFilter(lines: readonly string[], scope: string, tree: LiveTree): void {
  const head = words(lines[0]!);
  const value = (name: string) => {
    const index = head.indexOf(name);
    return index < 0 ? undefined : head[index + 1];
  };
  const pref = Number(value('pref'));
  const protocol = value('protocol') ?? 'all';
  const parent = value('parent') ?? scope;
  const kind = head[head.indexOf('pref') + 2];
  const refuse = (what: string) => tree.inexact.push(`filter ${parent} pref ${pref} ${kind} (${what})`);
  if (kind !== 'u32' && kind !== 'flower') {
    refuse('a classifier this version does not write');
    return;
  }
  const fh = value('fh');
  const isRule = kind === 'u32' ? fh !== undefined && /::/.test(fh) : head.includes('handle');
  if (!isRule) {
    if (kind === 'u32' && fh !== undefined && value('divisor') !== '1') {
      refuse('a hash table');
    }
    return;
  }
  const filter: Filter = { parent, protocol, pref, kind, keys: [], classid: '' };
  const target = head.findIndex((word) => /^\*?flowid$|^classid$/.test(word));
  filter.classid = target < 0 ? '' : (head[target + 1] ?? '');
  const plain =
    /^filter( parent \S+)?( dev \S+)? protocol \S+ pref \d+ (u32|flower) chain 0 (fh \S+ order \d+ key ht \S+ bkt 0 \*?flowid \S+|handle 0x1( classid \S+)?)( not_in_hw)?$/;
  if (!plain.test(lines[0]!.trim()) || !filter.classid || filter.classid.includes('?')) {
    refuse('more than keys and a class');
  }
  for (const line of lines.slice(1)) {
    const [key = '', first = '', ...more] = words(line);
    if (kind === 'u32') {
      const match = /^match ([0-9a-f]{8})\/([0-9a-f]{8}) at (-?\d+)$/.exec(line.trim());
      if (match) {
        filter.keys.push(`match u32 0x${match[1]} 0x${match[2]} at ${match[3]}`);
      } else {
        refuse(line.trim());
      }
    } else if (
      key === 'not_in_hw' ||
      (key === 'eth_type' && (protocol === '802.1Q' || first === (protocol === 'ip' ? 'ipv4' : protocol)))
    ) {
      continue;
    } else {
      const canonical = more.length === 0 ? flowerKey(key, first) : undefined;
      if (canonical) {
        filter.keys.push(canonical);
      } else {
        refuse(line.trim());
      }
    }
  }
  if (kind === 'flower') {
    filter.keys = sortFlowerKeys(filter.keys);
  } else {
    filter.keys.sort((a, b) => Number(a.split(' at ')[1]) - Number(b.split(' at ')[1]));
  }
  tree.filters.push(filter);
}

/** @returns the blocks of a listing: a line that begins at the margin with those indented below it. */
function blocks(text: string): string[][] {
  const result: string[][] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      continue;
    }
    if (/^\s/.test(line) && result.length > 0) {
      result[result.length - 1]!.push(line);
    } else {
      result.push([line]);
    }
  }
  return result;
}

export interface Listing {
  qdiscs: string;
  classes: string;
  /** by scope: '' for the root's rules, a classid for those of an inner class */
  filters: Record<string, string>;
}

/** @param listing what `tc -d` printed for one interface; @returns its tree, with everything inexact named. */
export function read(listing: Listing): LiveTree {
  const tree: LiveTree = { qdiscs: [], classes: [], filters: [], inexact: [] };
  for (const block of blocks(listing.qdiscs)) {
    readQdisc(block.join(' '), tree);
  }
  for (const block of blocks(listing.classes)) {
    readClass(block.join(' '), tree);
  }
  for (const [scope, text] of Object.entries(listing.filters)) {
    for (const block of blocks(text)) {
      readFilter(block, scope, tree);
    }
  }
  nameAmbiguous(tree);
  if (isKernelDefault(tree)) {
    // A queue of its own below the kernel's mq goes when another root comes, and does not return with it.
    for (const { kind, handle, parent } of tree.qdiscs.filter((qdisc) => qdisc.handle !== '0:')) {
      tree.inexact.push(`qdisc ${kind} ${handle} (at ${parent} of the kernel’s default)`);
    }
  }
  tree.classes.sort((a, b) => minorOf(a.classid) - minorOf(b.classid));
  return tree;
}

/** The kernel lists u32 rules of one preference at every parent that has one (cls_u32, u32_walk): whose they are is lost. */
function nameAmbiguous(tree: LiveTree): void {
  const first = new Map<number, string>();
  const named = new Set<number>();
  for (const { kind, parent, pref } of tree.filters) {
    if (kind === 'u32' && (first.get(pref) ?? parent) !== parent && !named.has(pref)) {
      tree.inexact.push(`filter ${first.get(pref)} and ${parent} pref ${pref} u32 (one preference at two parents)`);
      named.add(pref);
    }
    first.set(pref, first.get(pref) ?? parent);
  }
}

const minorOf = (classid: string) => parseInt(classid.slice(classid.indexOf(':') + 1), 16);

/** Classes that have children: their rules are listed on their own. */
export function innerClasses(classes: string): string[] {
  const parents = new Set<string>();
  for (const [line = ''] of blocks(classes)) {
    const parent = / parent (\S+)/.exec(line)?.[1];
    if (parent && !parent.endsWith(':')) {
      parents.add(parent);
    }
  }
  return [...parents];
}
