import { Readable } from "node:stream";
import { type CsvError, parse } from "csv-parse";
import { z } from "zod";
import { decodeCell, decodeList, NOTHING } from "./cells.ts";
import { collectionSlug } from "./collection-slug.ts";
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
 * are taken from the first. A bad row takes its whole product out, because half a product is worse than none.
 */
export async function* readCsv(chunks: AsyncIterable<Uint8Array>, { locale }: ReadingOptions): AsyncIterable<Reading> {
  const skipped: Reading[] = [];
  const parser = parse({
    bom: true,
    columns: (header: string[]) => header.map((name) => name.trim()),
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: RECORD_BYTES_MAX,
    on_skip: (error: CsvError | undefined) => {
      const line = typeof error?.lines === "number" ? error.lines : 0;
      skipped.push(bad(line, "", error?.message ?? "is no CSV"));
      return undefined;
    },
  });
  const source = Readable.from(chunks);
  source.on("error", (error) => parser.destroy(error));
  let rows: Row[] = [];
  let product = "";
  let spoiled = false;
  for await (const entry of source.pipe(parser)) {
    yield* skipped.splice(0);
    const { line, record } = entrySchema.parse(entry);
    const key = record.product ?? "";
    if (key !== product || key === "") {
      if (rows.length > 0 && !spoiled) yield { kind: "product", product: productOf(rows, locale) };
      rows = [];
      spoiled = false;
      product = key;
    }
    const row = readRow(line, record);
    if ("issue" in row) {
      yield row;
      spoiled = true;
    } else rows.push(row);
  }
  yield* skipped;
  if (rows.length > 0 && !spoiled) yield { kind: "product", product: productOf(rows, locale) };
}

const entrySchema = z
  .object({ info: z.object({ lines: z.int() }), record: z.record(z.string(), z.string()) })
  .transform(({ info, record }) => ({
    line: info.lines,
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
