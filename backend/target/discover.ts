/** What a kernel can do, told by trying. */
import { randomBytes } from 'node:crypto';
import type { Capabilities } from '../compile/tc/index.ts';
import { kernelOf, withNamespace, type Place } from './place.ts';
import { explainRefusal } from './refusal.ts';
import { run } from './run.ts';
import { TargetError } from './target-error.ts';

const QDISCS = [
  'htb',
  'fq_codel',
  'sfq',
  'pfifo',
  'bfifo',
  'tbf',
  'prio',
  'cake',
  'drr',
  'hfsc',
  'ets',
  'red',
  'codel',
  'fq',
];
const CLASSIFIERS: Record<string, string> = {
  u32: 'protocol ip pref 1 u32 match u32 0x00b80000 0x00fc0000 at 0 flowid 1:1',
  flower: 'protocol ip pref 2 flower ip_proto udp ip_tos 0xb8/0xfc dst_port 16384-32767 classid 1:1',
};
/** On a kernel without flower none of these is compiled, so they are tried on u32, which every kernel here has. */
const ACTIONS: Record<string, string> = {
  gact: 'gact drop',
  police: 'police rate 1mbit burst 10k mtu 65536b conform-exceed drop / continue',
  pedit: 'pedit ex munge ip dsfield set 0xb8 retain 0xfc pipe',
  csum: 'csum ip4h pipe',
  skbedit: 'skbedit mark 1 pipe',
  ctinfo: 'ctinfo dscp 0x3f 0x80 cpmark 0xff continue',
  vlan: 'vlan modify id 1 priority 1 pipe',
  mirred: 'mirred egress mirror dev lo pipe',
};
const QDISC_TRIAL: Record<string, string> = {
  tbf: 'tbf rate 1mbit burst 10k limit 10k', red: 'red limit 100k avpkt 1000', ets: 'ets bands 2', pfifo: 'pfifo limit 10', bfifo: 'bfifo limit 10k',
}; // prettier-ignore

/** A namespace of its own where that is allowed; else an interface made for the trial, which carries nothing. */
async function tryBatch(
  place: Place,
  lines: (device: string) => string[]
): Promise<{ stdout: string; stderr: string }> {
  const enter = place.namespace ? place.enter : [];
  const alone = await run([...enter, 'unshare', '--net', '--', 'tc', '-force', '-batch', '-'], {
    input: lines('lo').join('\n') + '\n',
  });
  if (!/unshare failed|Operation not permitted/i.test(alone.stderr) && alone.status !== 127) {
    return alone;
  }
  const device = `cp${randomBytes(4).toString('hex')}`;
  for (const kind of [['dummy'], ['veth', 'peer', 'name', `${device}p`]]) {
    const made = await run(withNamespace(place, 'ip', ['link', 'add', device, 'type', ...kind]));
    if (made.status !== 0) {
      continue;
    }
    try {
      return await run(withNamespace(place, 'tc', ['-force', '-batch', '-']), {
        input: lines(device).join('\n') + '\n',
      });
    } finally {
      await run(withNamespace(place, 'ip', ['link', 'del', device]));
    }
  }
  const { plain, original } = explainRefusal(alone.stderr);
  throw new TargetError('CP-TARGET-UNREACHABLE', `What this kernel can do cannot be found out: ${plain} (${original})`);
}

/** Whether an IFB can be made, tried in a namespace of its own where that is allowed. */
async function hasIfb(place: Place): Promise<boolean> {
  const device = `cp${randomBytes(4).toString('hex')}`;
  const enter = place.namespace ? place.enter : [];
  const make = ['link', 'add', device, 'type', 'ifb'];
  const alone = await run([...enter, 'unshare', '--net', '--', 'ip', ...make]);
  if (alone.status === 0 || !/unshare failed|Operation not permitted/i.test(alone.stderr)) {
    return alone.status === 0;
  }
  const made = await run(withNamespace(place, 'ip', make));
  if (made.status === 0) {
    await run(withNamespace(place, 'ip', ['link', 'del', device]));
  }
  return made.status === 0;
}

/** Tries each discipline and classifier on something that carries no traffic. */
export async function discover(place: Place): Promise<Capabilities> {
  const trial = (device: string) => [
    ...QDISCS.flatMap((kind) => [
      `qdisc add dev ${device} root handle 1: ${QDISC_TRIAL[kind] ?? kind}`,
      `qdisc del dev ${device} root`,
    ]),
    `qdisc add dev ${device} root handle 1: htb default 1`,
    ...Object.values(CLASSIFIERS).map((rule) => `filter add dev ${device} parent 1: ${rule}`),
    ...Object.values(ACTIONS).map(
      (action, index) => `filter add dev ${device} parent 1: protocol ip pref ${10 + index} u32 match u32 0 0 at 0 flowid 1:1 action ${action}` // prettier-ignore
    ),
    // Built without CLS_U32_MARK, the kernel takes the condition and forgets it: only the listing tells.
    `filter add dev ${device} parent 1: protocol ip pref 9 u32 match mark 0x1 0x1 flowid 1:1`,
    `filter show dev ${device} parent 1: pref 9`,
    `qdisc add dev ${device} clsact`,
    `filter add dev ${device} ingress protocol all pref 1 matchall action mirred egress redirect dev lo`,
  ];
  const { stdout, stderr } = await tryBatch(place, trial);
  const failed = new Set([...stderr.matchAll(/Command failed -:(\d+)/g)].map((match) => Number(match[1])));
  const first = 2 * QDISCS.length + 2;
  return {
    qdiscs: QDISCS.filter((_, index) => !failed.has(2 * index + 1)),
    classifiers: Object.keys(CLASSIFIERS).filter((_, index) => !failed.has(first + index)),
    actions: Object.keys(ACTIONS).filter((_, index) => !failed.has(first + Object.keys(CLASSIFIERS).length + index)),
    marks: /^\s*mark 0x/m.test(stdout),
    // The last two lines of the trial, counted from 1.
    ingress: [
      ...['clsact', 'matchall'].filter((_, index) => !failed.has(trial('').length - 1 + index)),
      ...((await hasIfb(place)) ? ['ifb'] : []),
    ],
    kernel: await kernelOf(place),
  };
}
