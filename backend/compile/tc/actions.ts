/** Actions of rules as tc takes and as it prints them (iproute2 tc/m_*.c). Counters and numbers of instances are not part of them. */
import type { Action, Ctinfo, Filter, Verdict } from './model.ts';
import { parseRate, parseSize, rateArgument, sameBurst, writableBurst } from './units.ts';

const verdict = (given: Verdict) => (typeof given === 'string' ? given : `goto chain ${given.chain}`);
const hex = (value: number) => `0x${value.toString(16)}`;

const renderCtinfo = ({ dscp, mark, then }: Ctinfo): string =>
  ['ctinfo', dscp && `dscp ${hex(dscp.mask)} ${hex(dscp.state)}`, mark && `cpmark ${hex(mark)}`, then].filter(Boolean).join(' '); // prettier-ignore

function render(action: Action): string {
  switch (action.kind) {
    case 'goto':
      return `gact goto chain ${action.chain}`;
    case 'police':
      return `police rate ${rateArgument(action.rate)} burst ${action.burst}b mtu ${action.mtu}b${action.overhead ? ` overhead ${action.overhead}` : ''} conform-exceed ${verdict(action.exceed)} / ${verdict(action.conform)}`;
    case 'dscp':
      return `pedit ex munge ${action.family === 4 ? 'ip dsfield' : 'ip6 traffic_class'} set ${hex(action.dscp << 2)} retain 0xfc pipe`;
    case 'checksum':
      return 'csum ip4h pipe';
    case 'mark':
      return `skbedit mark ${hex(action.value)}/${hex(action.mask)} pipe`;
    case 'ctinfo':
      return renderCtinfo(action);
    case 'vlan':
      return `vlan modify id ${action.id} priority ${action.priority} pipe`;
    case 'mirror':
      return `mirred egress mirror dev ${action.device} pipe`;
    case 'redirect':
      return `mirred egress redirect dev ${action.device}`;
    case 'other':
      return action.text;
  }
}
export const renderActions = (actions: readonly Action[] = []): string =>
  actions.map((action) => ` action ${render(action)}`).join('');

/** The kernel keeps the burst of a police as time at its rate. */
const sameAction = (a: Action, b: Action): boolean =>
  a.kind === 'police' && b.kind === 'police'
    ? sameBurst(a.burst, b.burst, a.rate) && render({ ...a, burst: 0 }) === render({ ...b, burst: 0 })
    : render(a) === render(b);
const sameActions = (a: readonly Action[] = [], b: readonly Action[] = []): boolean =>
  a.length === b.length && a.every((action, index) => sameAction(action, b[index]!));

export const sameKeys = (a: Filter, b: Filter): boolean =>
  a.protocol === b.protocol && a.kind === b.kind && a.keys.join(' ') === b.keys.join(' ');
/** Whether two rules select the same packets and do the same with them, whatever their places. */
export const sameRule = (a: Filter, b: Filter): boolean =>
  sameKeys(a, b) && a.classid === b.classid && sameActions(a.actions, b.actions);

/** What a rule selects and what becomes of it, without its place in the order. */
export const filterContent = (filter: Filter): string =>
  `${filter.parent} ${filter.protocol} ${filter.kind} ${filter.keys.join(' ')} > ${filter.classid}${renderActions(filter.actions)}`;

function readVerdict(text: string): Verdict | undefined {
  const chain = /^goto chain (\d+)$/.exec(text)?.[1];
  return chain
    ? { chain: Number(chain) }
    : text === 'drop' || text === 'pipe' || text === 'continue'
      ? text
      : undefined;
}

function readPolice(text: string): Action | undefined {
  const match = /^police \S+ rate (\S+) burst (\S+) mtu (\S+) action (.+?)\/(.+?) overhead (\S+) linklayer ethernet$/.exec(text); // prettier-ignore
  const [rate, burst, mtu] = [parseRate(match?.[1] ?? ''), parseSize(match?.[2] ?? ''), parseSize(match?.[3] ?? '')];
  const overhead = parseSize(match?.[6] ?? '');
  const [exceed, conform] = [readVerdict(match?.[4] ?? ''), readVerdict(match?.[5] ?? '')];
  return rate && burst && mtu && exceed && conform
    ? {
        kind: 'police',
        rate,
        burst: writableBurst(burst, rate),
        mtu,
        ...(overhead ? { overhead } : {}),
        exceed,
        conform,
      }
    : undefined;
}

