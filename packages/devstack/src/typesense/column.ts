import { isArray, type Json, type JsonObject, valueAt } from "./json.ts";
import { withRoom } from "./room.ts";

/** In the place of a value's number: the row has none; that and less: it has several, and the number of their list is this much less. */
const NONE = -1;
const SEVERAL = -2;

/** Several values that stand together in some rows. */
interface Several {
  readonly numbers: readonly number[];
  readonly key: string;
  rows: number;
}

export interface ColumnCounts {
  /** By a value's number. */
  readonly counts: ArrayLike<number>;
  /** Those that are counted at least once. */
  readonly numbers: readonly number[];
}

/** The values of one field in all rows. Each different value has a number, so counting and filtering compare no texts. */
export class Column {
  readonly #numbers = new Map<Json, number>();
  /** By number. One that no row has any more is taken by the next new value. */
  readonly values: Json[] = [];
  /** In how many rows each value stands, by number. */
  readonly counts: number[] = [];
  readonly #free: number[] = [];
  #first = new Int32Array(0);
  /** By number. Rows with the same values share one, so that they are counted together. */
  readonly #several: Several[] = [];
  readonly #severalByKey = new Map<string, number>();
  readonly #severalFree: number[] = [];
  /** The one number or truth value of each row to sort by; NaN where there is none. */
  keys = new Float64Array(0);

  constructor(private readonly field: string) {}

  put(row: number, document: JsonObject): void {
    const value = valueAt(document, this.field);
    const before = this.numbersIn(row);
    const items = value === undefined || value === null ? [] : isArray(value) ? [...new Set(value)] : [value];
    const numbers = items.map((item) => this.#take(item));
    for (const number of before) this.#release(number);
    const together = this.#first[row] ?? NONE;
    this.#first = withRoom(this.#first, row, NONE);
    this.keys = withRoom(this.keys, row, Number.NaN);
    this.#first[row] = numbers.length > 1 ? SEVERAL - this.#takeSeveral(numbers) : (numbers[0] ?? NONE);
    if (together <= SEVERAL) this.#releaseSeveral(SEVERAL - together);
    this.keys[row] = typeof value === "number" || typeof value === "boolean" ? Number(value) : Number.NaN;
  }

  remove(row: number): void {
    this.put(row, {});
  }

  /** The numbers of a row's values, each once. */
  numbersIn(row: number): readonly number[] {
    const first = this.#first[row] ?? NONE;
    if (first <= SEVERAL) return this.#severalOf(first);
    return first === NONE ? [] : [first];
  }

  /** A row's one text in small letters; null where there is none, or a list. */
  textIn(row: number): string | null {
    const value = this.values[this.#first[row] ?? NONE];
    return typeof value === "string" ? value.toLowerCase() : null;
  }

  /** In how many of these rows each value stands, by number, and which numbers those are: a few rows have few of all values. */
  countIn(rows: ArrayLike<number>): ColumnCounts {
    const counts = new Uint32Array(this.values.length);
    const numbers: number[] = [];
    const together = new Uint32Array(this.#several.length);
    const lists: number[] = [];
    const first = this.#first;
    for (let at = 0; at < rows.length; at += 1) {
      const number = first[rows[at] as number] as number;
      if (number >= 0) {
        if (counts[number] === 0) numbers.push(number);
        counts[number] = (counts[number] as number) + 1;
      } else if (number <= SEVERAL) {
        const list = SEVERAL - number;
        if (together[list] === 0) lists.push(list);
        together[list] = (together[list] as number) + 1;
      }
    }
    for (const list of lists) {
      for (const number of (this.#several[list] as Several).numbers) {
        if (counts[number] === 0) numbers.push(number);
        counts[number] = (counts[number] as number) + (together[list] as number);
      }
    }
    return { counts, numbers };
  }

  /** The same of all rows. */
  countAll(): ColumnCounts {
    return { counts: this.counts, numbers: [...this.#numbers.values()] };
  }

  /** The same with a value counting once in all rows of a group, which stand together; beside each row the number of its group. */
  countInGroups(rows: readonly number[], groups: readonly number[]): ColumnCounts {
    const counts = new Uint32Array(this.values.length);
    const numbers = new Set<number>();
    const lastGroup = new Int32Array(this.values.length).fill(NONE);
    for (const [at, row] of rows.entries()) {
      const group = groups[at] ?? NONE;
      for (const number of this.numbersIn(row)) {
        if (lastGroup[number] !== group) counts[number] = (counts[number] as number) + 1;
        lastGroup[number] = group;
        numbers.add(number);
      }
    }
    return { counts, numbers: [...numbers] };
  }

  /** Marks the rows that have a value which passes. */
  mark(passes: (value: Json) => boolean, marks: Uint8Array): void {
    const passing = new Uint8Array(this.values.length);
    for (let number = 0; number < passing.length; number += 1) {
      if ((this.counts[number] as number) > 0 && passes(this.values[number] as Json)) passing[number] = 1;
    }
    const rows = Math.min(marks.length, this.#first.length);
    for (let row = 0; row < rows; row += 1) {
      const first = this.#first[row] as number;
      if (first >= 0) marks[row] = passing[first] as number;
      else if (first <= SEVERAL) {
        for (const number of this.#severalOf(first)) if (passing[number] === 1) marks[row] = 1;
      }
    }
  }

  #take(value: Json): number {
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = this.#free.pop() ?? this.values.length;
      this.#numbers.set(value, number);
      this.values[number] = value;
      this.counts[number] = 0;
    }
    this.counts[number] = (this.counts[number] as number) + 1;
    return number;
  }

  #release(number: number): void {
    const count = (this.counts[number] as number) - 1;
    this.counts[number] = count;
    if (count > 0) return;
    this.#numbers.delete(this.values[number] as Json);
    this.#free.push(number);
  }

  #severalOf(first: number): readonly number[] {
    return this.#several[SEVERAL - first]?.numbers ?? [];
  }

  #takeSeveral(numbers: readonly number[]): number {
    const key = numbers.join();
    let list = this.#severalByKey.get(key);
    if (list === undefined) {
      list = this.#severalFree.pop() ?? this.#several.length;
      this.#severalByKey.set(key, list);
      this.#several[list] = { numbers, key, rows: 0 };
    }
    (this.#several[list] as Several).rows += 1;
    return list;
  }

  #releaseSeveral(list: number): void {
    const several = this.#several[list] as Several;
    several.rows -= 1;
    if (several.rows > 0) return;
    this.#severalByKey.delete(several.key);
    this.#severalFree.push(list);
  }
}
