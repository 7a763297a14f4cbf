/** Which lines one text has and another has not. Pure. */
export interface ChangedLine {
  kind: 'gone' | 'new';
  text: string;
}

/** Longer middles are shown as a whole instead of being compared line by line. */
const MOST_COMPARED = 400;

/** @returns what goes and what comes, in the order of the text; lines that stay are left out */
export function changedLines(before: string, after: string): ChangedLine[] {
  const a = before.split('\n');
  const b = after.split('\n');
  while (a.length > 0 && b.length > 0 && a[0] === b[0]) {
    a.shift();
    b.shift();
  }
  while (a.length > 0 && b.length > 0 && a.at(-1) === b.at(-1)) {
    a.pop();
    b.pop();
  }
  if (a.length > MOST_COMPARED || b.length > MOST_COMPARED) {
    return [...a.map((text) => ({ kind: 'gone', text }) as const), ...b.map((text) => ({ kind: 'new', text }) as const)]; // prettier-ignore
  }
  // Length of the longest common run of lines of the ends from (i, j) on.
  const common = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const changed: ChangedLine[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
    } else if (i < a.length && (j === b.length || common[i + 1]![j]! >= common[i]![j + 1]!)) {
      changed.push({ kind: 'gone', text: a[i++]! });
    } else {
      changed.push({ kind: 'new', text: b[j++]! });
    }
  }
  return changed;
}
