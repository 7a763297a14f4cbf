/** What is wrong with a policy before anything is compiled: the rules of the language that a shape cannot say. */
import { finding } from './codes.ts';
import { capped, hasErrors, type Finding } from './finding.ts';
import { linkOf } from './link.ts';
import { judgeClass } from './judge-class.ts';
import { freeName, setting } from './fixes.ts';
import { judgeFigures, LEAST_RATE } from './judge-figures.ts';
import { judgeLimits } from './judge-limits.ts';
import { judgeMatches } from './judge-matches.ts';
import { judgeQueues } from './judge-queues.ts';
import { judgeSharing, Sharing } from './judge-sharing.ts';
import { judgeControl, judgeFamilies } from './judge-traffic.ts';
import type { Rate } from './quantities.ts';
import { asWritten, flatten, type ResolvedClass } from './resolve.ts';
import type { PolicySpec, TrafficClass } from './schema.ts';
import { judgeScheduler } from './scheduling.ts';

/** The kernel has eight levels of HTB classes; the link itself takes the first and leaves count. */
const MAX_DEPTH = 7;
/** Above this each addition walks so many classes that a change takes seconds (measured: 8,000 classes in 2 s). */
const MAX_CLASSES = 8000;
/** From here on an addition to the tree is felt. */
const MANY_CLASSES = 4000;
const STRICT_SHARE = 0.33;

function judgeLevel(
  specs: readonly TrafficClass[],
  path: string,
  depth: number,
  names: ReadonlySet<string>
): Finding[] {
  const findings: Finding[] = [];
  const defaults = specs.flatMap((spec, index) => (spec.default ? [index] : []));
  if (defaults.length === 0) {
    findings.push(
      finding(
        'CP-DEFAULT-MISSING',
        `${path}.classes`,
        'No class of this level is the default, so packets that match nothing would leave unshaped.',
        'Add a class with default: true.',
        {
          title: 'Add a default class',
          edits: [
            {
              op: 'insert',
              path: `${path}.classes[${specs.length}]`,
              value: { name: freeName('default', names), default: true },
            },
          ],
        }
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
    findings.push(...judgeClass(spec, at, defaults.length > 0));
    if (spec.classes) {
      findings.push(...judgeLevel(spec.classes, at, depth + 1, names));
    }
  });
  return findings;
}

const namesOf = (specs: readonly TrafficClass[]): string[] =>
  specs.flatMap((spec) => [spec.name, ...namesOf(spec.classes ?? [])]);

function judgeNames(
  specs: readonly TrafficClass[],
  path: string,
  seen: Map<string, string>,
  names: ReadonlySet<string>
): Finding[] {
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
            `"${spec.name}" is already the name of ${first}; a class is known by its name.`,
            undefined,
            setting(`${at}.name`, freeName(spec.name, names), `Call it "${freeName(spec.name, names)}"`)
          ),
        ]
      : [];
    return [...own, ...judgeNames(spec.classes ?? [], at, seen, names)];
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

function judgeCount(count: number): Finding[] {
  if (count > MAX_CLASSES) {
    return [finding('CP-TOO-MANY', 'spec.classes', `${count} classes: one tree holds at most ${MAX_CLASSES}.`)];
  }
  const message = `${count} classes in one tree: the kernel walks all of them for each that is added, so that bringing this into force takes seconds, in which nobody else changes the interface.`;
  return count > MANY_CLASSES ? [finding('CP-MANY', 'spec.classes', message, `Use at most ${MANY_CLASSES} classes, or several links.`)] : []; // prettier-ignore
}

/** What cannot be said without a rate of the link, bit/s. */
function judgeOnLink(spec: PolicySpec, classes: readonly ResolvedClass[], bandwidth: number): Finding[] {
  const sharing = new Sharing(classes, bandwidth);
  const link = {
    name: 'the link',
    guarantee: bandwidth,
    ceiling: bandwidth,
    specs: spec.classes ?? [],
    hasGuarantee: true,
    oversubscribed: spec.oversubscribe?.reason,
  };
  const figures = [...judgeFigures(classes, link, 'spec.classes'), ...judgeStrictShare(flatten(classes), bandwidth)];
  // What follows from figures that cannot be is no news beside them.
  return hasErrors(figures)
    ? figures
    : [
        figures,
        judgeSharing(sharing),
        judgeQueues(sharing),
        judgeControl(sharing),
        judgeLimits(classes, bandwidth),
      ].flat();
}

/**
 * Judges a policy.
 * @param bandwidth bit/s of the link it is judged for, e.g. a binding's; by default the policy's own.
 */
export function judge(name: string, spec: PolicySpec, bandwidth = ownBandwidth(spec)): Finding[] {
  const specs = spec.classes ?? [];
  const names = namesOf(specs);
  const own = [...judgeBandwidth(spec.bandwidth), ...judgeCount(names.length)];
  if (names.length > MAX_CLASSES) {
    // Nothing else of it is looked at: judging as many would hold everybody else up.
    return own;
  }
  const taken = new Set(names);
  const shape = spec.classes ? [judgeLevel(specs, 'spec', 1, taken), judgeNames(specs, 'spec', new Map(), taken)].flat() : []; // prettier-ignore
  // What matches does not depend on the bandwidth; any will do.
  const classes = asWritten(spec, bandwidth || 1e9);
  const matches = [...judgeMatches(classes), ...judgeFamilies(classes)];
  const unknown = finding(
    'CP-BANDWIDTH-UNKNOWN',
    'spec.bandwidth',
    'The policy names no bandwidth: sums are judged when a binding or an interface gives one.'
  );
  const figures = bandwidth
    ? [
        ...judgeOnLink(spec, classes, bandwidth),
        ...judgeScheduler({ name, bandwidth, scheduler: spec.scheduler ?? 'auto', link: linkOf(spec), classes }),
      ]
    : [];
  return capped([own, shape, figures, matches, bandwidth || spec.bandwidth ? [] : [unknown]].flat());
}
