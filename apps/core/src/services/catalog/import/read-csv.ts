import { Readable } from "node:stream";
import { type CsvError, parse } from "csv-parse";
import { z } from "zod";
import { decodeCell, decodeList, NOTHING } from "./cells.ts";
import { collectionSlug } from "./collection-slug.ts";
import { columnsOnce } from "./columns.ts";
import { attributesOf, namedColumns, productFieldCells, type Row, readRow } from "./csv-row.ts";
import {
  bad,
  type ImportedCategory,
  type ImportedProduct,
  type Reading,
  type ReadingOptions,
} from "./imported-product.ts";

const RECORD_BYTES_MAX = 1_000_000;
const TITLE = "title:";
const DESCRIPTION = "description:";
/** An empty cell of these columns takes a text away; of all others it says nothing. */
const SPEAKS_EMPTY = /^(?:title:|description:|description$)/;

/**
 * Products of a CSV file. Rows that follow each other with one `product` are the variants of one product, whose own columns
 * are taken from the first. A bad row takes its whole product out, because half a product is worse than none. Where quotes do not fit,
 * or a row never ends, nobody knows where the next one begins: nothing behind it is read.
 * @throws RangeError for a column that stands twice, or one that has to be there and is not.
 */
export async function* readCsv(chunks: AsyncIterable<Uint8Array>, { locale }: ReadingOptions): AsyncIterable<Reading> {
  let end: Issue | null = null;
  const source = Readable.from(chunks);
  const parser = rowParser((issue) => {
    end ??= issue;
  });
  source.on("error", (error) => parser.destroy(error));
  const gathered = new Gathered(locale);
  try {
    for await (const entry of source.pipe(parser)) {
      const { line, fault, record } = entrySchema.parse(entry);
      // The parser is ahead of who reads here, and drops what stands behind a fault only as far as it has come.
      if (isBehind(line, end)) break;
      const key = record.product ?? "";
      if (!gathered.isOf(key)) {
        yield* gathered.product();
        gathered.begin(key);
      }
      const row = fault === null ? readRow(line, record) : bad(line, record.sku ?? "", fault);
      if ("issue" in row) yield row;
      gathered.take("issue" in row ? null : row);
    }
  } finally {
    source.destroy();
  }
  if (end) yield* gathered.cutOff(end);
  yield* gathered.product();
}

type Issue = Extract<Reading, { kind: "bad" }>;

function isBehind(line: number, end: Issue | null): boolean {
  return end !== null && line >= end.issue.line;
}

function rowParser(end: (issue: Issue) => void) {
  return parse({
    bom: true,
    columns: productColumns,
    info: true,
    // A row with cells too many or too few says whose it is; it is refused above.
    relax_column_count: true,
    skip_empty_lines: true,
    // Else rows that were read, but not yet taken, were lost with the first fault.
    skip_records_with_error: true,
    max_record_size: RECORD_BYTES_MAX,
    on_skip: (error: CsvError | undefined) => {
      const line = typeof error?.lines === "number" ? error.lines : 0;
      end(bad(line, "", `${error?.message ?? "is no CSV"}; nothing behind it was read`));
      return undefined;
    },
  });
}

/** Without these no row says what it is; spreadsheets of some languages part cells by semicolons, and then all of them are missing. */
function productColumns(header: readonly string[]): string[] {
  const columns = columnsOnce(header);
  const missing = ["product", "sku"].find((name) => !columns.includes(name));
  if (missing)
    throw new RangeError(`there is no column ${missing}; the first line names the columns, with commas between them`);
  return columns;
}

/** The rows of one product, as far as they have come. */
class Gathered {
  readonly #locale: string;
  #key = "";
  #rows: Row[] = [];
  #isSpoiled = false;

  constructor(locale: string) {
    this.#locale = locale;
  }

  isOf(key: string): boolean {
    return key !== "" && key === this.#key;
  }

  begin(key: string): void {
    this.#key = key;
    this.#rows = [];
    this.#isSpoiled = false;
  }

  /** Null for a row that is bad, and has been told of. */
  take(row: Row | null): void {
    if (row) this.#rows.push(row);
    else this.#isSpoiled = true;
  }

  /** Nobody knows whether the row at which the file ends is one of these, so their product is left out as well. */
  *cutOff(end: Issue): Iterable<Issue> {
    yield end;
    const [first] = this.#rows;
    if (first && !this.#isSpoiled) yield bad(first.line, first.data.sku, "stands before a row that cannot be read");
    this.#isSpoiled = true;
  }

  *product(): Iterable<Reading> {
    if (this.#rows.length > 0 && !this.#isSpoiled) {
      yield { kind: "product", product: productOf(this.#rows, this.#locale) };
    }
  }
}

const entrySchema = z
  .object({
    info: z.object({ lines: z.int(), error: z.instanceof(Error).optional() }),
    record: z.record(z.string(), z.string()),
  })
  .transform(({ info, record }) => ({
    line: info.lines,
    /** It has more cells than columns, or fewer. */
    fault: info.error?.message ?? null,
    record: Object.fromEntries(
      Object.entries(record).flatMap(([name, cell]) =>
        cell === "" && !SPEAKS_EMPTY.test(name) ? [] : [[name, decodeCell(cell)]],
      ),
    ),
  }));

function productOf(rows: readonly Row[], locale: string): ImportedProduct {
  const [first] = rows;
  if (!first) throw new RangeError("a product has at least one row");
  const { data, line } = first;
  return {
    line,
    key: data.product,
    slug: data.slug,
    title: data.title || data.product,
    titles: { ...(data.title !== "" && { [locale]: data.title }), ...namedColumns(data, TITLE) },
    descriptions: {
      ...(data.description !== undefined && { [locale]: data.description }),
      ...namedColumns(data, DESCRIPTION),
    },
    brand: data.brand || null,
    typeCode: data.type || null,
    categories: categoriesOf(data),
    collections: decodeList(data.collections).flatMap((name) => collectionSlug(name) ?? []),
    attributes: attributesOf(data),
    customFields: productFieldCells(data),
    options: [...new Set(rows.flatMap(({ variant }) => Object.keys(variant.options)))],
    images: data.images === "" ? null : data.images === NOTHING ? [] : decodeList(data.images),
    status: data.status,
    variants: rows.map(({ variant }) => variant),
  };
}

/** By slug where the file has slugs, as exports do; the path of names tells where the first one stands, should it be missing. */
function categoriesOf({ category, categories }: Row["data"]): ImportedCategory[] {
  const path = category
    .split(">")
    .map((name) => name.trim())
    .filter(Boolean);
  if (categories === NOTHING) return [];
  const slugs = decodeList(categories);
  if (slugs.length === 0) return path.length === 0 ? [] : [{ slug: null, path }];
  return slugs.map((slug, index) => ({ slug, path: index === 0 ? path : [] }));
}
