/** The hook of an interface, its rules and its IFB, from what `tc -d` and `ip -j -d link` printed. */
import { ARRIVING, ifbAddress, ifbName } from './ingress.ts';
import { blocks, words } from './listing.ts';
import { isExact, type Filter, type Ifb, type LiveIngress, type LiveTree } from './model.ts';
import { readFilter } from './read-filter.ts';
import type { Direction } from './side.ts';

/** What `ip -j -d link show` says of an interface */
export interface ListedLink {
  ifname: string;
  address?: string;
  ifalias?: string;
  flags: string[];
  linkinfo?: { info_kind?: string };
}
export interface IngressListing {
  links: readonly ListedLink[];
  qdiscs: string;
  /** Rules on the hook's way in, and, of clsact, on its way out */
  arriving: string;
  leaving: string;
}

/** The IFB of an interface: of that kind, with the address that says whose it is. */
export function ifbOf(device: string, links: readonly ListedLink[]): Ifb | undefined {
  const address = ifbAddress(device);
  const found = links.find((link) => link.linkinfo?.info_kind === 'ifb' && link.address === address);
  return found && { name: found.ifname, address, alias: found.ifalias ?? '', up: found.flags.includes('UP') };
}

/** tc shows a rule whose device is gone as leading to "*": packets are lost there, and there is nothing to write back. */
const leadsNowhere = ({ actions = [] }: Filter) =>
  actions.some((action) => 'device' in action && action.device === '*');

/** The rules on one way through a hook, also those that cannot be written back; what of them that is, is named. */
function readRules(arriving: string): LiveTree {
  const rules: LiveTree = { qdiscs: [], classes: [], filters: [], inexact: [] };
  for (const block of blocks(arriving)) {
    readFilter(
      block.map((line) => line.replace(/ parent ffff:(?= )/, '')),
      ARRIVING,
      rules
    );
  }
  return rules;
}

const hookIn = (qdiscs: string) =>
  blocks(qdiscs)
    .map(([line = '']) => words(line)[1])
    .find((kind) => kind === 'clsact' || kind === 'ingress');

/** Everything at one side of the hook of an interface, by whomever. */
export function readHookRules({ qdiscs, arriving, leaving }: Omit<IngressListing, 'links'>, direction: Direction): Pick<LiveTree, 'filters' | 'inexact'> {
  const { filters, inexact } = readRules(hookIn(qdiscs) ? { ingress: arriving, egress: leaving }[direction] : '');
  return { filters: filters.filter((rule) => !leadsNowhere(rule)), inexact: inexact.map((what) => what.replace(ARRIVING, `${direction}:`)) };
} // prettier-ignore

/** @returns the hook, and what of its rules cannot be written back */
export function readIngress(
  device: string,
  { links, qdiscs, arriving, leaving }: IngressListing
): { ingress: LiveIngress; inexact: string[] } {
  const hook = hookIn(qdiscs);
  const rules = readRules(hook ? arriving : '');
  const ifb = ifbOf(device, links);
  const taken = new Set(links.map(({ ifname }) => ifname));
  const lost = rules.filters.filter(leadsNowhere);
  const ingress: LiveIngress = {
    rules: rules.filters.filter((rule) => isExact(rule) && !leadsNowhere(rule)),
    ifbName: ifb?.name ?? ifbName(device, taken),
  };
  if (hook) {
    ingress.hook = hook;
  }
  if (ifb) {
    ingress.ifb = ifb;
  }
  if (lost.length > 0 || rules.inexact.length > 0) {
    ingress.more = [...new Set([...arriving.matchAll(/^filter .* chain (\d+) /gm)].map(([, chain]) => Number(chain)))];
  }
  if (hook === 'clsact' && leaving.trim() !== '') {
    ingress.shared = true;
  }
  return { ingress, inexact: rules.inexact.map((what) => what.replace(ARRIVING, 'ingress')) };
}
