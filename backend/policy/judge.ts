/** What is wrong with a policy before anything is compiled: the rules of the language that a shape cannot say. */
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { judgeMatches } from './matching.ts';
import { formatRate, type Rate } from './quantities.ts';
import { flatten, resolve, type ResolvedClass } from './resolve.ts';
import {
  LATER_CLASS_KEYS, LATER_CONDITIONS, LATER_POLICY_KEYS, type Objective, type PolicySpec, type TrafficClass,
} from './schema.ts'; // prettier-ignore

/** The kernel has eight levels of HTB classes; the link itself takes the first and leaves count. */
const MAX_DEPTH = 7;
/** Above this each addition walks so many classes that a change takes seconds (measured: 8,000 classes in 2 s). */
const MAX_CLASSES = 8000;
const STRICT_SHARE = 0.33;

const notYet = (path: string, what: string) =>
  finding(
    'CP-NOT-YET',
    path,
    `${what} is part of the language, but this version does not compile it yet, so nothing is applied.`,
    'Remove it for now.'
  );

function laterKeys(holder: object, keys: readonly string[], path: string): Finding[] {
  return keys
    .filter((key) => (holder as Record<string, unknown>)[key] !== undefined)
    .map((key) => notYet(`${path}.${key}`, `"${key}"`));
}

function judgeObjective(objective: Objective, path: string): Finding[] {
  const unmeasured = [
    objective.latency?.oneWay ? 'latency.oneWay' : undefined,
    ...(['queueDepth', 'availability', 'mos', 'contract'] as const).filter((key) => objective[key] !== undefined),
  ].filter((key) => key !== undefined);
  return unmeasured.map((key) =>
    finding(
      'CP-OBJECTIVE-UNMEASURED',
      `${path}.${key}`,
      `"${key}" is kept, but this version does not measure it: the panel shows it as not measured, never as met.`
    )
  );
}

const COMPILED_QUEUES = ['auto', 'fq_codel', 'sfq', 'pfifo'];

