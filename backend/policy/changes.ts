/**
 * What a new version of a policy means beside the old one, a sentence for each thing: for traffic, not for the text. Which
 * packets go to another class is said of the order and the matches of all classes together.
 * No sentence stands for what means the same: comments, descriptions, the order of keys, of the values of a list and of
 * classes that share no packet, and defaults that are written out.
 */
import { moves } from './changes-order.ts';
import { sayReclassification, UNTOLD } from './changes-traffic.ts';
import { placeChanges } from './changes-variables.ts';
import { canonical, sayAbsent, sayClause, sayField } from './changes-words.ts';
import { reclassified, type Reclassification } from './reclassify.ts';
import { ONE_DEFAULT } from './resolve.ts';
import type { Clause, PolicyDocument, PolicySpec, TrafficClass } from './schema.ts';

export interface Change {
  kind: 'added' | 'removed' | 'changed' | 'moved' | 'reclassified';
  /** Policy path: in the new version, for what was removed in the old one */
  path: string;
  /** Names from the root, e.g. voice/g711; null for the policy itself */
  class: string | null;
  text: string;
}

type Fields = Map<string, { path: string[]; value: unknown }>;

/** Everything below an object that is neither a quantity nor a list, by its dotted path. */
function flatten(value: object, path: string[] = []): Fields {
  const fields: Fields = new Map();
  for (const [key, item] of Object.entries(value)) {
    const at = [...path, key];
    if (item === undefined) {
      continue;
    }
    if (typeof item === 'object' && item !== null && !Array.isArray(item) && !isQuantity(item as object)) {
      flatten(item as object, at).forEach((field, name) => fields.set(name, field));
    } else {
      fields.set(at.join('.'), { path: at, value: item });
    }
  }
  return fields;
}
const isQuantity = (value: object) => ['bits', 'percent', 'packets', 'bytes'].some((key) => key in value);

/** A class with what it means when it is not said, and without what means nothing. Its match and its classes are compared apart. */
function meant(item: TrafficClass): Fields {
  const { name: _, description: __, match: ___, classes: ____, ...rest } = item;
  const { guarantee, ceiling } = item;
  const figure = item.strict ? (guarantee ?? ceiling) : undefined;
  const fields = flatten({
    ...rest,
    default: item.default || undefined,
    strict: item.strict || undefined,
    priority: item.strict ? undefined : (item.priority ?? 3),
    // A strict class's guarantee and ceiling stand for one another; percents do so of different wholes.
    ...(figure?.kind === 'absolute' && { guarantee: guarantee ?? figure, ceiling: ceiling ?? figure }),
  });
  return without(fields, { 'queue.algorithm': 'auto', 'objective.latency.oneWay': false });
}
function meantPolicy({ classes: _, variables: __, ...rest }: PolicySpec): Fields {
  return without(flatten(rest), { scheduler: 'auto' });
}
/** Takes out what says only what holds anyway. */
function without(fields: Fields, defaults: Record<string, unknown>): Fields {
  for (const [key, value] of Object.entries(defaults)) {
    if (fields.get(key)?.value === value) {
      fields.delete(key);
    }
  }
  return fields;
}

/** `voice: guarantee 10% → 15%` for each field that means something else. */
function fieldChanges(before: Fields, after: Fields, at: string, of: string | null): Change[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key): Change[] => {
    const [old, now] = [before.get(key), after.get(key)];
    if (old && now && canonical(old.value) === canonical(now.value)) {
      return [];
    }
    const { path } = (now ?? old)!;
    return [{ kind: 'changed', path: [at, ...path].join('.'), class: of, text: `${of ?? 'policy'}: ${difference(path, old?.value, now?.value)}` }]; // prettier-ignore
  });
}

function difference(path: readonly string[], old: unknown, now: unknown): string {
  const label = path.map((key) => (/^p\d\d$/.test(key) ? key.toUpperCase() : key)).join(' ');
  if (old === true || now === true) {
    const what = label === 'default' ? 'the class of what nothing else matches' : label;
    return now === true ? `now ${what}` : `${what} no longer`;
  }
  const say = (value: unknown) => (value === undefined ? sayAbsent(path) : sayField(value, path));
  const [from, to] = [say(old), say(now)];
  // Rounded for reading, two figures may look alike.
  return from === to ? `${label} ${canonical(old)} → ${canonical(now)}` : `${label} ${from} → ${to}`;
}

/** What a class takes: any of its clauses, in any order. */
function matchChanges(before: readonly Clause[], after: readonly Clause[], at: string, of: string): Change[] {
  const [old, now] = [before, after].map((clauses) => new Map(clauses.map((clause) => [canonical(clause), clause])));
  const gone = [...old!].flatMap(([key, clause]) => (now!.has(key) ? [] : [clause]));
  const come = [...now!].flatMap(([key, clause]) => (old!.has(key) ? [] : [clause]));
  const change = (text: string): Change => ({ kind: 'changed', path: `${at}.match`, class: of, text: `match of ${of}: ${text}` }); // prettier-ignore
  const within = gone.length === 1 && come.length === 1 ? listChange(gone[0]!, come[0]!) : undefined;
  return within
    ? within.map(change)
    : [...gone.map((clause) => change(`${sayClause(clause)} no longer`)), ...come.map((clause) => change(`${sayClause(clause)} as well`))]; // prettier-ignore
}

