import { orderPart } from "./search/order.ts";

/** Lists whose first rows are kept. */
const LISTS_MAX = 48;
/** So many first rows are kept of each, so that some of them may go before others have to be looked for. */
export const LEADING_MAX = 1_000;
/** With more changes since it was last asked for, a list is looked for anew. */
const CHANGES_MAX = 500;

interface List {
  rows: readonly number[];
  /** Whether the list has no other rows. */
  isWhole: boolean;
  /** Rows that may stand elsewhere by now. */
  readonly changed: Set<number>;
}

/** A list of the rows that a filter admits. */
export interface Listed {
  /** The same for the same filter and the same order. */
  readonly key: string;
  readonly admits: (row: number) => boolean;
  readonly compare: (one: number, other: number) => number;
  /** All rows that are admitted. */
  readonly rows: () => number[];
  readonly count: number;
}

/**
 * The first rows of lists that were asked for before. A page of a list then costs what has changed of it since, however long it is: a row
 * that was written is taken out, and put where it belongs if that is among the first ones.
 */
export class LeadingRows {
  readonly #lists = new Map<string, List>();

  constructor(readonly rowsMax = LEADING_MAX) {}

  /** A document was written into this row or taken out of it. */
  touch(row: number): void {
    for (const [key, { changed }] of this.#lists) {
      changed.add(row);
      if (changed.size > CHANGES_MAX) this.#lists.delete(key);
    }
  }

  /** At least so many first rows of a list, in order, or all there are. At most `rowsMax` may be wanted. */
  first(wanted: number, listed: Listed): readonly number[] {
    const known = this.#lists.get(listed.key);
    if (known) followChanges(known, listed, this.rowsMax);
    const isEnough = known && known.rows.length >= Math.min(wanted, listed.count);
    const list = isEnough ? known : lookFor(listed, this.rowsMax);
    this.#lists.delete(listed.key);
    this.#lists.set(listed.key, list);
    for (const oldest of this.#lists.keys()) {
      if (this.#lists.size <= LISTS_MAX) break;
      this.#lists.delete(oldest);
    }
    return list.rows;
  }
}

function lookFor({ rows, compare }: Listed, rowsMax: number): List {
  const found = rows();
  const leading = orderPart(found, 0, rowsMax, compare).slice(0, rowsMax);
  return { rows: leading, isWhole: leading.length === found.length, changed: new Set() };
}

/** Rows that have not changed stand as they did, so what comes before the last of them is all there is up to it. */
function followChanges(list: List, { admits, compare }: Listed, rowsMax: number): void {
  const { changed } = list;
  if (changed.size === 0) return;
  const rows = list.rows.filter((row) => !changed.has(row));
  const last = rows.at(-1);
  for (const row of changed) {
    if (!admits(row)) continue;
    if (list.isWhole || (last !== undefined && compare(row, last) < 0))
      rows.splice(placeOf(rows, row, compare), 0, row);
  }
  changed.clear();
  list.isWhole &&= rows.length <= rowsMax;
  list.rows = rows.slice(0, rowsMax);
}

function placeOf(rows: readonly number[], row: number, compare: Listed["compare"]): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(rows[middle] as number, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
