/** What is wrong with one class by itself: contradictions between its own keys. */
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { removal, setting } from './fixes.ts';
import { type Objective, type Queue, type QUEUE_ALGORITHMS, type TrafficClass } from './schema.ts';

function judgeObjective(objective: Objective, path: string): Finding[] {
  const unmeasured = [
    objective.latency?.oneWay ? 'latency.oneWay' : undefined,
    ...(['queueDepth', 'availability', 'mos', 'period', 'target', 'contract'] as const).filter(
      (key) => objective[key] !== undefined
    ),
  ].filter((key) => key !== undefined);
  return unmeasured.map((key) =>
    finding(
      'CP-OBJECTIVE-UNMEASURED',
      `${path}.${key}`,
      `"${key}" is kept, but this version does not measure it: the panel shows it as not measured, never as met.`
    )
  );
}

const FIGURES = ['limit', 'target', 'interval', 'quantum', 'flows', 'ecn', 'memory', 'isolation', 'drop'] as const;
/** The figures that each queue has; `auto` takes what the one that is chosen has. */
const QUEUE_FIGURES: Readonly<Record<(typeof QUEUE_ALGORITHMS)[number], ReadonlyArray<keyof Queue>>> = {
  auto: ['limit', 'target', 'interval', 'quantum', 'flows', 'ecn', 'memory'],
  fq_codel: ['limit', 'target', 'interval', 'quantum', 'flows', 'ecn', 'memory'],
  codel: ['limit', 'target', 'interval', 'ecn'],
  sfq: ['limit', 'quantum'],
  pfifo: ['limit'],
  bfifo: ['limit'],
  red: ['limit', 'ecn', 'drop'],
  cake: ['interval', 'memory', 'isolation'],
};
const COUNTS_PACKETS = new Set(['sfq', 'codel']);

function judgeQueue(queue: Queue, path: string): Finding[] {
  const findings: Finding[] = [];
  const algorithm = queue.algorithm ?? 'auto';
  for (const key of FIGURES) {
    if (queue[key] !== undefined && !QUEUE_FIGURES[algorithm].includes(key)) {
      findings.push(
        finding(
          'CP-QUEUE-FIGURE',
          `${path}.${key}`,
          algorithm === 'auto'
            ? `Only ${key === 'drop' ? 'red' : 'cake'} has ${key}, and it is chosen when it is asked for.`
            : `The queue ${algorithm} has no ${key}, so it would be ignored.`,
          `Remove ${key}, or choose ${key === 'drop' ? 'red' : key === 'isolation' ? 'cake' : 'fq_codel'}.`,
          removal(`${path}.${key}`, `Remove ${key}`)
        )
      );
    }
  }
  if (COUNTS_PACKETS.has(algorithm) && queue.limit && 'bytes' in queue.limit) {
    const message = `The queue ${algorithm} counts packets, not bytes.`;
    findings.push(
      finding(
        'CP-QUEUE-FIGURE',
        `${path}.limit`,
        message,
        'Write e.g. limit: 127p.',
        removal(`${path}.limit`, 'Let the limit be computed')
      )
    );
  }
  return findings;
}

/**
 * A class by itself, without its neighbours.
 * @param hasDefault whether its level has a default class
 */
export function judgeClass(spec: TrafficClass, path: string, hasDefault: boolean): Finding[] {
  const findings: Finding[] = [];
  if (spec.default && spec.match) {
    findings.push(
      finding(
        'CP-DEFAULT-MATCH',
        `${path}.match`,
        `"${spec.name}" is the default: it takes what no other class matched, so it has no match of its own.`,
        undefined,
        removal(`${path}.match`, `Remove the match of "${spec.name}"`)
      )
    );
  }
  if (!spec.default && !spec.match) {
    findings.push(
      finding(
        'CP-MATCH-MISSING',
        path,
        `"${spec.name}" says neither what matches nor that it is the default: no packet would reach it.`,
        'Add match, or default: true.',
        hasDefault || spec.strict ? undefined : setting(`${path}.default`, true, `Make "${spec.name}" the default`)
      )
    );
  }
  if (spec.queue) {
    findings.push(...judgeQueue(spec.queue, `${path}.queue`));
    if (spec.classes) {
      findings.push(
        finding(
          'CP-QUEUE-INNER',
          `${path}.queue`,
          `"${spec.name}" has children, so its packets wait in their queues and not in one of its own.`,
          'Give the queue to the children.',
          removal(`${path}.queue`, `Remove the queue of "${spec.name}"`)
        )
      );
    }
  }
  for (const key of spec.classes ? (['priority', 'share'] as const) : []) {
    if (spec[key] !== undefined && !(spec.strict && key === 'priority')) {
      findings.push(
        finding(
          'CP-INNER-SHARING',
          `${path}.${key}`,
          `"${spec.name}" has children: what is left over goes to leaves, and the kernel ignores the ${key} of a class above them.`,
          `Give ${key} to the children.`,
          removal(`${path}.${key}`, `Remove the ${key} of "${spec.name}"`)
        )
      );
    }
  }
  if (spec.objective) {
    findings.push(...judgeObjective(spec.objective, `${path}.objective`));
  }
  if (spec.strict) {
    findings.push(...judgeStrict(spec, path));
  }
  return findings;
}

function judgeStrict(spec: TrafficClass, path: string): Finding[] {
  const findings: Finding[] = [];
  // Where one figure stood for both, what the other becomes is for the operator to say.
  const ordinary =
    spec.ceiling || spec.classes || spec.guarantee?.kind === 'absolute'
      ? undefined
      : removal(`${path}.strict`, `Make "${spec.name}" an ordinary class`);
  if (!spec.guarantee && !spec.ceiling) {
    findings.push(
      finding(
        'CP-STRICT-RATE',
        path,
        `"${spec.name}" is strict and has no guarantee: without a rate of its own it could starve every other class.`,
        'Add guarantee, e.g. guarantee: 10%.',
        ordinary
      )
    );
  }
  if (spec.priority !== undefined) {
    findings.push(
      finding(
        'CP-STRICT-PRIORITY',
        `${path}.priority`,
        `"${spec.name}" is strict: it is served before every priority.`,
        'Remove priority.',
        removal(`${path}.priority`, `Remove the priority of "${spec.name}"`)
      )
    );
  }
  if (spec.classes) {
    findings.push(
      finding(
        'CP-STRICT-CHILDREN',
        `${path}.classes`,
        `"${spec.name}" is strict and cannot be divided: the kernel ignores the priority of a class that has children.`,
        'Make each child a strict class of the level above.'
      )
    );
  }
  if (spec.default) {
    findings.push(
      finding(
        'CP-STRICT-DEFAULT',
        `${path}.strict`,
        `"${spec.name}" takes all unknown traffic; served before all others it would let anyone starve the link.`,
        'Remove strict or choose another default.',
        ordinary
      )
    );
  }
  return findings;
}