function judgeClass(spec: TrafficClass, path: string): Finding[] {
  const findings = laterKeys(spec, LATER_CLASS_KEYS, path);
  spec.match?.forEach((clause, index) =>
    findings.push(...laterKeys(clause, LATER_CONDITIONS, `${path}.match[${index}]`))
  );
  if (spec.default && spec.match) {
    findings.push(
      finding(
        'CP-DEFAULT-MATCH',
        `${path}.match`,
        `"${spec.name}" is the default: it takes what no other class matched, so it has no match of its own.`
      )
    );
  }
  if (!spec.default && !spec.match) {
    findings.push(
      finding(
        'CP-MATCH-MISSING',
        path,
        `"${spec.name}" says neither what matches nor that it is the default: no packet would reach it.`,
        'Add match, or default: true.'
      )
    );
  }
  if (spec.queue) {
    findings.push(...laterKeys(spec.queue, ['isolation', 'drop'], `${path}.queue`));
    const algorithm = spec.queue.algorithm;
    if (algorithm && !COMPILED_QUEUES.includes(algorithm)) {
      findings.push(notYet(`${path}.queue.algorithm`, `The queue "${algorithm}"`));
    }
    if (spec.classes) {
      findings.push(
        finding(
          'CP-QUEUE-INNER',
          `${path}.queue`,
          `"${spec.name}" has children, so its packets wait in their queues and not in one of its own.`,
          'Give the queue to the children.'
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
  if (!spec.guarantee && !spec.ceiling) {
    findings.push(
      finding(
        'CP-STRICT-RATE',
        path,
        `"${spec.name}" is strict and has no guarantee: without a rate of its own it could starve every other class.`,
        'Add guarantee, e.g. guarantee: 10%.'
      )
    );
  }
  if (spec.priority !== undefined) {
    findings.push(
      finding(
        'CP-STRICT-PRIORITY',
        `${path}.priority`,
        `"${spec.name}" is strict: it is served before every priority.`,
        'Remove priority.'
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
        'Remove strict or choose another default.'
      )
    );
  }
  return findings;
}

function judgeLevel(specs: readonly TrafficClass[], path: string, depth: number): Finding[] {
  const findings: Finding[] = [];
  const defaults = specs.flatMap((spec, index) => (spec.default ? [index] : []));
  if (defaults.length === 0) {
    findings.push(
      finding(
        'CP-DEFAULT-MISSING',
        `${path}.classes`,
        'No class of this level is the default, so packets that match nothing would leave unshaped.',
        'Add a class with default: true.'
      )
    );
  }
  for (const index of defaults.slice(1)) {
    findings.push(
      finding(
        'CP-DEFAULT-TWICE',
        `${path}.classes[${index}].default`,
        `"${specs[defaults[0]!]!.name}" is already the default of this level.`
      )
    );
  }
  if (depth > MAX_DEPTH) {
    findings.push(
      finding(
        'CP-TOO-DEEP',
        `${path}.classes`,
        `Classes nest ${depth} deep here; the kernel holds ${MAX_DEPTH} below the link.`
      )
    );
    return findings;
  }
  specs.forEach((spec, index) => {
    const at = `${path}.classes[${index}]`;
    findings.push(...judgeClass(spec, at));
    if (spec.classes) {
      findings.push(...judgeLevel(spec.classes, at, depth + 1));
    }
  });
  return findings;
}

function judgeNames(specs: readonly TrafficClass[], path: string, seen: Map<string, string>): Finding[] {
  return specs.flatMap((spec, index) => {
    const at = `${path}.classes[${index}]`;
    const first = seen.get(spec.name);
    if (!first) {
      seen.set(spec.name, at);
    }
    const own = first
      ? [
          finding(
            'CP-NAME-TWICE',
            `${at}.name`,
            `"${spec.name}" is already the name of ${first}; a class is known by its name.`
          ),
        ]
      : [];
    return [...own, ...judgeNames(spec.classes ?? [], at, seen)];
  });
}

interface Above {
  name: string;
  guarantee: number;
  ceiling: number;
  specs: readonly TrafficClass[];
  hasGuarantee: boolean;
}

/** Sums, ceilings and strict figures of one level, in bit/s; rounding of percents is tolerated. */
function judgeFigures(classes: readonly ResolvedClass[], above: Above, path: string): Finding[] {
  const findings: Finding[] = [];
  const tolerance = classes.length;
  classes.forEach((item, index) => {
    const spec = above.specs[index];
    if (!spec) {
      return;
    }
    const percentOf = (rate: Rate | undefined) => rate?.kind === 'percent';
    if (percentOf(spec.guarantee) && !above.hasGuarantee) {
      findings.push(
        finding(
          'CP-GUARANTEE-PARENT',
          `${item.source}.guarantee`,
          `"${item.name}" is guaranteed a percent of ${above.name}, which has no guarantee itself.`,
          `Give ${above.name} a guarantee, or write this one as a rate.`
        )
      );
    }
    if (item.strict && spec.guarantee && spec.ceiling && item.guarantee !== item.ceiling) {
      findings.push(
        finding(
          'CP-STRICT-FIGURES',
          `${item.source}.ceiling`,
          `"${item.name}" is strict: guarantee (${formatRate(item.guarantee)}) and ceiling (${formatRate(item.ceiling)}) are one figure.`,
          'Remove one of them.'
        )
      );
    } else if (item.guarantee > item.ceiling + 1) {
      findings.push(
        finding(
          'CP-GUARANTEE-CEILING',
          `${item.source}.guarantee`,
          `"${item.name}" is guaranteed ${formatRate(item.guarantee)} but may never exceed ${formatRate(item.ceiling)}.`
        )
      );
    }
    if (item.ceiling > above.ceiling + 1) {
      findings.push(
        finding(
          'CP-CEILING-PARENT',
          `${item.source}.${spec.ceiling ? 'ceiling' : 'guarantee'}`,
          `"${item.name}" may send ${formatRate(item.ceiling)}, but ${above.name} carries at most ${formatRate(above.ceiling)}.`
        )
      );
    }
    if (item.ceiling === 0 && (spec.ceiling || spec.guarantee)) {
      findings.push(
        finding(
          'CP-CEILING-ZERO',
          item.source,
          `"${item.name}" has a ceiling of zero: none of its packets would ever leave.`
        )
      );
    }
    if (spec.classes) {
      findings.push(
        ...judgeFigures(
          item.classes,
          {
            name: `"${item.name}"`,
            guarantee: item.guarantee,
            ceiling: item.ceiling,
            specs: spec.classes,
            hasGuarantee: spec.guarantee !== undefined,
          },
          item.source
        )
      );
    }
  });
  const sum = classes.reduce((total, item) => total + item.guarantee, 0);
  if (sum > above.guarantee + tolerance) {
    // The place to mend is the largest guarantee that is not strict: usually the one that was just raised.
    const largest = [...classes].sort((a, b) => Number(a.strict) - Number(b.strict) || b.guarantee - a.guarantee)[0]!;
    const list = classes.filter((item) => item.guarantee > 0).map((item) => `${item.name} ${formatRate(item.guarantee)}`).join(' + '); // prettier-ignore
    findings.push(
      finding(
        'CP-GUARANTEE-SUM',
        above.specs.length > 0 ? `${largest.source}.guarantee` : path,
        `Guarantees add up to ${formatRate(sum)}, but ${above.name} has ${formatRate(above.guarantee)}: when everything is full, ${formatRate(sum - above.guarantee)} of what was promised does not exist (${list}).`,
        `Lower guarantees by ${formatRate(sum - above.guarantee)} in all.`
      )
    );
  }
  return findings;
}

/** Bandwidth that the policy itself states, in bit/s. */
export function ownBandwidth(spec: PolicySpec): number | undefined {
  return spec.bandwidth?.kind === 'absolute' ? spec.bandwidth.bits : undefined;
}

/**
 * Judges a policy.
 * @param bandwidth bit/s of the link it is judged for, e.g. a binding's; by default the policy's own.
 */
export function judge(name: string, spec: PolicySpec, bandwidth = ownBandwidth(spec)): Finding[] {
  const findings = laterKeys(spec, LATER_POLICY_KEYS, 'spec');
  if (spec.scheduler && !['auto', 'htb'].includes(spec.scheduler)) {
    findings.push(notYet('spec.scheduler', `The scheduler "${spec.scheduler}"`));
  }
  if (spec.bandwidth?.kind === 'percent') {
    findings.push(
      finding(
        'CP-BANDWIDTH',
        'spec.bandwidth',
        'The bandwidth of a link is a rate of its own, not a percent.',
        'Write e.g. bandwidth: 19mbit.'
      )
    );
  } else if (spec.bandwidth?.bits === 0) {
    findings.push(
      finding(
        'CP-BANDWIDTH',
        'spec.bandwidth',
        'A link of zero bit/s carries nothing.',
        'Write e.g. bandwidth: 19mbit.'
      )
    );
  }
  const specs = spec.classes ?? [];
  if (spec.classes) {
    findings.push(...judgeLevel(specs, 'spec', 1), ...judgeNames(specs, 'spec', new Map()));
  }
  if (!bandwidth) {
    findings.push(
      finding(
        'CP-BANDWIDTH-UNKNOWN',
        'spec.bandwidth',
        'The policy names no bandwidth: sums are judged when a binding or an interface gives one.'
      )
    );
    return findings;
  }
  const resolved = resolve(name, spec, bandwidth);
  const all = flatten(resolved.classes);
  if (all.length > MAX_CLASSES) {
    findings.push(
      finding('CP-TOO-MANY', 'spec.classes', `${all.length} classes: one tree holds at most ${MAX_CLASSES}.`)
    );
  }
  findings.push(
    ...judgeFigures(
      resolved.classes,
      { name: 'the link', guarantee: bandwidth, ceiling: bandwidth, specs, hasGuarantee: true },
      'spec.classes'
    )
  );
  findings.push(...judgeMatches(resolved.classes));
  const strict = all.filter((item) => item.strict).reduce((sum, item) => sum + item.ceiling, 0);
  if (strict > STRICT_SHARE * bandwidth) {
    const share = Math.round((100 * strict) / bandwidth);
    findings.push(finding('CP-STRICT-SHARE', all.find((item) => item.strict)!.source, `Strict classes may take ${share} % of the link before anyone else is served. Cisco recommends at most 33 %, so that the others are not starved in a burst.`)); // prettier-ignore
  }
  return findings;
}
