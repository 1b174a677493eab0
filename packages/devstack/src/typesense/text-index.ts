import SearchableMap from "minisearch/SearchableMap";
import { type JsonObject, valueAt, valuesAt } from "./json.ts";
import { addRow, type Posting, takeRow } from "./postings.ts";
import { withRoom } from "./room.ts";
import type { Schema } from "./schema/schema.ts";
import { words } from "./tokens.ts";

/** Where a word stands, by field. */
export type Term = Map<string, Posting>;

/** A field's words in every row. */
interface Lengths {
  /** Different words, by row. */
  byRow: Uint16Array;
  total: number;
}

const LENGTH_MAX = 65_535;

/**
 * The words of a collection's text fields. A row that is written again costs what has changed of it, and nothing is ever made anew as a
 * whole.
 */
export class TextIndex {
  readonly #terms = new Map<string, Term>();
  /** The same, for what begins like a word or is nearly one. */
  readonly #tree = new SearchableMap<Term>();
  readonly #lengths = new Map<string, Lengths>();
  #fieldCount = 0;
  #fields: readonly string[] = [];
  #rows = 0;

  constructor(private readonly schema: Schema) {}

  /** Rows that hold a document. */
  get size(): number {
    return this.#rows;
  }

  term(word: string): Term | undefined {
    return this.#terms.get(word);
  }

  /** Longer words that begin like this one. */
  *beginningWith(word: string): IterableIterator<[string, Term]> {
    for (const [term, postings] of this.#tree.atPrefix(word)) if (term !== word) yield [term, postings];
  }

  /** Words that so many insertions, deletions and replacements make of this one. */
  near(word: string, edits: number): Iterable<readonly [string, Term]> {
    return [...this.#tree.fuzzyGet(word, edits)].map(([term, [postings]]) => [term, postings]);
  }

  /** How many different words a field has in each row, and on average. */
  lengths(field: string): { readonly byRow: Uint16Array; readonly average: number } {
    const { byRow, total } = this.#lengthsOf(field);
    return { byRow, average: total / Math.max(1, this.#rows) };
  }

  /** Puts a document into a row, in the place of the one that was there. */
  put(row: number, document: JsonObject, before: JsonObject | undefined): void {
    for (const field of this.#textFields()) {
      const old = before && valueAt(before, field);
      const value = valueAt(document, field);
      if (before && (old === value || JSON.stringify(old) === JSON.stringify(value))) continue;
      this.#change(row, field, before ? this.#wordsOf(before, field) : new Map(), this.#wordsOf(document, field));
    }
    if (!before) this.#rows += 1;
  }

  remove(row: number, document: JsonObject): void {
    for (const field of this.#textFields()) this.#change(row, field, this.#wordsOf(document, field), new Map());
    this.#rows -= 1;
  }

  #change(row: number, field: string, before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
    for (const word of before.keys()) if (!after.has(word)) this.#take(word, field, row);
    for (const [word, count] of after) {
      if (before.get(word) === count) continue;
      const posting = this.#postingOf(word, field);
      if (before.has(word)) takeRow(posting, row);
      addRow(posting, row, count);
    }
    const lengths = this.#lengthsOf(field);
    lengths.byRow = withRoom(lengths.byRow, row);
    lengths.total += after.size - before.size;
    lengths.byRow[row] = Math.min(after.size, LENGTH_MAX);
  }

  #postingOf(word: string, field: string): Posting {
    let term = this.#terms.get(word);
    if (!term) {
      term = new Map();
      this.#terms.set(word, term);
      this.#tree.set(word, term);
    }
    let posting = term.get(field);
    if (!posting) {
      posting = { rows: [], counts: [] };
      term.set(field, posting);
    }
    return posting;
  }

  #take(word: string, field: string, row: number): void {
    const term = this.#terms.get(word);
    const posting = term?.get(field);
    if (!term || !posting) return;
    takeRow(posting, row);
    if (posting.rows.length === 0) term.delete(field);
    if (term.size > 0) return;
    this.#terms.delete(word);
    this.#tree.delete(word);
  }

  #wordsOf(document: JsonObject, field: string): Map<string, number> {
    const rules = this.schema.tokenRules(field);
    const counts = new Map<string, number>();
    for (const value of valuesAt(document, field)) {
      for (const word of words(String(value), rules)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    return counts;
  }

  #lengthsOf(field: string): Lengths {
    let lengths = this.#lengths.get(field);
    if (!lengths) {
      lengths = { byRow: new Uint16Array(0), total: 0 };
      this.#lengths.set(field, lengths);
    }
    return lengths;
  }

  /** The schema learns further fields of the documents that bring them, so none that was put before has any. */
  #textFields(): readonly string[] {
    if (this.#fieldCount !== this.schema.size) {
      this.#fieldCount = this.schema.size;
      this.#fields = this.schema.textFields();
    }
    return this.#fields;
  }
}
