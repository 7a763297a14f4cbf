/** Text that `tc show` prints, cut into objects and words. */

export const words = (line: string) => line.trim().split(/\s+/);

/** @returns the blocks of a listing: a line that begins at the margin with those indented below it. */
export function blocks(text: string): string[][] {
  const result: string[][] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      continue;
    }
    if (/^\s/.test(line) && result.length > 0) {
      result[result.length - 1]!.push(line);
    } else {
      result.push([line]);
    }
  }
  return result;
}
