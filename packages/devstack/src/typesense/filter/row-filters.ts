import type { Columns } from "../columns.ts";
import type { JsonObject } from "../json.ts";
import { withRoom } from "../room.ts";
import type { Schema } from "../schema/schema.ts";
import { compileCondition, compileNode, type Predicate, readFilter } from "./compile.ts";
import type { FilterNode } from "./parse.ts";

/** Filters and conditions that are remembered of a collection, each with a byte for every row. */
const KNOWN_MAX = 48;

/** 1 for each row that a filter admits; 0 for those that hold no document. */
export type Marks = Uint8Array;

/** What a filter says of all rows. */
export interface Filtered {
  readonly marks: Marks;
  /** How many rows it admits. */
  readonly count: number;
  /** Whether it is kept up to date, and so the same the next time it is asked for. */
  readonly isKept: boolean;
}

export interface FilteredRows {
  readonly schema: Schema;
  readonly columns: Columns;
  /** All rows are below it. */
  readonly end: () => number;
  readonly holds: (row: number) => boolean;
  readonly rowOf: (id: string) => number | undefined;
}

interface Known {
  readonly admits: Predicate;
  readonly isKept: true;
  marks: Marks;
  count: number;
}

/** Which rows a filter admits. What was asked before is kept up to date with each document, so the same filter again costs nothing. */
export class RowFilters {
  readonly #filters = new Map<string, Known>();

  constructor(private readonly rows: FilteredRows) {}

  /** Null when everything is admitted. */
  filtered(source: string | undefined): Filtered | null {
    const node = readFilter(source);
    if (!node) return null;
    // Hardly any list of ids comes twice.
    if (!namesIds(node)) return this.#known(node);
    const marks = this.#make(node);
    return { marks, count: sum(marks), isKept: false };
  }

  put(row: number, document: JsonObject): void {
    for (const filter of this.#filters.values()) set(filter, row, filter.admits(document) ? 1 : 0);
  }

  remove(row: number): void {
    for (const filter of this.#filters.values()) set(filter, row, 0);
  }

  #known(node: FilterNode): Known {
    const key = JSON.stringify(node);
    const known = this.#filters.get(key) ?? this.#learn(node);
    this.#filters.delete(key);
    this.#filters.set(key, known);
    for (const oldest of this.#filters.keys()) {
      if (this.#filters.size <= KNOWN_MAX) break;
      this.#filters.delete(oldest);
    }
    return known;
  }

  #learn(node: FilterNode): Known {
    const marks = this.#make(node);
    return { admits: compileNode(node, this.rows.schema), isKept: true, marks, count: sum(marks) };
  }

  #marksOf(node: FilterNode): Marks {
    return namesIds(node) ? this.#make(node) : this.#known(node).marks;
  }

  #make(node: FilterNode): Marks {
    const { schema, columns, end, holds, rowOf } = this.rows;
    const marks = new Uint8Array(end());
    if (node.kind !== "condition") {
      const [left, right] = [this.#marksOf(node.left), this.#marksOf(node.right)];
      for (let row = 0; row < marks.length; row += 1) {
        marks[row] =
          node.kind === "and"
            ? (left[row] as number) & (right[row] as number)
            : (left[row] as number) | (right[row] as number);
      }
      return marks;
    }
    const condition = compileCondition(node, schema);
    if (condition.ids) for (const id of condition.ids) marks[rowOf(id) ?? marks.length] = 1;
    else if (condition.field === null) marks.fill(1);
    else columns.of(condition.field).mark(condition.passes, marks);
    const asked = node.negated ? 0 : 1;
    for (let row = 0; row < marks.length; row += 1) marks[row] = marks[row] === asked && holds(row) ? 1 : 0;
    return marks;
  }
}

function set(filter: Known, row: number, mark: 0 | 1): void {
  filter.marks = withRoom(filter.marks, row);
  filter.count += mark - (filter.marks[row] as number);
  filter.marks[row] = mark;
}

function sum(marks: Marks): number {
  let count = 0;
  for (let row = 0; row < marks.length; row += 1) count += marks[row] as number;
  return count;
}

function namesIds(node: FilterNode): boolean {
  return node.kind === "condition" ? node.field === "id" : namesIds(node.left) || namesIds(node.right);
}
