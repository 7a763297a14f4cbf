/** Prometheus metrics, named by its conventions: base units, counters end in _total. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { Monitor } from '../measure/index.ts';
import type { ComplianceRow } from './contract.ts';
import type { Hub } from './hub.ts';

const CLASS = ['tenant', 'binding', 'traffic_class'] as const;
const SLA = [...CLASS, 'site', 'service', 'objective'] as const;

/** Values change their names with policies: gauges are read from the monitor when Prometheus asks. */
export function createMetrics(monitor: Monitor, hub: Hub, tenants: readonly string[], version: string): Registry {
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
  const rows = (use: (row: ComplianceRow, labels: Record<(typeof SLA)[number], string>) => void) => {
    for (const tenant of tenants) {
      for (const row of monitor.rows(tenant)) {
        use(row, {
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
    use: (
      sample: ReturnType<Monitor['counters']>[number]['samples'][number],
      labels: Record<(typeof CLASS)[number], string>
    ) => void
  ) => {
    for (const tenant of tenants) {
      for (const { binding, trafficClass, samples } of monitor.counters(tenant)) {
        const sample = samples.at(-1);
        if (sample) {
          use(sample, { tenant, binding, traffic_class: trafficClass });
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
  const sent = new Counter({
    name: 'clearpath_class_sent_bytes_total',
    help: 'Bytes that the class sent, layer 2.',
    labelNames: CLASS,
    registers: [registry],
  });
  const dropped = new Counter({
    name: 'clearpath_class_dropped_packets_total',
    help: 'Packets that the class’s queue dropped.',
    labelNames: CLASS,
    registers: [registry],
  });
  const deployments = new Counter({
    name: 'clearpath_deployments_total',
    help: 'Deployments by their end.',
    labelNames: ['tenant', 'binding', 'state'] as const,
    registers: [registry],
  });
  hub.on('happening', ({ topic, tenant, data }) => {
    if (topic === 'counters') {
      for (const sample of (
        data as { classes: Array<{ binding: string; trafficClass: string; rate: number; drops: number }> }
      ).classes) {
        const labels = { tenant, binding: sample.binding, traffic_class: sample.trafficClass };
        sent.inc(labels, sample.rate / 8);
        dropped.inc(labels, sample.drops);
      }
    } else if (topic === 'deployments') {
      const { binding, state } = data as { binding: string; state: string };
      if (state !== 'applying') {
        deployments.inc({ tenant, binding, state });
      }
    }
  });
  return registry;
}