/** tc prints the key of pedit as the word that it changes. */
function readPedit(text: string): Action | undefined {
  const match = /^pedit action pipe keys 1 key #0 at ipv([46])\+0: val ([0-9a-f]{8}) mask ([0-9a-f]{8})$/.exec(text);
  const family = match?.[1] === '4' ? 4 : 6;
  const shift = family === 4 ? 18 : 22;
  const value = parseInt(match?.[2] ?? '', 16);
  return match?.[3] === (family === 4 ? 'ff03ffff' : 'f03fffff') && (value >>> shift) << shift === value
    ? { kind: 'dscp', family, dscp: value >>> shift }
    : undefined;
}

/** Masks are printed in eight digits, and 0 without "0x". */
function readCtinfo(text: string): Ctinfo | undefined {
  const [, then, mask, state, mark] = /^ctinfo zone 0 (pipe|continue)(?: dscp (\w+) (\w+))?(?: cpmark (\w+))?$/.exec(text) ?? []; // prettier-ignore
  return then && (mask ?? mark)
    ? {
        kind: 'ctinfo',
        ...(mask && { dscp: { mask: Number(mask), state: Number(state) } }),
        ...(mark && { mark: Number(mark) }),
        then: then as Ctinfo['then'],
      }
    : undefined;
}

/** @param text one action as tc lists it, in one line without its number, counters and instance. */
function readAction(text: string): Action | undefined {
  const found = (pattern: RegExp) => pattern.exec(text)?.slice(1);
  const [chain] = found(/^gact action goto chain (\d+) random type none pass val 0$/) ?? [];
  if (chain) {
    return { kind: 'goto', chain: Number(chain) };
  }
  const [value, mask = String(2 ** 32 - 1)] = found(/^skbedit mark (\d+)(?:\/(\S+))? pipe$/) ?? [];
  if (value) {
    return { kind: 'mark', value: Number(value), mask: Number(mask) };
  }
  const [id, priority] = found(/^vlan modify id (\d+) protocol 802\.1Q priority (\d) pipe$/) ?? [];
  if (id) {
    return { kind: 'vlan', id: Number(id), priority: Number(priority) };
  }
  const [way, device] = found(/^mirred \(Egress (Mirror|Redirect) to device (\S+)\) (?:pipe|stolen)$/) ?? [];
  if (device) {
    return { kind: way === 'Mirror' ? 'mirror' : 'redirect', device };
  }
  return text === 'csum (iph) action pipe'
    ? { kind: 'checksum' }
    : (readPolice(text) ?? readPedit(text) ?? readCtinfo(text));
}

/**
 * What tc lists below a rule; older forms of it, of u32 and fw, have their police without a number.
 * @param lines the part of a rule's listing from its first action on
 */
export function readActions(lines: readonly string[]): Action[] {
  const texts: string[][] = [];
  for (const line of lines) {
    const first = BEGINS.exec(line)?.slice(1).find(Boolean);
    if (first !== undefined) {
      texts.push([first]);
    } else {
      texts[texts.length - 1]?.push(line);
    }
  }
  return texts.map((parts): Action => {
    const all = parts.join(' ').replace(/\s+/g, ' ').trim();
    const text = all.replace(/ ?(index \d+ )?ref \d+ bind \d+/, '').trim();
    // One bucket of several rules: written back, each would have its own.
    const shared = / bind (?!1\b)\d+/.test(all) && text.startsWith('police ');
    return (shared ? undefined : readAction(text)) ?? { kind: 'other', text };
  });
}

/** Where a rule's actions begin, and each of them */
export const BEGINS = /^\s*(?:action order \d+:\s*(.*)|(police 0x.*))$/;
