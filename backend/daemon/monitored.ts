/** What is to be measured: the classes of every binding, by the policy in force there, else by the one that is saved. */
import { classidOf, emptyAllocation, parseTree, queueMajor, sideOf, type Allocation } from '../compile/tc/index.ts';
import { bandwidthFor, dutyOf, judgeSource, type Bound, type Catalog } from '../deploy/index.ts';
import type { MonitoredClass } from '../measure/index.ts';
import { flatten, hasErrors, parsePrefix, probeDscp, type ResolvedClass } from '../policy/index.ts';
import type { DeploymentRow, Store } from '../store/index.ts';
import { inside, placeKey } from '../target/index.ts';

export interface Measured {
  bound: Bound;
  inForce: DeploymentRow | undefined;
  classes: MonitoredClass[];
}

function reflectorPacket(reflector: string) {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(reflector);
  const prefix = parsePrefix(match?.[1] ?? match?.[2] ?? '');
  const destinationPort = Number(match?.[3]);
  return typeof prefix === 'string'
    ? { family: 4 as const, destinationPort }
    : { family: prefix.family, destination: prefix.bytes, destinationPort };
}

async function measuredBinding(store: Store, tenant: string, bound: Bound): Promise<Measured> {
  const { deployment } = await store.deployments.place(tenant, placeKey(bound.place, bound.device));
  const inForce = deployment ? await store.deployments.get(tenant, deployment) : undefined;
  const stored = inForce
    ? await store.documents.revision(tenant, 'Policy', inForce.policy, inForce.revision)
    : undefined;
  const source = stored?.source ?? bound.policy?.stored.source;
  const document = source === undefined ? undefined : judgeSource(source, undefined, bound.values).document;
  if (!document || hasErrors(bound.findings)) {
    return { bound, inForce, classes: [] };
  }
  const bandwidth = await bandwidthFor(bound.place, bound.device, bound.binding, document).catch(() => undefined);
  const judged = judgeSource(source!, bandwidth, bound.values, bound.binding.spec.direction);
  if (!judged.resolved || hasErrors(judged.findings)) {
    return { bound, inForce, classes: [] };
  }
  const after = inForce ? parseTree(inForce.after) : undefined;
  const allocation = inForce ? (JSON.parse(inForce.allocation) as Allocation) : emptyAllocation();
  const { probe } = bound.binding.spec;
  const tree = judged.resolved.classes;
  const classes = flatten(tree).filter((item) => item.classes.length === 0 || item.objective);
  return {
    bound,
    inForce,
    classes: classes.map((item: ResolvedClass): MonitoredClass => {
      const dscp = probe ? probeDscp(tree, item.path, reflectorPacket(probe.reflector)) : undefined;
      const minor = Object.hasOwn(allocation.classes, item.path) ? allocation.classes[item.path] : undefined;
      return {
        tenant,
        binding: bound.name,
        policy: document.metadata.name,
        site: bound.site,
        service: bound.service,
        trafficClass: item.path,
        direction: bound.binding.spec.direction,
        interface: sideOf(bound.device).interface,
        classid: after && minor !== undefined ? classidOf(after, minor, queueMajor(allocation, item.path)) : null,
        strict: item.strict,
        guarantee: item.guarantee,
        ceiling: item.ceiling,
        objective: item.objective ?? null,
        // A class that no mark alone selects cannot be probed: a probe in another class would measure that one.
        reflector: dscp === undefined ? null : probe!.reflector,
        unprobed:
          probe && dscp === undefined
            ? 'No DSCP alone brings a probe into this class: its match asks for ports or addresses, and a probe in another class would measure that one.'
            : undefined,
        dscp: dscp ?? 0,
        probeIntervalUs: probe?.interval,
        probeBytes: probe?.length,
        prefix: inside(bound.place, []),
      };
    }),
  };
}

/** Where bindings take turns on an interface, only the one that is in force, or is to be, is measured. */
export async function measuredBindings(store: Store, catalog: Catalog, tenant: string): Promise<Measured[]> {
  const bounds = await catalog.bindings(tenant);
  const duties = dutyOf(bounds, Date.now());
  const names = new Set(bounds.map(({ name }) => name));
  const all = await Promise.all(bounds.map((bound) => measuredBinding(store, tenant, bound)));
  return all.map((measured) => {
    const { bound, inForce } = measured;
    const another = inForce ? inForce.binding !== bound.name && names.has(inForce.binding) : duties.get(bound)?.on === false; // prettier-ignore
    return another ? { bound, inForce: undefined, classes: [] } : measured;
  });
}
