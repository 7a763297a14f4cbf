/** One rule from the text of `tc -d filter show`. */
import { parsePrefix } from '../../policy/quantities.ts';
import { ETHER_TYPES, parseMac } from '../../policy/selectors.ts';
import { BEGINS, readActions } from './actions.ts';
import { innerTypeKey, isFlowerKey, protocolKey, sortFlowerKeys, underMask, type FlowerKey } from './flower.ts';
import { handleIn, inBucket, type HashTable } from './hash-table.ts';
import { words } from './listing.ts';
import type { Filter, LiveTree } from './model.ts';
import { markKey } from './u32.ts';

/** Types of frames by the names under which tc prints them; others are numbers (iproute2 lib/ll_proto.c). */
const TYPES: Readonly<Record<string, number>> = {
  ...ETHER_TYPES, ipv4: 0x0800, ppp_disc: 0x8863, ppp_ses: 0x8864, mpls_uc: 0x8847, mpls_mc: 0x8848, LLDP: 0x88cc, ipx: 0x8137, atalk: 0x809b,
  aarp: 0x80f3, aoe: 0x88a2, tipc: 0x88ca, teb: 0x6558, x25: 0x0805, dec: 0x6000, dna_dl: 0x6001, dna_rc: 0x6002, dna_rt: 0x6003, lat: 0x6004,
  diag: 0x6005, cust: 0x6006, sca: 0x6007, bpq: 0x08ff, ieeepup: 0x0a00, ieeepupat: 0x0a01, atmmpoa: 0x884c, atmfate: 0x8884,
}; // prettier-ignore
const typeOf = (text: string): number | undefined =>
  Object.hasOwn(TYPES, text) ? TYPES[text] : /^\[\d+\]$/.test(text) ? Number(text.slice(1, -1)) : /^[0-9a-f]{4}$/.test(text) ? parseInt(text, 16) : undefined; // prettier-ignore

/** A filter's protocol as the compiler writes it. */
export function protocolOf(text: string): string {
  const type = ['ip', 'ipv6', 'all', '802.1Q'].includes(text) ? undefined : typeOf(text);
  return type === undefined ? text : `0x${type.toString(16)}`;
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
    case 'vlan_ethtype': {
      const type = typeOf(value);
      return type === undefined ? undefined : innerTypeKey(type);
    }
    case 'vlan_id':
    case 'vlan_prio':
      return `${key} ${value}`;
    case 'indev':
      return `indev ${value}`;
    case 'src_mac':
    case 'dst_mac': {
      const mac = parseMac(value);
      return typeof mac === 'string' ? undefined : `${key} ${mac.text.includes('/') ? mac.text : `${mac.text}/48`}`;
    }
    case 'ct_state':
    case 'ip_flags':
      return value === (key === 'ct_state' ? '+trk' : 'nofrag') ? `${key} ${value}` : undefined;
    case 'ct_mark':
      return masked(key, value, '0xffffffff');
    case 'tcp_flags': {
      // The mask is hexadecimal without saying so.
      const [flags = '', mask] = value.split('/');
      return mask && underMask(key, Number(flags), parseInt(mask, 16));
    }
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
      return typeof prefix === 'string' ? undefined : `${key} ${prefix.text}`;
    }
    case 'src_port':
    case 'dst_port':
      // Port 0 is printed as tc does not take it.
      return value === '0' || value.includes('/') ? masked(key, value, '0xffff') : `${key} ${value}`;
  }
}

function masked(key: FlowerKey, text: string, whole: string): string | undefined {
  const [value = '', mask = whole] = text.split('/');
  return /^\d+$/.test(value) && mask !== '' ? underMask(key, Number(value), Number(mask)) : undefined;
}

/** A line below a u32 rule, as the compiler writes it. */
export function u32Key(line: string): string | undefined {
  const match = /^match ([0-9a-f]{8})\/([0-9a-f]{8}) at (-?\d+)$/.exec(line);
  if (match) {
    return `match u32 0x${match[1]} 0x${match[2]} at ${match[3]}`;
  }
  const mark = /^mark (0x[0-9a-f]+) (0x[0-9a-f]+) \(success \d+\)$/.exec(line);
  const device = /^input dev (\S+)$/.exec(line)?.[1];
  return mark ? markKey(Number(mark[1]), Number(mark[2])) : device && `indev ${device}`;
}
/** Words of the header first, by their place; then what is not in the packet. */
const u32Rank = (key: string) =>
  key.startsWith('match u32') ? Number(key.split(' at ')[1]) : key.startsWith('match mark') ? 1e6 : 2e6;

