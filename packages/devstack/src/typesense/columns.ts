import { Column } from "./column.ts";
import type { JsonObject } from "./json.ts";
import { type Field, isText } from "./schema/field.ts";
import type { Schema } from "./schema/schema.ts";

/**
 * The columns of a collection. Fields to filter, count and sort by have theirs from the start; one with long texts, of which hardly two
 * are alike, gets it when somebody first asks for it.
 */
export class Columns {
  readonly #columns = new Map<string, Column>();
  #fieldCount = 0;

  constructor(
    private readonly schema: Schema,
    private readonly rows: () => Iterable<{ readonly row: number; readonly document: JsonObject }>,
  ) {}

  of(field: string): Column {
    this.#learn();
    let column = this.#columns.get(field);
    if (!column) {
      column = new Column(field);
      for (const { row, document } of this.rows()) column.put(row, document);
      this.#columns.set(field, column);
    }
    return column;
  }

  put(row: number, document: JsonObject): void {
    this.#learn();
    for (const column of this.#columns.values()) column.put(row, document);
  }

  remove(row: number): void {
    for (const column of this.#columns.values()) column.remove(row);
  }

  /** The schema learns further fields of the documents that bring them, so none that was put before has any. */
  #learn(): void {
    if (this.#fieldCount === this.schema.size) return;
    this.#fieldCount = this.schema.size;
    for (const field of this.schema.all()) {
      if (isColumn(field) && !this.#columns.has(field.name)) this.#columns.set(field.name, new Column(field.name));
    }
  }
}

function isColumn({ type, index, facet, sort }: Field): boolean {
  return index && !type.startsWith("object") && (facet || sort || type.endsWith("[]") || !isText(type));
}
