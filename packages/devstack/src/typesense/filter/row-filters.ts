import type { Columns } from "../columns.ts";
import type { JsonObject } from "../json.ts";
import { withRoom } from "../room.ts";
import type { Schema } from "../schema/schema.ts";
import { compileCondition, compileNode, type Predicate, readFilter } from "./compile.ts";
import type { FilterNode } from "./parse.ts";

/** Filters and conditions that are remembered of a collection, each with a byte for every row. */
const KNOWN_MAX = 48;

/** 1 for each row that a filter admits. What it says of rows that hold no document means nothing. */
export type Marks = Uint8Array;

export interface FilteredRows {
  readonly schema: Schema;
  readonly columns: Columns;
  /** All rows are below it. */
  readonly end: () => number;
  readonly rowOf: (id: string) => number | undefined;
}

interface Known {
  readonly admits: Predicate;
  marks: Marks;
}

/** Which rows a filter admits. What was asked before is kept up to date with each document, so the same filter again costs nothing. */
export class RowFilters {
  readonly #known = new Map<string, Known>();

  constructor(private readonly rows: FilteredRows) {}

  /** Null when everything is admitted. */
  marks(source: string | undefined): Marks | null {
    const node = readFilter(source);
    return node && this.#marksOf(node);
  }

  put(row: number, document: JsonObject): void {
    for (const known of this.#known.values()) {
      known.marks = withRoom(known.marks, row);
      known.marks[row] = known.admits(document) ? 1 : 0;
    }
  }

  #marksOf(node: FilterNode): Marks {
    // Hardly any list of ids comes twice.
    if (namesIds(node)) return this.#make(node);
    const key = JSON.stringify(node);
    const known = this.#known.get(key) ?? { admits: compileNode(node, this.rows.schema), marks: this.#make(node) };
    this.#known.delete(key);
    this.#known.set(key, known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KNOWN_MAX) break;
      this.#known.delete(oldest);
    }
    return known.marks;
  }

  #make(node: FilterNode): Marks {
    const { schema, columns, end, rowOf } = this.rows;
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
    if (node.negated) for (let row = 0; row < marks.length; row += 1) marks[row] = 1 - (marks[row] as number);
    return marks;
  }
}

function namesIds(node: FilterNode): boolean {
  return node.kind === "condition" ? node.field === "id" : namesIds(node.left) || namesIds(node.right);
}
