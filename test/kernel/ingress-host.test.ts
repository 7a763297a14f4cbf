/** What has gone through the tree, or the police, of what an interface receives, goes on into the host as if it had just arrived. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sideName } from '../../backend/compile/tc/index.ts';
import { readCounters } from '../../backend/target/index.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, policyOf } from './operator.ts';

const RECEIVED = sideName(DEVICE, 'ingress');
const CONVERSE = fileURLToPath(new URL('converse.pl', import.meta.url));
const BYTES = 200_000;
const MARK = 7;

/** The server beside, the client in front; both end by themselves. */
const TALK = `
  ip netns exec "$1" perl "$3" server 192.0.2.1 7000 & ip netns exec "$2" perl "$3" client 192.0.2.1 7000 "$4"; wait
`;

onEach(KERNELS, 'a conversation with the host', ({ kernel, network, place: placeOf, attempt, sh }) => {
  let operator: Operator;
  beforeAll(async () => {
    operator = await Operator.start();
  });
  afterAll(async () => operator?.stop());
  const policy = (scheduler: string) =>
    policyOf({
      bandwidth: '20mbit',
      scheduler,
      classes: [
        { name: 'web', match: [{ protocol: 'tcp', destinationPorts: [7000] }], ceiling: '10mbit', ...(kernel.whole && { mark: { fwmark: MARK } }) },
        { name: 'rest', default: true },
      ],
    }); // prettier-ignore

  it.each(kernel.whole ? ['htb', 'police'] : ['htb'])('goes on, with the marks of its class: %s', async (scheduler) => {
    const [name, peer] = [await network.make(), await network.make()];
    for (const line of [`link set far0 netns ${peer} name near0`, `addr add 192.0.2.1/24 dev ${DEVICE}`]) {
      await sh('ip', '-n', name, ...line.split(' '));
    }
    for (const line of ['addr add 192.0.2.2/24 dev near0', 'link set near0 up']) {
      await sh('ip', '-n', peer, ...line.split(' '));
    }
    // The kernel tells a program the mark of the packet that opened its conversation.
    await sh('ip', 'netns', 'exec', name, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/tcp_fwmark_accept');
    const place = placeOf(name);
    await operator.apply(place, policy(scheduler), {}, RECEIVED);
    const { stdout, stderr } = await attempt(['sh', '-c', TALK, 'sh', name, peer, CONVERSE, String(BYTES)]);
    expect([stdout.trim().split('\n').sort(), stderr]).toEqual([
      [`client ${BYTES}`, `server ${BYTES} mark ${kernel.whole ? MARK : 0}`],
      '',
    ]);
    const bytes = (await readCounters(place, RECEIVED)).map((each) => each.bytes);
    expect(bytes.some((count) => count > BYTES)).toBe(true);
  });
});
