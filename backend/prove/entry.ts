/** How packets get to the link of a twin: as the host's own, as what came in by another interface, through a VLAN. */
import type { Packet } from '../policy/index.ts';
import { applyBatch, run, withNamespace } from '../target/index.ts';
import { NEAR, type Twin } from './twin.ts';

const vlanDevice = (end: string, id: number): string => `${end}.${id}`;
const entryOf = ({ beside }: Twin, end: string, { inputInterface }: Packet): string | undefined =>
  inputInterface === undefined ? end : beside.get(inputInterface);

/** @param end that packets of the host's own leave by. @returns the device to send this one by, once `prepare` has made its way */
export function senderOf(twin: Twin, end: string, packet: Packet): string {
  const entry = entryOf(twin, end, packet)!;
  return packet.vlan === undefined ? entry : vlanDevice(entry, packet.vlan);
}

/**
 * Makes the way of a packet.
 * @param made what was made for others, by name, and why it could not be
 * @returns why there is none, or null
 */
export async function prepare(twin: Twin, end: string, packet: Packet, made: Map<string, string | null>): Promise<string | null> {
  const { inputInterface, vlan } = packet;
  const once = async (name: string, make: () => Promise<string | null>): Promise<string | null> => {
    if (!made.has(name)) {
      made.set(name, await make());
    }
    return made.get(name)!;
  };
  const entry = entryOf(twin, end, packet);
  if (entry === undefined) {
    return `nothing that came in by ${inputInterface} leaves by another interface`;
  }
  const why = inputInterface === undefined ? null : await once(inputInterface, () => leadIn(twin, inputInterface));
  return why ?? (vlan === undefined ? null : await once(vlanDevice(entry, vlan), () => addVlan(twin, entry, vlan)));
} // prettier-ignore

/** What comes in by another interface goes on to the link as what a router forwards does, its addresses, tag and mark as they came. */
async function leadIn({ place }: Twin, name: string): Promise<string | null> {
  const { refusal } = await applyBatch(place, [
    `qdisc add dev ${name} clsact`,
    `filter add dev ${name} ingress protocol all pref 1 u32 match u32 0 0 action mirred egress redirect dev ${NEAR}`,
  ]);
  return refusal
    ? `what comes in by ${name} cannot be led on to the link: ${refusal.plain} (${refusal.original})`
    : null;
}

const TO_TAG = [0, 1, 2, 3, 4, 5, 6, 7].map((priority) => `${priority}:${priority}`);
/** Frames that leave the end by such an interface get its tag, and their priority into it. */
async function addVlan({ place }: Twin, end: string, id: number): Promise<string | null> {
  const device = vlanDevice(end, id);
  const add = ['link', 'add', 'link', end, 'name', device, 'type', 'vlan', 'id', String(id), 'egress-qos-map', ...TO_TAG]; // prettier-ignore
  const { status, stderr } = await run(withNamespace(place, 'ip', add));
  if (status !== 0) {
    return `this kernel makes no interface of VLAN ${id} (module 8021q): ${stderr.trim()}`;
  }
  await run(withNamespace(place, 'ip', ['link', 'set', device, 'up']));
  return null;
}
