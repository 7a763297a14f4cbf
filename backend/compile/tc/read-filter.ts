/** One rule from the text of `tc -d filter show`. */
import { parsePrefix } from '../../policy/quantities.ts';
import { isFlowerKey, prefixKey, protocolKey, sortFlowerKeys } from './flower.ts';
import { words } from './listing.ts';
import type { Filter, LiveTree } from './model.ts';

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
export function readFilter(lines: readonly string[], scope: string, tree: LiveTree): void {
  const head = words(lines[0]!);
  const value = (name: string) => {
    const index = head.indexOf(name);
    return index < 0 ? undefined : head[index + 1];
  };
  const pref = Number(value('pref'));
  const protocol = value('protocol') ?? 'all';
  const parent = value('parent') ?? scope;
  const kind = head[head.indexOf('pref') + 2];
  let partial: string | undefined;
  const refuse = (what: string) => {
    partial ??= what;
    tree.inexact.push(`filter ${parent} pref ${pref} ${kind} (${what})`);
  };
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
  tree.filters.push(partial === undefined ? filter : { ...filter, partial });
}