/** Where two clauses differ in the values of one list alone: those values. */
function listChange(old: Clause, now: Clause): string[] | undefined {
  const value = (clause: Clause, key: string) => clause[key as keyof Clause] as unknown;
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((key) => canonical(value(old, key)) !== canonical(value(now, key))); // prettier-ignore
  const [a, b] = [value(old, keys[0]!), value(now, keys[0]!)];
  if (keys.length !== 1 || !Array.isArray(a) || !Array.isArray(b)) {
    return undefined;
  }
  const only = (mine: unknown[], other: unknown[]) => {
    const there = new Set(other.map(canonical));
    return mine.filter((item) => !there.has(canonical(item)));
  };
  const said = (values: unknown[], word: string) => values.map((item) => `${sayClause({ [keys[0]!]: [item] } as Clause)} ${word}`); // prettier-ignore
  return [...said(only(a, b), 'no longer'), ...said(only(b, a), 'as well')];
}

interface Level {
  /** Policy path of what holds the classes, and its names */
  at: string;
  of: string;
}

function levelChanges(
  before: readonly TrafficClass[],
  after: readonly TrafficClass[],
  old: Level,
  now: Level,
  traffic: readonly Reclassification[]
): Change[] {
  const nameIn = (level: Level, name: string) => (level.of ? `${level.of}/${name}` : name);
  const pathIn = (level: Level, list: readonly TrafficClass[], name: string) =>
    `${level.at}.classes[${list.findIndex((item) => item.name === name)}]`;
  const removed = before.filter(({ name }) => !after.some((item) => item.name === name));
  return [
    ...removed.map(
      (item): Change => ({ kind: 'removed', path: pathIn(old, before, item.name), class: nameIn(old, item.name), text: `class ${nameIn(old, item.name)} removed${whereIn(before, item)}` }) // prettier-ignore
    ),
    ...after.flatMap((item): Change[] => {
      const [path, of] = [pathIn(now, after, item.name), nameIn(now, item.name)];
      const was = before.find(({ name }) => name === item.name);
      if (!was) {
        return [{ kind: 'added', path, class: of, text: `class ${of} added${whereIn(after, item)}` }];
      }
      return [
        ...fieldChanges(meant(was), meant(item), path, of),
        ...matchChanges(was.match ?? [], item.match ?? [], path, of),
        ...levelChanges(was.classes ?? [], item.classes ?? [], { at: pathIn(old, before, item.name), of }, { at: path, of }, traffic), // prettier-ignore
      ];
    }),
    ...moves(before, after, now.of, traffic).map(({ first, second }): Change => {
      const [a, b] = [nameIn(now, first), nameIn(now, second)];
      return { kind: 'moved', path: pathIn(now, after, first), class: a, text: `${a} moved before ${b}` };
    }),
  ];
}

/** After which class of its level it stands. */
function whereIn(list: readonly TrafficClass[], item: TrafficClass): string {
  const neighbour = list[list.indexOf(item) - 1];
  return neighbour ? ` after ${neighbour.name}` : list.length > 1 ? ' as the first' : '';
}

function variableChanges(before: PolicySpec['variables'] = {}, after: PolicySpec['variables'] = {}): Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name): Change[] => {
    const path = `spec.variables.${name}`;
    const [old, now] = [before[name], after[name]];
    if (!old || !now) {
      const kind = old ? 'removed' : 'added';
      return [{ kind, path, class: null, text: `variable ${name} ${kind}` }];
    }
    const [{ description: _, ...was }, { description: __, ...is }] = [old, now];
    return fieldChanges(flatten(was), flatten(is), path, null).map((change) => ({
      ...change,
      text: change.text.replace(/^policy/, `variable ${name}`),
    }));
  });
}

/** What goes to another class, at the class that has it now. */
function trafficChanges(before: readonly TrafficClass[], after: readonly TrafficClass[]): { told: Change[]; found: Reclassification[] } {
  const { found, complete } = reclassified(before, after);
  const told = found.map((one): Change => {
    const path = one.to === null ? undefined : pathOf(after, one.to);
    return { kind: 'reclassified', path: path ?? 'spec.classes', class: one.to, text: sayReclassification(one) };
  });
  return { found, told: complete ? told : [...told, { kind: 'reclassified', path: 'spec.classes', class: null, text: UNTOLD }] };
} // prettier-ignore

/** @param name path of names of a class that is there */
const pathOf = (classes: readonly TrafficClass[], name: string): string =>
  name.split('/').reduce<{ at: string; level: readonly TrafficClass[] }>(({ at, level }, part) => {
    const index = level.findIndex((item) => item.name === part);
    return { at: `${at}.classes[${index}]`, level: level[index]?.classes ?? [] };
  }, { at: 'spec', level: classes }).at; // prettier-ignore

/** @returns nothing exactly where both mean the same for traffic; the other way round, as many things of the same classes */
export function changes(before: PolicySpec, after: PolicySpec): Change[] {
  const top: Level = { at: 'spec', of: '' };
  const [old, now] = [before.classes ?? ONE_DEFAULT, after.classes ?? ONE_DEFAULT];
  const { found, told } = trafficChanges(old, now);
  return [
    ...fieldChanges(meantPolicy(before), meantPolicy(after), 'spec', null),
    ...variableChanges(before.variables, after.variables),
    ...levelChanges(old, now, top, top, found),
    ...told,
  ];
}

/** The same for documents, whose variables may stand in the place of values. */
export function documentChanges(before: Written, after: Written): Change[] {
  const found = changes(before.document.spec, after.document.spec);
  const came = new Set(
    found.flatMap(({ kind, class: of }) => (kind === 'added' || kind === 'removed' ? (of ?? []) : []))
  );
  const isNew = (of: string) => [...came].some((path) => of === path || of.startsWith(`${path}/`));
  return [...found, ...placeChanges(before.source, after.source, isNew)];
}
export interface Written {
  document: PolicyDocument;
  source: string;
}
