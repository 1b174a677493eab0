import { bad, type Reading } from "./imported-product.ts";

/**
 * The same readings; where the file cannot be read on (it is cut off, or its letters are others), one more bad line says so, and what was
 * read before is kept. @throws RangeError for a file of which nothing was read.
 */
export async function* toItsEnd(readings: AsyncIterable<Reading>): AsyncIterable<Reading> {
  let line = 0;
  try {
    for await (const reading of readings) {
      line = reading.kind === "bad" ? reading.issue.line : reading.product.line;
      yield reading;
    }
  } catch (error) {
    if (!(error instanceof RangeError) || line === 0) throw error;
    yield bad(line + 1, "", `${error.message}; nothing behind it was read`);
  }
}
