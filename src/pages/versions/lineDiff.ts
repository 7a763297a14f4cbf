/** Two texts line by line, side by side. Pure. */

export interface Side {
  /** Counted from 1 */
  line: number;
  text: string;
}
/** A line of both; of one alone where it was taken out or put in; or of each where it was changed. */
export interface Row {
  left?: Side;
  right?: Side;
  same: boolean;
}
/** Lines that are equal and far from any change. */
export interface Fold {
  folded: number;
}

/** Beyond it, what differs is shown as one block: comparing every line with every other would hold the page up. */
const MOST_COMPARED = 4_000_000;

/** Lengths of the longest common subsequence of what follows, for each pair of positions. */
function lengths(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i * width + j] =
        a[i] === b[j]
          ? table[(i + 1) * width + j + 1]! + 1
          : Math.max(table[(i + 1) * width + j]!, table[i * width + j + 1]!);
    }
  }
  return table;
}

export function lineDiff(before: string, after: string): Row[] {
  const [a, b] = [before, after].map((text) => text.replace(/\n$/, '').split('\n')) as [string[], string[]];
  const table = a.length * b.length <= MOST_COMPARED ? lengths(a, b) : undefined;
  const rows: Row[] = [];
  let [left, right]: [Side[], Side[]] = [[], []];
  const flush = () => {
    for (let i = 0; i < Math.max(left.length, right.length); i++) {
      rows.push({ ...(left[i] && { left: left[i] }), ...(right[i] && { right: right[i] }), same: false });
    }
    [left, right] = [[], []];
  };
  const width = b.length + 1;
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const [mine, theirs] = [
      { line: i + 1, text: a[i]! },
      { line: j + 1, text: b[j]! },
    ];
    if (i < a.length && j < b.length && a[i] === b[j]) {
      flush();
      rows.push({ left: mine, right: theirs, same: true });
      i++;
      j++;
    } else if (
      j === b.length ||
      (i < a.length && (!table || table[(i + 1) * width + j]! >= table[i * width + j + 1]!))
    ) {
      left.push(mine);
      i++;
    } else {
      right.push(theirs);
      j++;
    }
  }
  flush();
  return rows;
}

/** @param around lines shown before and after each change */
export function fold(rows: readonly Row[], around = 3): Array<Row | Fold> {
  const near = rows.map((_, at) => rows.slice(Math.max(0, at - around), at + around + 1).some(({ same }) => !same));
  return rows.reduce<Array<Row | Fold>>((shown, row, at) => {
    const last = shown.at(-1);
    if (near[at]) {
      shown.push(row);
    } else if (last && 'folded' in last) {
      last.folded++;
    } else {
      shown.push({ folded: 1 });
    }
    return shown;
  }, []);
}
