/**
 * What a new version of a Binding or a Target says beside the old one: a sentence for each key that means another thing,
 * in the words that it is written in. Two spellings of one value (60s, 1m) are no change, nor is the order of a list.
 */
import type { Change } from './changes.ts';
import { canonical } from './changes-words.ts';
import type { BindingDocument, TargetDocument } from './schema.ts';

/** A value as written, and what it means */
interface Field {
  said: unknown;
  meant: unknown;
}
type Keys = Record<string, unknown>;
const isKeys = (value: unknown): value is Keys => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What it means that a key is not there, in the words that it could be written in or in ours. */
const ABSENT: Readonly<Record<string, string>> = {
  'spec.direction': 'egress',
  'spec.reapply': 'no',
  'spec.requireProof': 'no',
  'spec.bandwidth': 'that of the policy or the interface',
  'spec.confirm': 'without',
};
const absent = (path: string): string =>
  ABSENT[path] ?? (path.startsWith('spec.variables.') ? 'as the policy says' : 'not set');

/** Shares of a roll-out count in their order. */
const ORDERED = 'spec.rollout.waves';

function fieldsOf(said: Keys, meant: Keys, path: string): Map<string, Field> {
  const fields = new Map<string, Field>();
  for (const [key, word] of Object.entries(said)) {
    const [at, value] = [`${path}.${key}`, meant[key]];
    if (value === undefined || at === 'metadata.description') {
      continue;
    }
    if (isKeys(word) && isKeys(value)) {
      fieldsOf(word, value, at).forEach((field, name) => fields.set(name, field));
    } else {
      fields.set(at, { said: word, meant: value });
    }
  }
  return fields;
}

function say(value: unknown): string {
  if (typeof value === 'boolean') {
    return value ? 'yes' : 'no';
  }
  if (Array.isArray(value)) {
    return value.map(say).join(', ');
  }
  if (!isKeys(value)) {
    return String(value);
  }
  const { days, from, to, zone } = value;
  return from !== undefined && to !== undefined && zone !== undefined
    ? `${days === undefined ? 'every day' : say(days)} ${say(from)} to ${say(to)} ${say(zone)}`
    : Object.entries(value).map(([key, item]) => `${key} ${say(item)}`).join(' '); // prettier-ignore
}

const LABEL: Readonly<Record<string, string>> = { labels: 'label', variables: 'variable' };
const labelOf = (path: string): string =>
  path.split('.').slice(1).map((key) => LABEL[key] ?? key).join(' '); // prettier-ignore

/** The items of a list with what each means. */
const itemsOf = (field: Field | undefined): Array<[said: unknown, meant: string]> =>
  field && Array.isArray(field.said) && Array.isArray(field.meant)
    ? field.said.map((item: unknown, at) => [item, canonical((field.meant as unknown[])[at])])
    : [];

function listTexts(label: string, before: Field | undefined, after: Field | undefined): string[] {
  const [old, now] = [itemsOf(before), itemsOf(after)];
  const only = (mine: typeof old, other: typeof old) => mine.filter(([, meant]) => !other.some((item) => item[1] === meant)); // prettier-ignore
  return [
    ...only(old, now).map(([said]) => `${label}: ${say(said)} no longer`),
    ...only(now, old).map(([said]) => `${label}: ${say(said)} as well`),
  ];
}

function texts(path: string, before: Field | undefined, after: Field | undefined): string[] {
  const label = labelOf(path);
  if (path !== ORDERED && [before, after].every((field) => !field || Array.isArray(field.said))) {
    return listTexts(label, before, after);
  }
  const same = path === ORDERED ? JSON.stringify : canonical;
  const [from, to] = [before, after].map((field) => (field ? say(field.said) : absent(path)));
  const alike = before && after ? same(before.meant) === same(after.meant) : from === to;
  return alike ? [] : [`${label} ${from} → ${to}`];
}

export interface WrittenFields {
  document: BindingDocument | TargetDocument;
  /** As its YAML reads */
  raw: unknown;
}
const allOf = ({ document, raw }: WrittenFields): Map<string, Field> => {
  const { metadata = {}, spec = {} } = raw as { metadata?: Keys; spec?: Keys };
  return new Map([...fieldsOf(metadata, document.metadata, 'metadata'), ...fieldsOf(spec, document.spec, 'spec')]);
};

/** @returns nothing exactly where both say the same for where, how and when a policy acts */
export function fieldsChanged(before: WrittenFields, after: WrittenFields): Change[] {
  const [old, now] = [allOf(before), allOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((path) =>
    texts(path, old.get(path), now.get(path)).map((text): Change => ({ kind: 'changed', path, class: null, text }))
  );
}
