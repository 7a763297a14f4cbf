/** Values put into the places of a policy, before the schema reads it: everything after this knows nothing of variables. */
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { formatPath, type Path } from './locate.ts';
import { nearest } from './suggest.ts';
import {
  judgeDeclared,
  judgeValues,
  sayValue,
  usesOf,
  type Values,
  type Variables,
  type VariableUse,
} from './variables.ts';

/** `${name}`, and `$${` for the characters themselves. */
const PLACE = /\$?\$\{([^}]*)\}/g;
const WHOLE = /^\$\{([^}]*)\}$/;
const FROM = { binding: 'as given for this link', default: 'by default', example: 'as an example' } as const;

export interface Substitution {
  /** The document with every place filled. */
  value: unknown;
  variables: VariableUse[];
  /** Which values stand at a path, in words. */
  explain: (path: string) => string | undefined;
  /** With an error among them, `value` is not to be read. */
  findings: Finding[];
}

class Substituter {
  readonly findings: Finding[] = [];
  readonly places = new Map<string, string[]>();
  readonly used = new Set<string>();
  private readonly uses: Map<string, VariableUse>;
  constructor(uses: Map<string, VariableUse>) {
    this.uses = uses;
  }

  walk(node: unknown, path: Path): unknown {
    if (typeof node === 'string') {
      return node.includes('${') ? this.text(node, path) : node;
    }
    if (Array.isArray(node)) {
      return node.map((item, index) => this.walk(item, [...path, index]));
    }
    if (typeof node !== 'object' || node === null) {
      return node;
    }
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, this.walk(value, [...path, key])]));
  }

  private text(text: string, path: Path): unknown {
    const whole = WHOLE.exec(text);
    if (whole) {
      const use = this.use(whole[1]!, path);
      if (use && Array.isArray(use.value) && typeof path.at(-1) === 'number') {
        this.misplaced(use, path, `Write ${String(path.at(-2))}: \${${use.name}} without the brackets.`);
      }
      return use ? use.value : text;
    }
    return text.replaceAll(PLACE, (place, name: string) => {
      if (place.startsWith('$$')) {
        return place.slice(1);
      }
      const use = this.use(name, path);
      if (use && Array.isArray(use.value)) {
        this.misplaced(use, path, 'Give it one value, or let it be the whole value of the key.');
      }
      return use ? sayValue(use.value) : place;
    });
  }

  private misplaced(use: VariableUse, path: Path, hint: string): void {
    const message = `"${use.name}" is a list (${sayValue(use.value)}), which cannot stand inside another value.`;
    this.findings.push(finding('CP-VARIABLE-TYPE', formatPath(path), message, hint));
  }

  private use(name: string, path: Path): VariableUse | undefined {
    const use = this.uses.get(name);
    if (!use) {
      const known = [...this.uses.keys()];
      const suggestion = nearest(name, known);
      const hint = suggestion ? `Did you mean "\${${suggestion}}"?` : 'Declare it under spec.variables. The characters themselves are written $${.'; // prettier-ignore
      this.findings.push(
        finding('CP-VARIABLE-UNKNOWN', formatPath(path), `The policy has no variable "${name}".`, hint)
      );
      return undefined;
    }
    this.used.add(name);
    const at = formatPath(path);
    this.places.set(at, [...(this.places.get(at) ?? []), name]);
    return use;
  }
}

/**
 * Puts values into a policy as it was read from YAML.
 * @param given a binding's values; undefined for the policy by itself
 */
export function substitute(document: object, declared: Variables, given: Values | undefined): Substitution {
  const uses = usesOf(declared, given);
  const substituter = new Substituter(uses);
  const { spec } = document as { spec?: object };
  const { variables, ...rest } = (spec ?? {}) as { variables?: unknown };
  const filled = substituter.walk(rest, ['spec']) as object;
  const unused = [...uses.keys()]
    .filter((name) => !substituter.used.has(name))
    .map(
      (name) =>
      finding('CP-VARIABLE-UNUSED', `spec.variables.${name}`, `Nothing in the policy uses "${name}", so its value changes nothing.`) // prettier-ignore
    );
  return {
    value: { ...document, spec: { ...(variables !== undefined && { variables }), ...filled } },
    variables: [...uses.values()],
    explain: (path) => {
      const names = [...new Set(substituter.places.get(path))];
      const words = names.map((name) => {
        const { value, from } = uses.get(name)!;
        return `\${${name}} is ${sayValue(value)} here, ${FROM[from]}.`;
      });
      return words.length > 0 ? words.join(' ') : undefined;
    },
    findings: [...judgeDeclared(declared), ...judgeValues(declared, given), ...substituter.findings, ...unused],
  };
}
