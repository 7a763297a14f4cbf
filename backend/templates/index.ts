/** templates/: policies to start from, as the files in the repository's folder of that name. The only place that reads them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Template {
  /** Name of the policy, and of the file */
  name: string;
  title: string;
  /** For whom it is */
  purpose: string;
  assumes: string;
  /** What to change before it is used */
  change: string;
  /** YAML with all its comments */
  source: string;
}

const FOLDER = new URL('../../templates/', import.meta.url);

/** The first four lines of a file say what it is. @throws where one is missing: a template without it is not finished */
export function readTemplate(name: string, source: string): Template {
  const line = (pattern: RegExp) => {
    const found = pattern.exec(source)?.[1];
    if (!found) {
      throw new Error(`templates/${name}.yaml does not begin with its title and the lines "For:", "Assumes:" and "Change:".`); // prettier-ignore
    }
    return found;
  };
  return {
    name,
    title: line(/^# (.+)\n/),
    purpose: line(/^# For: (.+)$/m),
    assumes: line(/^# Assumes: (.+)$/m),
    change: line(/^# Change: (.+)$/m),
    source,
  };
}

/** From the smallest network to the largest, as an operator looks for his own. */
const ORDER = ['home', 'home-docsis', 'home-pppoe', 'small-branch-voice', 'campus-4', 'campus-8', 'rfc4594', 'rfc4594-cisco', 'isp-subscriber']; // prettier-ignore
const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

/** @throws where the folder cannot be read */
export function listTemplates(): Template[] {
  return readdirSync(fileURLToPath(FOLDER))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => readTemplate(file.slice(0, -'.yaml'.length), readFileSync(new URL(file, FOLDER), 'utf8')))
    .sort((a, b) => rank(a.name) - rank(b.name) || a.name.localeCompare(b.name));
}