/** Above 0x7ff the kernel numbers rules of u32 by itself. @param fh e.g. "800::5", or "1:b8:5" in a hash table */
function nodeOf(fh: string, tables: ReadonlyMap<number, HashTable>): number | undefined {
  const [table, bucket, node] = fh.split(':').map((part) => parseInt(part || '0', 16)) as [number, number, number];
  return tables.has(table) ? handleIn(table, inBucket(bucket, node)) : node < 0x800 ? node : undefined;
}

/** One rule: the line that begins with "filter" and the indented lines below it. */
export function readFilter(
  listed: readonly string[],
  scope: string,
  tree: LiveTree,
  tables: ReadonlyMap<number, HashTable> = new Map()
): void {
  // fw has its police in the same line.
  const lines = [...listed[0]!.split(/ (?= police 0x)/), ...listed.slice(1)];
  // A rule of u32 without a class; a kernel before 6.1 shows a question in its place.
  const said = lines[0]!.replace(/ terminal flowid( \?\?\?)?/, '');
  const head = words(said);
  const value = (name: string) => {
    const index = head.indexOf(name);
    return index < 0 ? undefined : head[index + 1];
  };
  const pref = Number(value('pref'));
  const protocol = protocolOf(value('protocol') ?? 'all');
  const chain = Number(value('chain') ?? 0);
  const parent = value('parent') ?? scope;
  const kind = head[head.indexOf('pref') + 2];
  let partial: string | undefined;
  const refuse = (what: string) => {
    partial ??= what;
    tree.inexact.push(`filter ${parent} pref ${pref} ${kind} (${what})`);
  };
  if (kind !== 'u32' && kind !== 'flower' && kind !== 'fw' && kind !== 'matchall') {
    refuse('a classifier this version does not write');
    return;
  }
  const fh = value('fh');
  const inTable = kind === 'u32' && tables.has(parseInt(fh ?? '', 16));
  if (kind === 'u32' && (inTable ? value('divisor') : tables.has(parseInt(value('link') ?? '', 16)))) {
    return;
  }
  const isRule = kind === 'u32' ? fh !== undefined && /:[0-9a-f]*:/.test(fh) : head.includes('handle');
  if (!isRule) {
    if (kind === 'u32' && fh !== undefined && value('divisor') !== '1') {
      refuse('a hash table');
    }
    return;
  }
  const [number, mask] = (value('handle') ?? '').split('/');
  const handle = kind === 'u32' ? nodeOf(fh ?? '', tables) : Number(number);
  const keys = kind === 'fw' && mask ? [`mask ${mask}`] : [];
  const filter: Filter = { parent, protocol, pref, kind: kind as Filter['kind'], handle, keys, classid: '' };
  if (chain > 0) {
    filter.chain = chain;
  }
  const target = head.findIndex((word) => /^\*?flowid$|^classid$/.test(word));
  filter.classid = target < 0 ? '' : (head[target + 1] ?? '');
  const begin = lines.findIndex((line) => BEGINS.test(line));
  const actions = readActions(begin < 0 ? [] : lines.slice(begin));
  for (const action of actions) {
    if (action.kind === 'other') {
      tree.inexact.push(`filter ${parent} pref ${pref} ${kind} (${action.text})`);
    }
  }
  if (actions.length > 0) {
    filter.actions = actions;
  }
  const plain =
    /^filter( parent \S+)?( dev \S+)? protocol \S+ pref \d+ (u32|flower|fw|matchall) chain \d+ (fh \S+ order \d+ key ht \S+ bkt [0-9a-f]+( \*?flowid \S+)?|handle 0x[0-9a-f]+(\/0x[0-9a-f]+)?( (classid|flowid) \S+)?)( not_in_hw)?$/;
  const leads = filter.classid !== '' || actions.length > 0;
  const elsewhere = kind === 'u32' && !inTable && value('bkt') !== '0';
  if (!plain.test(said.trim()) || elsewhere || !leads || filter.classid.includes('?')) {
    refuse('more than keys and a class');
  }
  const fixed = ['all', '802.1Q'].includes(protocol) ? undefined : (typeOf(protocol) ?? Number(protocol));
  for (const line of lines.slice(1, begin < 0 ? undefined : begin)) {
    const [key = '', first = '', ...more] = words(line);
    if (kind !== 'u32' && (key === 'not_in_hw' || (key === 'eth_type' && [undefined, typeOf(first)].includes(fixed)))) {
      continue;
    }
    const canonical = kind === 'u32' ? u32Key(line.trim()) : more.length === 0 ? flowerKey(key, first) : undefined;
    if (canonical) {
      filter.keys.push(canonical);
    } else {
      refuse(line.trim());
    }
  }
  filter.keys = kind === 'u32' ? filter.keys.sort((a, b) => u32Rank(a) - u32Rank(b)) : sortFlowerKeys(filter.keys);
  tree.filters.push(partial === undefined ? filter : { ...filter, partial });
}
