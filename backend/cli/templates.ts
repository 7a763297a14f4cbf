/** `clearpath templates [NAME]`: what there is to start from, or one of them as a document. */
import { listTemplates } from '../templates/index.ts';
import { UsageError, type Call } from './arguments.ts';
import { DONE, result, type Result } from './result.ts';

/** @throws UsageError when there is none of that name */
export function templatesCommand({ words: [name] }: Call): Result {
  const templates = listTemplates();
  if (name === undefined) {
    const width = Math.max(...templates.map((item) => item.name.length));
    const lines = templates.map(
      (item) => `${item.name.padEnd(width)}  ${item.title}\n${''.padEnd(width)}  ${item.purpose}\n`
    );
    return result(DONE, lines.join(''), { templates: templates.map(({ source: _, ...rest }) => rest) });
  }
  const found = templates.find((item) => item.name === name);
  if (!found) {
    throw new UsageError(`There is no template "${name}". There are ${templates.map((item) => item.name).join(', ')}.`);
  }
  return result(DONE, found.source, { ...found });
}
