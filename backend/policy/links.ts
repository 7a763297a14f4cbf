/** Where bindings act: their interfaces, target by target, and two bindings that meet on one. */
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { overlap } from './schedule.ts';
import type { BindingDocument, TargetDocument } from './schema.ts';

/** A binding on one of its interfaces. */
export interface Link {
  /**
   * Unique: the binding's name where it names one interface of one target, else with the interface behind it
   * (`uplinks.wan0`), and with the target between where a selector chose that (`uplinks.graz.wan0`).
   */
  name: string;
  binding: BindingDocument;
  target: TargetDocument;
  /** Empty where the target has no interface that fits, which the findings say. */
  device: string;
  /** What of the binding brings it in, e.g. spec.interfaces[1] */
  path: string;
  /** What is wrong here and not on the binding's other interfaces. */
  findings: Finding[];
}
export interface Links {
  links: Link[];
  findings: Finding[];
}
/** Names of the interfaces that a machine has now, or why they are not known. */
export type Interfaces = readonly string[] | Error;

export const isPattern = (name: string): boolean => name.includes('*');
const regexOf = (pattern: string) =>
  new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+]/g, '\\$&')).join('.*')}$`); // prettier-ignore

/** Whether the interfaces of a target have to be looked up, since the documents do not name them. */
export const needsLookup = ({ spec }: BindingDocument, target: TargetDocument): boolean =>
  target.spec.interfaces === undefined && (spec.interfaces ?? []).some(isPattern);

/** The targets that a binding names or selects. */
export function targetsOf({ spec }: BindingDocument, targets: ReadonlyMap<string, TargetDocument>): TargetDocument[] {
  if (spec.selector) {
    const wanted = Object.entries(spec.selector);
    return [...targets.values()].filter(({ metadata }) =>
      wanted.every(([label, value]) => metadata.labels?.[label] === value)
    );
  }
  const target = spec.target === undefined ? undefined : targets.get(spec.target);
  return target ? [target] : [];
}

type Device = Pick<Link, 'device' | 'path' | 'findings'>;

const none = (path: string, message: string, hint?: string): Device => ({
  device: '',
  path,
  findings: [finding('CP-INTERFACE', path, message, hint)],
});
const itHas = (names: readonly string[]) => (names.length > 0 ? `It has ${names.join(', ')}.` : undefined);

/** The interfaces that one entry of `interfaces` stands for. */
function devicesLike(entry: string, path: string, { metadata, spec }: TargetDocument, there: Interfaces): Device[] {
  const named = spec.interfaces;
  if (!isPattern(entry)) {
    const message = `The target "${metadata.name}" names no interface "${entry}".`;
    const unknown = named && !named.includes(entry);
    return [{ device: entry, path, findings: unknown ? [finding('CP-INTERFACE', path, message, itHas(named))] : [] }];
  }
  const from = named ?? there;
  if (from instanceof Error) {
    return [none(path, `The interfaces of the target "${metadata.name}" cannot be listed: ${from.message}`)];
  }
  // Loopback carries nothing off the machine: it is meant only when it is named.
  const found = from.filter((device) => device !== 'lo' && regexOf(entry).test(device));
  return found.length > 0
    ? found.map((device) => ({ device, path, findings: [] }))
    : [none(path, `No interface of the target "${metadata.name}" is called like "${entry}".`, itHas(from))];
}

function devicesOn({ spec }: BindingDocument, target: TargetDocument, there: Interfaces): Device[] {
  const named = target.spec.interfaces;
  if (spec.interfaces) {
    const all = spec.interfaces.flatMap((entry, index) =>
      devicesLike(entry, `spec.interfaces[${index}]`, target, there)
    );
    return all.filter(({ device }, index) => all.findIndex((other) => other.device === device) === index);
  }
  const message = `The target "${target.metadata.name}" names no interfaces, so the binding has to: which of the machine’s are meant?`;
  return named
    ? named.map((device) => ({ device, path: spec.selector ? 'spec.selector' : 'spec.target', findings: [] }))
    : [none('spec', message, 'Add interfaces: [wan0].')];
}

/**
 * The interfaces of one binding.
 * @param there what a target's machine has, asked where `needsLookup` says so
 */
export function linksOf(
  binding: BindingDocument,
  documents: {
    policies: { has: (name: string) => boolean };
    targets: ReadonlyMap<string, TargetDocument>;
    /** Targets that are stored and cannot be read, with what is wrong */
    unreadable?: ReadonlyMap<string, string>;
  },
  there: (target: TargetDocument) => Interfaces
): Links {
  const { metadata, spec } = binding;
  const targets = targetsOf(binding, documents.targets);
  const findings: Finding[] = [];
  if (!documents.policies.has(spec.policy)) {
    findings.push(finding('CP-REFERENCE', 'spec.policy', `There is no policy "${spec.policy}".`));
  }
  if (spec.target !== undefined && targets.length === 0) {
    const wrong = documents.unreadable?.get(spec.target);
    const message = wrong ? `The target "${spec.target}" is stored, but this version does not take it: ${wrong}` : `There is no target "${spec.target}".`; // prettier-ignore
    findings.push(finding('CP-REFERENCE', 'spec.target', message));
  }
  if (spec.selector && targets.length === 0) {
    const labels = Object.entries(spec.selector).map(([label, value]) => `${label}: ${value}`);
    findings.push(finding('CP-REFERENCE', 'spec.selector', `No target has the labels ${labels.join(', ')}.`));
  }
  const single = spec.target !== undefined && spec.interfaces?.length === 1 && !isPattern(spec.interfaces[0]!);
  const links = targets.flatMap((target): Link[] => {
    return devicesOn(binding, target, there(target)).map((on) => {
      const parts = [metadata.name, spec.selector ? target.metadata.name : '', on.device].filter(Boolean);
      return { name: single ? metadata.name : parts.join('.'), binding, target, ...on };
    });
  });
  return { links, findings };
}

/** Two targets may be one machine: what counts is the network that the interface is in. */
const placeOf = ({ target, device, binding }: Link) =>
  JSON.stringify([target.spec.platform, target.spec.namespace ?? '', device, binding.spec.direction]);

/** Comparing a year of two schedules takes milliseconds, and they are compared whenever bindings are listed. */
const compared = new Map<string, ReturnType<typeof overlap>>();
const MOST_COMPARED = 1000;

function meetingOf(one: Link, other: Link, at: number): Finding | undefined {
  const [a, b] = [other.binding, one.binding];
  const where = `${one.device} of ${one.target.metadata.name} in this direction`;
  if (!a.spec.schedule && !b.spec.schedule) {
    const message = `The binding "${a.metadata.name}" already acts on ${where}, and so does "${b.metadata.name}".`;
    return finding('CP-BINDING-CONFLICT', one.path, message);
  }
  if (!a.spec.schedule || !b.spec.schedule) {
    return undefined;
  }
  const key = JSON.stringify([a.spec.schedule, b.spec.schedule, Math.floor(at / (30 * 24 * 3600_000))]);
  if (!compared.has(key)) {
    if (compared.size >= MOST_COMPARED) {
      compared.clear();
    }
    compared.set(key, overlap(a.spec.schedule, b.spec.schedule, at));
  }
  const met = compared.get(key);
  const message = `The schedules of "${a.metadata.name}" and "${b.metadata.name}" hold at once on ${where}`;
  return met && finding('CP-SCHEDULE-OVERLAP', 'spec.schedule', `${message}, first from ${new Date(met.from).toISOString()} on.`); // prettier-ignore
}

/**
 * @param at now: schedules are compared for the year to come
 * @returns by link, what is wrong with it: an earlier binding of the list has its interface already
 */
export function judgeMeetings(links: readonly Link[], at: number): Map<Link, Finding> {
  const taken = new Map<string, Link[]>();
  const conflicts = new Map<Link, Finding>();
  for (const link of links.filter(({ device }) => device !== '')) {
    const place = placeOf(link);
    const others = taken.get(place) ?? [];
    const wrong = others.map((other) => meetingOf(link, other, at)).find((item) => item !== undefined);
    if (wrong) {
      conflicts.set(link, wrong);
    } else {
      taken.set(place, [...others, link]);
    }
  }
  return conflicts;
}
