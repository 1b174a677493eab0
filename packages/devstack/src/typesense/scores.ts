import { withRoom } from "./room.ts";

/**
 * Room that searches of a collection count in, one after another: a score for every row without making anything for each. What it says of
 * a row holds until the next search.
 */
export class Scores {
  /** Of the rows that a way of reading the query has found last. */
  byRow = new Float64Array(0);
  /** Up to which word of the query a row has had them all; grows from word to word and from query to query. */
  stages = new Float64Array(0);
  stage = 0;
  /** Of all rows that were found: what was said of each first. */
  kept = new Float64Array(0);
  #keptIn = new Float64Array(0);
  #search = 0;

  makeRoom(row: number): void {
    this.byRow = withRoom(this.byRow, row);
    this.stages = withRoom(this.stages, row);
    this.kept = withRoom(this.kept, row);
    this.#keptIn = withRoom(this.#keptIn, row);
  }

  begin(): void {
    this.#search += 1;
  }

  /** False when the row was found before. */
  keep(row: number, score: number): boolean {
    if (this.#keptIn[row] === this.#search) return false;
    this.#keptIn[row] = this.#search;
    this.kept[row] = score;
    return true;
  }
}
