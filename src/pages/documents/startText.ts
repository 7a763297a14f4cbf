/** The text that a new binding or target starts with: what there is by name, the rest as comments to uncomment. Pure. */
import type { DocumentKind, TargetSummary } from '../../data/index.ts';

export interface There {
  policy: string | undefined;
  /** Policies that may be named instead */
  policies: readonly string[];
  target: TargetSummary | undefined;
}

/** A few names are help, a hundred are noise. */
const listed = (names: readonly string[]) =>
  `${names.slice(0, 8).join(', ')}${names.length > 8 ? `, and ${names.length - 8} more` : ''}`;

function bindingText(name: string, { policy, policies, target }: There): string {
  const others = policies.filter((other) => other !== policy);
  const devices = target?.interfaces ?? [];
  return `apiVersion: clearpath/v1
kind: Binding
metadata:
  name: ${name}
spec:
  policy: ${policy ?? 'branch-edge'}${others.length > 0 ? ` # or ${listed(others)}` : ''}
  target: ${target?.name ?? 'this-machine'}
  # selector: { site: graz }       # in place of a target: every target with these labels
  interfaces: [${devices[0] ?? 'eth0'}]${devices.length > 1 ? ` # of ${listed(devices)}; patterns such as wan* are taken` : ''}
  # direction: ingress             # what the interface receives, in place of what it sends
  # bandwidth: 19mbit              # just below what the link carries; without it the policy's
  # variables: { voice: 2mbit }    # values for the policy's variables
  # confirm: 60s                   # rolled back unless somebody confirms in time
  # requireProof: true             # only what a proof found to hold is applied
  # reapply: true                  # put back by itself after a restart of the machine
  # rollout: { canary: 1, waves: [25%], pause: 5m, onFailure: rollback }
  # schedule:                      # acts in these windows only, in place of an unscheduled binding
  #   - { days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00", zone: Europe/Vienna }
  # probe: { reflector: "192.0.2.1:2112" }   # an "irtt server -i 0" beyond the link: measures latency, jitter and loss
`;
}

const targetText = (name: string): string => `apiVersion: clearpath/v1
kind: Target
metadata:
  name: ${name}
  # labels: { site: graz }         # what selectors of bindings go by; "site" is shown in figures and alerts
spec:
  platform: linux
  # interfaces: [eth0, wan0]       # which may be named; without it, any
  # namespace: branch              # a network namespace; without it, the machine's own network
`;

export const startText = (kind: DocumentKind, name: string, there: There): string =>
  kind === 'bindings' ? bindingText(name, there) : targetText(name);
