/** Variables of a policy: what may be declared and given, each value checked against its type. */
import { parse } from 'yaml';
import { z } from 'zod';
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import {
  DscpField, DurationField, LimitField, Name, PercentField, PortsField, PrefixField, ProtocolField, RateField, SizeField,
} from './quantities.ts'; // prettier-ignore
import { nearest } from './suggest.ts';

/** Those of the language's quantities, and plain values. A list may be given where the language takes lists. */
const TYPES = {
  rate: { field: RateField, list: false },
  percent: { field: PercentField, list: false },
  duration: { field: DurationField, list: false },
  size: { field: SizeField, list: false },
  limit: { field: LimitField, list: false },
  dscp: { field: DscpField, list: true },
  protocol: { field: ProtocolField, list: true },
  ports: { field: PortsField, list: true },
  prefix: { field: PrefixField, list: true },
  number: { field: z.number('a number'), list: false },
  flag: { field: z.boolean('true or false'), list: false },
  text: { field: z.string('a text'), list: false },
} as const satisfies Record<string, { field: z.ZodType; list: boolean }>;
export type VariableType = keyof typeof TYPES;
export const VARIABLE_TYPES = Object.keys(TYPES) as VariableType[];

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const Value = z.union([Scalar, z.array(Scalar).min(1).max(1024)], {
  error: 'A value is a text, a number, true or false, or a list of them.',
});
export type Value = z.infer<typeof Value>;
/** What a binding gives, by name. */
export const Values = z.record(Name, Value);
export type Values = Readonly<z.infer<typeof Values>>;

const Variable = z
  .strictObject({
    type: z.enum(VARIABLE_TYPES),
    default: Value.optional(),
    example: Value.optional(),
    description: z.string().optional(),
  })
  .refine(
    (variable) => (variable.default === undefined) !== (variable.example === undefined),
    'A variable has either a default, or an example with which the policy is judged while every binding gives its own value.'
  );
export const Variables = z.record(Name, Variable);
export type Variables = z.infer<typeof Variables>;

/** A value as it would stand in a Binding: `10%`, `[80, 443]`. @throws where that is no YAML */
export const readValue = (text: string): unknown => parse(text, { prettyErrors: false, maxAliasCount: 0 });

/** A variable as it stands in one reading of the policy. */
export interface VariableUse {
  name: string;
  type: VariableType;
  value: Value;
  from: 'binding' | 'default' | 'example';
}

export const sayValue = (value: Value): string => (Array.isArray(value) ? `[${value.join(', ')}]` : String(value));

/** Why a value is none of its type, or undefined. */
function misfit(type: VariableType, value: Value): string | undefined {
  const { field, list } = TYPES[type];
  if (Array.isArray(value)) {
    return list
      ? value.map((item) => misfit(type, item)).find((why) => why !== undefined)
      : `A variable of the type ${type} holds one value, not a list.`;
  }
  const parsed = field.safeParse(value);
  if (parsed.success) {
    return undefined;
  }
  const { code, message } = parsed.error.issues[0]!;
  return code === 'invalid_type' ? `${JSON.stringify(value)} is not ${message}.` : message;
}

/** @param given what a binding gives; undefined for the policy by itself, which is judged with examples. */
export function judgeValues(declared: Variables, given: Values | undefined): Finding[] {
  const at = (name: string) => `spec.variables.${name}`;
  const unknown = Object.keys(given ?? {}).filter((name) => !Object.hasOwn(declared, name));
  return [
    ...unknown.map((name) => {
      const known = Object.keys(declared);
      const suggestion = nearest(name, known);
      const hint = suggestion ? `Did you mean "${suggestion}"?` : known.length > 0 ? `It has ${known.join(', ')}.` : 'It has none.'; // prettier-ignore
      return finding('CP-VARIABLE-UNKNOWN', at(name), `The policy has no variable "${name}".`, hint);
    }),
    ...Object.entries(declared).flatMap(([name, variable]) => {
      const value = given && Object.hasOwn(given, name) ? given[name] : undefined;
      if (value !== undefined) {
        const why = misfit(variable.type, value);
        return why ? [finding('CP-VARIABLE-TYPE', at(name), why, `"${name}" is of the type ${variable.type}.`)] : [];
      }
      return given && variable.default === undefined
        ? [
            finding(
              'CP-VARIABLE-MISSING',
              at(name),
              `"${name}" has no default, and no value is given, so the policy cannot be read here.`,
              `Give one of the type ${variable.type}, e.g. ${name}: ${sayValue(variable.example!)}.`
            ),
          ]
        : [];
    }),
  ];
}

/** What the declarations say that cannot be, whoever gives values. */
export function judgeDeclared(declared: Variables): Finding[] {
  return Object.entries(declared).flatMap(([name, { type, ...variable }]) => {
    const key = variable.default === undefined ? 'example' : 'default';
    const why = misfit(type, variable[key]!);
    return why ? [finding('CP-VARIABLE-TYPE', `spec.variables.${name}.${key}`, why)] : [];
  });
}

/** Every variable with the value it has in one reading. */
export function usesOf(declared: Variables, given: Values | undefined): Map<string, VariableUse> {
  const uses = Object.entries(declared).map(([name, variable]): [string, VariableUse] => {
    const own = given && Object.hasOwn(given, name) ? given[name] : undefined;
    const from = own !== undefined ? 'binding' : variable.default !== undefined ? 'default' : 'example';
    return [name, { name, type: variable.type, value: own ?? variable.default ?? variable.example!, from }];
  });
  return new Map(uses);
}
