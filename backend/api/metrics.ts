/** Prometheus metrics, named by its conventions: base units, counters end in _total. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { Monitor } from '../measure/index.ts';
import type { ComplianceRow } from './contract.ts';
import type { Hub } from './hub.ts';

const CLASS = ['tenant', 'binding', 'traffic_class'] as const;
const SLA = [...CLASS, 'site', 'service', 'objective'] as const;

const FRESH_MS = 10_000;

/** Sums since the sidecar started. */
export interface ClassTotal {
  tenant: string;
  binding: string;
  trafficClass: string;
  bytes: number;
  drops: number;
}

/** Values change their names with policies: they are read from the monitor when Prometheus asks. */
export function createMetrics(
  monitor: Monitor,
  hub: Hub,
  tenants: readonly string[],
  version: string,
  totals: () => readonly ClassTotal[]
): Registry {
  const registry = new Registry();
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    collect: (set: (labels: Record<L, string>, value: number) => void) => void
  ) =>
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect() {
        this.reset();
        collect((labels, value) => this.set(labels, value));
      },
    });
  const rows = (report: (row: ComplianceRow, labels: Record<(typeof SLA)[number], string>) => void) => {
    for (const tenant of tenants) {
      for (const row of monitor.rows(tenant)) {
        report(row, {
          tenant,
          binding: row.binding,
          traffic_class: row.trafficClass,
          site: row.site,
          service: row.service,
          objective: row.objective,
        });
      }
    }
  };
  const last = (
    report: (
      sample: ReturnType<Monitor['counters']>[number]['samples'][number],
      labels: Record<(typeof CLASS)[number], string>
    ) => void
  ) => {
    for (const tenant of tenants) {
      for (const { binding, trafficClass, samples } of monitor.counters(tenant)) {
        const sample = samples.at(-1);
        // A class that is no longer on its interface has no rate; its last one would be shown for ever.
        if (sample && Date.now() - sample.at < FRESH_MS) {
          report(sample, { tenant, binding, traffic_class: trafficClass });
        }
      }
    }
  };
  gauge('clearpath_build_info', 'Version of the sidecar; always 1.', ['version'], (set) => set({ version }, 1));
  gauge(
    'clearpath_objective_violated',
    '1 while the objective is violated, else 0; absent while it is not judged.',
    SLA,
    (set) =>
      rows((row, labels) => {
        if (row.verdict === 'violated' || row.verdict === 'compliant') {
          set(labels, Number(row.verdict === 'violated'));
        }
      })
  );
  gauge('clearpath_objective_coverage_ratio', 'Share of the expected samples that arrived.', SLA, (set) =>
    rows((row, labels) => {
      if (row.verdict !== 'not-measured') {
        set(labels, row.coverage);
      }
    })
  );
  gauge('clearpath_objective_seconds', 'Measured time of an objective on latency or jitter.', SLA, (set) =>
    rows((row, labels) => {
      if (row.unit === 'us' && row.value !== null) {
        set(labels, row.value / 1e6);
      }
    })
  );
  gauge('clearpath_objective_ratio', 'Measured share of an objective on loss or throughput.', SLA, (set) =>
    rows((row, labels) => {
      if (row.unit === 'percent' && row.value !== null) {
        set(labels, row.value / 100);
      }
    })
  );
  gauge('clearpath_class_guarantee_bits_per_second', 'What the class is guaranteed.', CLASS, (set) =>
    last((sample, labels) => set(labels, sample.guarantee))
  );
  gauge('clearpath_class_ceiling_bits_per_second', 'What the class may never exceed.', CLASS, (set) =>
    last((sample, labels) => set(labels, sample.ceiling))
  );
  gauge('clearpath_class_rate_bits_per_second', 'What the class sent in the last second, layer 2.', CLASS, (set) =>
    last((sample, labels) => set(labels, sample.rate))
  );
  gauge('clearpath_class_backlog_bytes', 'What waits in the class’s queue.', CLASS, (set) =>
    last((sample, labels) => set(labels, sample.backlogBytes))
  );
  gauge(
    'clearpath_class_silent_seconds',
    'How long packets have waited in the class without one being sent; 0 while it sends.',
    CLASS,
    (set) => last((sample, labels) => set(labels, sample.silentSeconds))
  );
  const counter = (name: string, help: string, of: (total: ClassTotal) => number) =>
    new Counter({
      name,
      help,
      labelNames: CLASS,
      registers: [registry],
      collect() {
        this.reset();
        for (const total of totals()) {
          const { tenant, binding, trafficClass } = total;
          this.inc({ tenant, binding, traffic_class: trafficClass }, of(total));
        }
      },
    });
  counter('clearpath_class_sent_bytes_total', 'Bytes that the class sent, layer 2.', (total) => total.bytes);
  counter('clearpath_class_dropped_packets_total', 'Packets that the class’s queue dropped.', (total) => total.drops);
  const deployments = new Counter({
    name: 'clearpath_deployments_total',
    help: 'Deployments by their end.',
    labelNames: ['tenant', 'binding', 'state'] as const,
    registers: [registry],
  });
  hub.on('happening', ({ topic, tenant, data }) => {
    const { binding, state } = data as { binding: string; state: string };
    if (topic === 'deployments' && state !== 'applying') {
      deployments.inc({ tenant, binding, state });
    }
  });
  return registry;
}
