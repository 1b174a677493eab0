/** Rows in which a word stands in a field, in ascending order, and beside each how often. */
export interface Posting {
  readonly rows: number[];
  readonly counts: number[];
}

/** Where a row stands in ascending rows, or would stand. */
export function placeOf(rows: readonly number[], row: number): number {
  let [low, high] = [0, rows.length];
  // Rows mostly come in order.
  if (high === 0 || (rows[high - 1] as number) < row) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as number) < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function addRow({ rows, counts }: Posting, row: number, count: number): void {
  const at = placeOf(rows, row);
  if (at === rows.length) {
    rows.push(row);
    counts.push(count);
  } else {
    rows.splice(at, 0, row);
    counts.splice(at, 0, count);
  }
}

export function takeRow({ rows, counts }: Posting, row: number): void {
  const at = placeOf(rows, row);
  if (rows[at] !== row) return;
  rows.splice(at, 1);
  counts.splice(at, 1);
}

/** How often the word stands in a row; 0 when it does not. */
export function countIn({ rows, counts }: Posting, row: number): number {
  const at = placeOf(rows, row);
  return rows[at] === row ? (counts[at] ?? 0) : 0;
}
