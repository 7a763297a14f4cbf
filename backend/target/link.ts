/** Interfaces of a place as links: how large packets get there, and how fast a physical one is. */
import { existsSync, readFileSync } from 'node:fs';
import { sideOf } from '../compile/tc/index.ts';
import { inside, placeKey, withNamespace, type Place } from './place.ts';
import { explainRefusal } from './refusal.ts';
import { run } from './run.ts';
import { TargetError } from './target-error.ts';

export interface Link {
  device: string;
  mtu: number;
  gsoMaxSize: number;
  up: boolean;
  /** bit/s of a physical link that says so; undefined for a virtual or unknown one */
  speed: number | undefined;
}

/** @param side of an interface. @throws TargetError when it does not exist or may not be read */
export async function readLink(place: Place, side: string): Promise<Link> {
  const { interface: device, direction } = sideOf(side);
  const result = await run(withNamespace(place, 'ip', ['-j', '-d', 'link', 'show', 'dev', device]));
  if (result.status !== 0) {
    if (/does not exist|Cannot find device/i.test(result.stderr)) {
      const known = await listLinks(place).catch(() => []);
      throw new TargetError(
        'CP-INTERFACE-UNKNOWN',
        `There is no interface "${device}"${place.namespace ? ` in the network namespace ${place.namespace}` : ''}. ${known.length > 0 ? `It has ${known.join(', ')}.` : ''}`.trim()
      );
    }
    const { plain, original } = explainRefusal(result.stderr);
    throw new TargetError('CP-TARGET-UNREACHABLE', `${placeKey(place, device)} cannot be read: ${plain} (${original})`);
  }
  const [link] = JSON.parse(result.stdout) as LinkListing[];
  return { ...linkOf(place, link!, await offloads(place, device, LARGER[direction])), device: side };
}

/** What `ip -j -d link show` says of an interface */
export interface LinkListing {
  ifname: string;
  mtu: number;
  gso_max_size?: number;
  gso_max_segs?: number;
  flags: string[];
}

export function linkOf(place: Place, link: LinkListing, offloaded: boolean): Link {
  const largest = Math.min(link.gso_max_size ?? 65536, (link.gso_max_segs ?? 65535) * link.mtu);
  return {
    device: link.ifname,
    mtu: link.mtu,
    gsoMaxSize: offloaded ? largest : link.mtu,
    up: link.flags.includes('UP'),
    speed: physicalSpeed(place, link.ifname),
  };
}

/** Whether the interface, or the network it was in, is there no more: what was on it went with it. */
export async function isGone(place: Place, side: string): Promise<boolean> {
  const { status, stderr } = await run(withNamespace(place, 'ip', ['link', 'show', 'dev', sideOf(side).interface]));
  return status !== 0 && /does not exist|Cannot find device|Cannot open network namespace .*No such file/i.test(stderr);
}

/** Whether packets larger than the MTU reach the qdisc; without ethtool it is assumed, since that is the default. */
async function offloads(place: Place, device: string, features: RegExp): Promise<boolean> {
  try {
    const { status, stdout } = await run(inside(place, ['ethtool', '-k', device]), { timeoutMs: 5000 });
    return status !== 0 || features.test(stdout);
  } catch {
    return true;
  }
}

/** What makes packets larger than the MTU, as `ethtool -k` prints it. */
const LARGER = {
  egress: /^(generic|tcp)-segmentation-offload: on/m,
  ingress: /^(generic-receive|large-receive|tcp-segmentation|generic-segmentation)-offload: on/m,
};
/** @param features as `ethtool -k` prints them */
export const mayOffload = (features: string): boolean => LARGER.egress.test(features);

function physicalSpeed(place: Place, device: string): number | undefined {
  const base = `/sys/class/net/${device}`;
  // Another namespace's interfaces are not in this sysfs, and those moved into one are virtual in practice.
  if (place.namespace || !existsSync(`${base}/device`)) {
    return undefined;
  }
  try {
    const mbit = Number(readFileSync(`${base}/speed`, 'utf8'));
    return mbit > 0 ? mbit * 1e6 : undefined;
  } catch {
    return undefined;
  }
}

export async function listLinks(place: Place): Promise<string[]> {
  const { stdout } = await run(withNamespace(place, 'ip', ['-j', 'link', 'show']));
  return (JSON.parse(stdout) as Array<{ ifname: string }>).map((link) => link.ifname);
}
