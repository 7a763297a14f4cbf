/** What is wrong with a policy before anything is compiled: the rules of the language that a shape cannot say. */
import { finding } from './codes.ts';
import { capped, type Finding } from './finding.ts';
import { judgeClass, laterKeys } from './judge-class.ts';
import { judgeFigures, LEAST_RATE } from './judge-figures.ts';
import { judgeMatches } from './matching.ts';
import type { Rate } from './quantities.ts';
import { flatten, resolve, type ResolvedClass } from './resolve.ts';
import { LATER_POLICY_KEYS, type PolicySpec, type TrafficClass } from './schema.ts';
import { judgeScheduler } from './scheduling.ts';

/** The kernel has eight levels of HTB classes; the link itself takes the first and leaves count. */
const MAX_DEPTH = 7;
/** Above this each addition walks so many classes that a change takes seconds (measured: 8,000 classes in 2 s). */
const MAX_CLASSES = 8000;
const STRICT_SHARE = 0.33;

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

/** Bandwidth that the policy itself states, in bit/s. */
export function ownBandwidth(spec: PolicySpec): number | undefined {
  return spec.bandwidth?.kind === 'absolute' ? spec.bandwidth.bits : undefined;
}

const BANDWIDTH_HINT = 'Write e.g. bandwidth: 19mbit.';

/** The bandwidth that a policy or a binding states, not where it is used. */
export function judgeBandwidth(stated: Rate | undefined): Finding[] {
  if (stated?.kind === 'percent') {
    const message = 'The bandwidth of a link is a rate of its own, not a percent.';
    return [finding('CP-BANDWIDTH', 'spec.bandwidth', message, BANDWIDTH_HINT)];
  }
  return stated && stated.bits < LEAST_RATE
    ? [finding('CP-BANDWIDTH', 'spec.bandwidth', `A link of ${stated.bits} bit/s carries nothing.`, BANDWIDTH_HINT)]
    : [];
}

function countClasses(specs: readonly TrafficClass[]): number {
  return specs.reduce((sum, spec) => sum + 1 + countClasses(spec.classes ?? []), 0);
}

function judgeStrictShare(classes: readonly ResolvedClass[], bandwidth: number): Finding[] {
  const strict = classes.filter((item) => item.strict);
  const sum = strict.reduce((total, item) => total + item.ceiling, 0);
  if (sum <= STRICT_SHARE * bandwidth) {
    return [];
  }
  const share = Math.round((100 * sum) / bandwidth);
  const message = `Strict classes may take ${share} % of the link before anyone else is served. Cisco recommends at most 33 %, so that the others are not starved in a burst.`;
  return [finding('CP-STRICT-SHARE', strict[0]!.source, message)];
}

/**
 * Judges a policy.
 * @param bandwidth bit/s of the link it is judged for, e.g. a binding's; by default the policy's own.
 */
export function judge(name: string, spec: PolicySpec, bandwidth = ownBandwidth(spec)): Finding[] {
  const specs = spec.classes ?? [];
  const own = [...laterKeys(spec, LATER_POLICY_KEYS, 'spec'), ...judgeBandwidth(spec.bandwidth)];
  const count = countClasses(specs);
  if (count > MAX_CLASSES) {
    // Nothing else of it is looked at: judging as many would hold everybody else up.
    return [...own, finding('CP-TOO-MANY', 'spec.classes', `${count} classes: one tree holds at most ${MAX_CLASSES}.`)];
  }
  const shape = spec.classes ? [judgeLevel(specs, 'spec', 1), judgeNames(specs, 'spec', new Map())].flat() : [];
  // What matches does not depend on the bandwidth; any will do.
  const resolved = resolve(name, spec, bandwidth || 1e9);
  const matches = judgeMatches(resolved.classes);
  if (!bandwidth) {
    const unknown = finding(
      'CP-BANDWIDTH-UNKNOWN',
      'spec.bandwidth',
      'The policy names no bandwidth: sums are judged when a binding or an interface gives one.'
    );
    return capped([own, shape, matches, spec.bandwidth ? [] : [unknown]].flat());
  }
  const link = { name: 'the link', guarantee: bandwidth, ceiling: bandwidth, specs, hasGuarantee: true };
  const figures = judgeFigures(resolved.classes, link, 'spec.classes');
  return capped(
    [
      own,
      shape,
      figures,
      judgeScheduler(resolved),
      matches,
      judgeStrictShare(flatten(resolved.classes), bandwidth),
    ].flat()
  );
}
