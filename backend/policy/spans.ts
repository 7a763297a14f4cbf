/** Sets of whole numbers as spans, sorted and apart: code points, protocols, ports, addresses. */

/** Addresses of IPv6 need more digits than a number has; the two compare with each other. */
export type Bound = number | bigint;
/** From the first that belongs to it to the first that does not. */
export type Span = readonly [from: Bound, below: Bound];
export type Spans = readonly Span[];

const before = (a: Span, b: Span) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);

/** Any spans, in order and joined where they touch. */
export function unite(spans: readonly Span[]): Spans {
  const united: Array<[Bound, Bound]> = [];
  for (const [from, below] of [...spans].sort(before)) {
    const last = united.at(-1);
    if (last && from <= last[1]) {
      last[1] = below > last[1] ? below : last[1];
    } else {
      united.push([from, below]);
    }
  }
  return united;
}

/** What is in both. */
export function common(a: Spans, b: Spans): Spans {
  const both: Span[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const from = a[i]![0] > b[j]![0] ? a[i]![0] : b[j]![0];
    const below = a[i]![1] < b[j]![1] ? a[i]![1] : b[j]![1];
    if (from < below) {
      both.push([from, below]);
    }
    if (a[i]![1] < b[j]![1]) {
      i++;
    } else {
      j++;
    }
  }
  return both;
}

/** Whether both hold something. */
export function meeting(a: Spans, b: Spans): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i]![0] < b[j]![1] && b[j]![0] < a[i]![1]) {
      return true;
    }
    if (a[i]![1] < b[j]![1]) {
      i++;
    } else {
      j++;
    }
  }
  return false;
}

/** What is in `a` and not in `b`. */
export function without(a: Spans, b: Spans): Spans {
  const left: Span[] = [];
  let j = 0;
  for (const [start, below] of a) {
    let from = start;
    while (j < b.length && b[j]![1] <= from) {
      j++;
    }
    for (let k = j; k < b.length && b[k]![0] < below && from < below; k++) {
      if (from < b[k]![0]) {
        left.push([from, b[k]![0]]);
      }
      from = b[k]![1];
    }
    if (from < below) {
      left.push([from, below]);
    }
  }
  return left;
}
