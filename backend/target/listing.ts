/** What tc prints of an interface, and how its listings are divided. */
import type { RuleHolder } from '../compile/tc/index.ts';
import { withNamespace, type Place } from './place.ts';
import { explainRefusal } from './refusal.ts';
import { run } from './run.ts';
import { TargetError } from './target-error.ts';

/** What tc prints for lines of `show`, in one process. @throws TargetError */
export async function show(place: Place, lines: readonly string[], flags: readonly string[] = ['-d']): Promise<string> {
  const result = await run(withNamespace(place, 'tc', [...flags, '-batch', '-']), {
    input: lines.map((line) => `${line}\n`).join(''),
  });
  if (result.status !== 0) {
    const { plain, original } = explainRefusal(result.stderr);
    throw new TargetError('CP-TARGET-UNREACHABLE', `Traffic control cannot be read: ${plain} (${original})`);
  }
  return result.stdout;
}

/** A listing is divided by how its lines begin; what is indented (a size table, say) belongs to the line above. */
export const blocksOf = (text: string, kind: 'qdisc' | 'class'): string[] =>
  text.split(/\n(?=\S)/).filter((block) => block.startsWith(`${kind} `));
export const linesOf = (text: string, kind: 'qdisc' | 'class'): string => blocksOf(text, kind).join('\n');
export const filtersOf = (text: string) => {
  const start = text.search(/^filter /m);
  return start < 0 ? '' : text.slice(start);
};

/**
 * The listing of the rules at a class or a qdisc says not whose they are, so that a class is shown before them. A qdisc is
 * not asked for by its handle: iproute2 takes that once in a batch.
 */
export const rulesAtLines = (device: string, { parent, classid }: RuleHolder): string[] => [
  `class show dev ${device} classid ${classid}`,
  `filter show dev ${device} parent ${parent}`,
];
/** What comes after each line of a class. */
export const rulesAfterEach = (text: string): string[] => text.split(/^class .*$/m).slice(1);
