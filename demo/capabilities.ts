/** What this kernel can do of what the demo and its policy need: tried in a namespace of the demo, never assumed. */
import { attempt } from './command.ts';
import { BOTTLENECKS } from './topology.ts';

export interface Capabilities {
  /** The discipline that will hold the provider's hop, or null where the kernel has none of them. */
  bottleneck: (typeof BOTTLENECKS)[number] | null;
  /** HTB is what the compiled policy needs on the branch's edge. */
  htb: boolean;
  notes: string[];
}

/** Smallest arguments that the kernel takes for each discipline. */
const TRIAL: Record<string, string[]> = {
  tbf: ['tbf', 'rate', '1mbit', 'burst', '16kb', 'limit', '64kb'],
  htb: ['htb'],
  netem: ['netem', 'rate', '1mbit'],
};

async function has(enter: string[], namespace: string, qdisc: string): Promise<boolean> {
  const tc = [...enter, 'tc', '-n', namespace, 'qdisc'];
  const { code } = await attempt([...tc, 'add', 'dev', 'lo', 'root', 'handle', '1:', ...(TRIAL[qdisc] ?? [qdisc])]);
  if (code === 0) {
    await attempt([...tc, 'del', 'dev', 'lo', 'root']);
  }
  return code === 0;
}

/** `namespace` is one that has just been made and carries nothing yet. */
export async function discover(enter: string[], namespace: string): Promise<Capabilities> {
  const found: Record<string, boolean> = {};
  for (const qdisc of Object.keys(TRIAL)) {
    found[qdisc] = await has(enter, namespace, qdisc);
  }
  const bottleneck = BOTTLENECKS.find(({ qdisc }) => found[qdisc]) ?? null;
  const notes: string[] = [];
  if (bottleneck === null) {
    notes.push(
      'This kernel has none of sch_tbf, sch_htb and sch_netem: the provider\'s hop passes everything at once and bulk traffic will not delay voice. Load one of the modules, for example with "modprobe sch_tbf", and start again.'
    );
  } else if (bottleneck.qdisc !== 'tbf') {
    notes.push(`This kernel has no sch_tbf: the provider's hop is held at 20 Mbit/s by ${bottleneck.qdisc} instead.`);
  }
  if (!found['htb']) {
    notes.push(
      'This kernel has no sch_htb: violations are shown, but the policy cannot be applied to the branch\'s edge. Load it with "modprobe sch_htb".'
    );
  }
  return { bottleneck, htb: found['htb'] ?? false, notes };
}
