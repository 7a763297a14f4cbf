/** What a class of HTB or a TBF counts for the wire by itself. It is read for an import alone: ours is a size table at the root. */
import type { SizeTable } from './model.ts';

/** The words of it; tc shows them also where they say nothing. */
export const COUNTED: ReadonlySet<string> = new Set(['overhead', 'mpu', 'linklayer']);

const NOTHING: SizeTable = { cells: false, overhead: 0, mpu: 0 };

/** @returns what is counted with one more of its words, undefined where that is none */
export function counting(before: SizeTable = NOTHING, word: string, value = ''): SizeTable | undefined {
  if (word === 'linklayer') {
    return value === 'atm' || value === 'ethernet' ? { ...before, cells: value === 'atm' } : undefined;
  }
  const bytes = /^(\d+)b?$/.exec(value)?.[1];
  return bytes === undefined ? undefined : { ...before, [word]: Number(bytes) };
}

/** In tc's words; empty where nothing is counted */
export const countedText = ({ overhead, mpu, cells }: SizeTable = NOTHING): string =>
  [overhead && `overhead ${overhead}`, mpu && `mpu ${mpu}`, cells && 'linklayer atm'].filter(Boolean).join(' ');
