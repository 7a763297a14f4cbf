/** The policy of a file: the only one it holds, or the one that is named. */
import { readFileSync } from 'node:fs';
import type { Direction } from '../compile/tc/index.ts';
import { judgeSource, type Judged } from '../deploy/index.ts';
import { nameOf, parseDocuments, parsePath, type Finding, type Values } from '../policy/index.ts';
import { UsageError } from './arguments.ts';

/** @throws UsageError when the file cannot be read or which policy is meant is not said */
export function readSource(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read: ${(error as Error).message}.`
    );
  }
}

/**
 * @param bandwidth bit/s to judge for; by default the policy's own
 * @param values for its variables; by default the policy by itself
 */
export function judgeFile(
  source: string,
  name: string | undefined,
  bandwidth?: number,
  values?: Values,
  direction?: Direction
): Judged {
  const { documents, findings } = parseDocuments(source);
  const policies = documents.filter((parsed) => parsed.document.kind === 'Policy');
  if (documents.length <= 1 && !name) {
    return judgeSource(source, bandwidth, values, direction);
  }
  if (policies.length > 1 && !name) {
    throw new UsageError(
      `The file holds several policies (${policies.map((p) => p.document.metadata.name).join(', ')}). Say which with --policy NAME.`
    );
  }
  const chosen = name ? policies.find((p) => p.document.metadata.name === name) : policies[0];
  if (!chosen) {
    if (findings.length > 0 && !name) {
      return { ...judgeSource(source, undefined, values), findings };
    }
    throw new UsageError(name ? `The file holds no policy "${name}".` : 'The file holds no policy.');
  }
  const judged = judgeSource(chosen.source, bandwidth, values, direction);
  // Lines of the whole file, not of the part that was judged.
  const line = (path: string) => chosen.locate(parsePath(path))?.line;
  const placed = judged.findings.map((finding): Finding => {
    const at = line(finding.path);
    return at === undefined ? finding : { ...finding, line: at };
  });
  // What reading alone says of the chosen one, judging has said again.
  const others = findings.filter((item) => item.severity === 'error' || item.document !== nameOf(chosen.document));
  return { ...judged, line, findings: [...others, ...placed] };
}
