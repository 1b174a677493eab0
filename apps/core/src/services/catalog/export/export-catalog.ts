import type { Currency } from "@stoa/kernel";
import type { Filter } from "mongodb";
import { z } from "zod";
import type { CustomField, ReadFields } from "../../../platform/custom-fields/index.ts";
import { categoryTree } from "../category-tree.ts";
import { readCatalogFields } from "../custom-fields.ts";
import { allCategories, type CatalogDatabase } from "../database.ts";
import type { ProductDocument } from "../documents.ts";
import { filterOf, productFilterSchema } from "../queries.ts";
import { csvLine, type Survey, survey, surveyColumns } from "./csv-columns.ts";
import { csvRows } from "./csv-rows.ts";
import { wholeLine } from "./whole-product.ts";

/** Characters that are put together before they are sent. */
const CHUNK_LENGTH = 64_000;
const BATCH = 200;

export const exportFormats = ["jsonl", "csv"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportSchema = productFilterSchema.extend({ format: z.enum(exportFormats) });
export type ExportCatalog = z.infer<typeof exportSchema>;

export interface ExportDeps {
  readonly catalog: CatalogDatabase;
  /** Language of the columns that name none. */
  readonly locale: string;
  /** Currency of the column `price`, where a variant has one in it. */
  readonly currency: Currency;
  readonly readFields: ReadFields;
  readonly progress?: (progress: ExportProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ExportProgress {
  readonly products: number;
  readonly total: number;
}

/**
 * The products that a filter matches, as a file that an import takes back: text in pieces, as it is read, so that memory does not grow
 * with the catalog. A product that changes meanwhile comes as it was or as it is. CSV is read twice: which columns there are is known last.
 */
export async function* exportCatalog(deps: ExportDeps, input: ExportCatalog): AsyncIterable<string> {
  const { catalog, locale, currency } = deps;
  const filter = filterOf(input);
  const { product, variant } = await readCatalogFields(deps.readFields);
  const byKey = (fields: readonly CustomField[]) => new Map(fields.map((field) => [field.key, field]));
  const fields = { product: byKey(product), variant: byKey(variant) };
  const context = { locale, currency, fields, tree: categoryTree(await allCategories(catalog)) };
  if (input.format === "jsonl") {
    yield* inChunks(linesOf(deps, filter, (product) => `${JSON.stringify(wholeLine(product, context))}\n`));
    return;
  }
  const columns = surveyColumns(await surveyed(deps, filter), locale);
  yield csvLine(columns.header);
  yield* inChunks(linesOf(deps, filter, (product) => csvRows(product, columns, context).map(csvLine).join("")));
}

async function surveyed(deps: ExportDeps, filter: Filter<ProductDocument>): Promise<Survey> {
  const found = survey();
  const projection = {
    title: 1,
    description: 1,
    attributes: 1,
    options: 1,
    "variants.prices": 1,
    "variants.attributes": 1,
    customFields: 1,
    "variants.customFields": 1,
  };
  for await (const product of deps.catalog.products.find(filter, { projection }).batchSize(BATCH)) {
    deps.signal?.throwIfAborted();
    found.take(product);
  }
  return found;
}

async function* linesOf(
  { catalog, progress, signal }: ExportDeps,
  filter: Filter<ProductDocument>,
  write: (product: ProductDocument) => string,
): AsyncIterable<string> {
  const total = await catalog.products.countDocuments(filter);
  let products = 0;
  for await (const product of catalog.products.find(filter).sort({ _id: 1 }).batchSize(BATCH)) {
    signal?.throwIfAborted();
    yield write(product);
    products += 1;
    if (products % BATCH === 0) progress?.({ products, total: Math.max(total, products) });
  }
  progress?.({ products, total: products });
}

async function* inChunks(lines: AsyncIterable<string>): AsyncIterable<string> {
  let chunk = "";
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}
