/** What an interface receives: its hook with the rules there, and the IFB that carries the tree. */
import {
  ifbOf,
  readHookRules,
  readIngress,
  sideOf,
  type Direction,
  type ListedLink,
  type LiveTree,
} from '../compile/tc/index.ts';
import { show } from './listing.ts';
import { withNamespace, type Place } from './place.ts';
import { run } from './run.ts';
import { readTree } from './tree.ts';

async function links(place: Place, kind: readonly string[] = []): Promise<ListedLink[]> {
  const { status, stdout } = await run(withNamespace(place, 'ip', ['-j', '-d', 'link', 'show', ...kind]));
  return status === 0 ? (JSON.parse(stdout || '[]') as ListedLink[]) : [];
}

/** The device that carries the tree of a side: the interface, or for what it receives the IFB; undefined where there is none yet. */
export async function carrierOf(place: Place, side: string): Promise<string | undefined> {
  const { interface: device, direction } = sideOf(side);
  return direction === 'egress' ? device : ifbOf(device, await links(place, ['type', 'ifb']))?.name;
}

/** What tc lists of the hook of an interface. */
async function listed(place: Place, device: string) {
  const text = await show(place, [
    `filter show dev ${device} ingress`,
    `qdisc show dev ${device}`,
    `filter show dev ${device} egress`,
  ]);
  // Rules first, then qdiscs, then rules: where nothing is listed of an interface that is down, there is no hook either.
  const from = text.search(/^qdisc /m);
  const lines = from < 0 ? [] : text.slice(from).split('\n');
  const end = lines.findIndex((line) => line.startsWith('filter '));
  return {
    arriving: from < 0 ? '' : text.slice(0, from),
    qdiscs: lines.slice(0, end < 0 ? undefined : end).join('\n'),
    leaving: end < 0 ? '' : lines.slice(end).join('\n'),
  };
}

/** The rules that another hand has at the hook, for what the interface receives or sends. @throws TargetError */
export const readHook = async (place: Place, device: string, direction: Direction): Promise<Pick<LiveTree, 'filters' | 'inexact'>> =>
  readHookRules(await listed(place, device), direction); // prettier-ignore

/** The tree for what an interface receives. @throws TargetError */
export async function readReceived(place: Place, device: string): Promise<LiveTree> {
  const { ingress, inexact } = readIngress(device, { ...(await listed(place, device)), links: await links(place) });
  const tree = ingress.ifb
    ? await readTree(place, ingress.ifb.name)
    : { qdiscs: [], classes: [], filters: [], inexact: [] };
  return { ...tree, ingress, inexact: [...tree.inexact, ...inexact] };
}
