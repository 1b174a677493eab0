import type { Clock } from "@stoa/kernel";
import type { MediaStore } from "@stoa/runtime";
import type { ReadFields } from "../../../platform/custom-fields/index.ts";
import { Turns } from "../../../platform/turns.ts";
import type { CatalogChange, CatalogContext } from "../context.ts";
import { type CatalogFields, readCatalogFields } from "../custom-fields.ts";
import type { CatalogDatabase } from "../database.ts";
import { keepMedia } from "../media/media-library.ts";
import type { ProductTypeDocument } from "../product-type.ts";
import { listProductTypes } from "../save-product-type.ts";
import { type BatchDeps, importBatch } from "./batch.ts";
import { CategoryPaths } from "./category-paths.ts";
import { type OpenFile, openFile } from "./file-lines.ts";
import type { ImportedProduct, ImportIssue, Reading, ReadingOptions } from "./imported-product.ts";
import { MediaImporter, type MediaOptions } from "./media.ts";
import { readCsv } from "./read-csv.ts";
import { readJsonLines } from "./read-jsonl.ts";
import { toItsEnd } from "./to-its-end.ts";

const BATCH = 200;
/** Issues kept in the result; all of them are counted, and all are told to `issue`. */
const ISSUES_KEPT_MAX = 1_000;

export interface ImportDeps {
  readonly catalog: CatalogDatabase;
  readonly clock: Clock;
  readonly changed: (change: CatalogChange) => void;
  /** Sets the units on hand of SKUs to exactly these numbers, wherever they stood, and answers what cannot be. A repetition changes nothing. */
  readonly setStock: BatchDeps["setStock"];
  /** Where images are kept. */
  readonly files: MediaStore;
  /** Language of the texts in the file. */
  readonly locale: string;
  readonly readFields: ReadFields;
  /** See `CatalogContext`. */
  readonly targets?: CatalogContext["findTargets"];
}

export interface ImportOptions {
  /** .jsonl, .ndjson or .csv, each also with .gz behind it. */
  readonly file: string;
  /** The bytes of the file, where it does not lie on this machine. */
  readonly source?: OpenFile;
  /** Reads and checks everything, and writes nothing. */
  readonly dryRun?: boolean;
  /** Units on hand for new SKUs of which the file says nothing; without it they get none. */
  readonly defaultStock?: number;
  /** Where relative image paths start; null when no folder came with the file. */
  readonly imagesDir: string | null;
  readonly progress?: (progress: ImportProgress) => void;
  /** Told of each bad product and each oddity as it is found. */
  readonly issue?: (severity: "error" | "warning", issue: ImportIssue) => void;
  readonly signal?: AbortSignal;
}

export interface ImportProgress {
  /** Of the file that has been read, from 0 to 1. */
  readonly fraction: number;
  readonly products: number;
  readonly errors: number;
}

export interface ImportResult {
  readonly dryRun: boolean;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly skus: number;
  readonly categoriesCreated: number;
  readonly imagesCopied: number;
  readonly stockLines: number;
  readonly warnings: number;
  readonly errors: readonly ImportIssue[];
}

/**
 * Brings a file of products into the catalog, a batch at a time: memory does not grow with the file. Bad products are left out
 * and told of with their line, the good ones are kept; a second run of the same file writes nothing.
 * @throws RangeError for a kind of file that is not known, and for one of which nothing can be read: no UTF-8, no archive, a column that
 * stands twice or is missing; whatever the file system, MongoDB or `setStock` throw.
 */
export async function importCatalog(deps: ImportDeps, options: ImportOptions): Promise<ImportResult> {
  const run = new ImportRun(deps, options);
  const file = options.source ?? (await openFile(options.file));
  const readings = readerFor(options.file)(file.chunks, { locale: deps.locale });
  await run.start();
  const turns = new Turns();
  for await (const reading of toItsEnd(readings)) {
    options.signal?.throwIfAborted();
    if (await run.take(reading)) run.tell(file.fraction());
    // Bad lines wait for nothing: a file of them kept core from everything else until its end.
    await turns.pause();
  }
  await run.flush();
  run.tell(1);
  return run.result();
}

function readerFor(path: string): Reader {
  const name = path.toLowerCase().replace(/\.gz$/, "");
  if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) return readJsonLines;
  if (name.endsWith(".csv")) return readCsv;
  throw new RangeError("the file must end in .jsonl, .ndjson or .csv, with or without .gz");
}

type Reader = (chunks: AsyncIterable<Uint8Array>, options: ReadingOptions) => AsyncIterable<Reading>;

class ImportRun {
  readonly #categories: CategoryPaths;
  readonly #media: MediaImporter;
  readonly #errors: ImportIssue[] = [];
  /** SKU and product key → the line that had it first. */
  readonly #seen = new Map<string, number>();
  #types: ReadonlyMap<string, ProductTypeDocument> = new Map();
  #fields: CatalogFields = { product: [], variant: [], category: [] };
  #batch: ImportedProduct[] = [];
  #totals = { created: 0, updated: 0, unchanged: 0, stockLines: 0, failed: 0, skus: 0, warnings: 0 };

  constructor(
    readonly deps: ImportDeps,
    readonly options: ImportOptions,
  ) {
    const { imagesDir, dryRun = false } = options;
    const { files } = deps;
    const keep: MediaOptions["keep"] = async (bytes, ending) =>
      (await keepMedia({ ...this.#context(), files }, { bytes, ending, size: null })).isNew;
    this.#media = new MediaImporter({ imagesDir, keep: dryRun ? null : keep });
    this.#categories = new CategoryPaths({ locale: deps.locale, dryRun });
  }

  async start(): Promise<void> {
    await this.#categories.load(this.#context());
    this.#fields = await readCatalogFields(this.deps.readFields);
    this.#types = new Map((await listProductTypes(this.deps.catalog)).map((type) => [type._id, type]));
  }

  /** Answers true when a batch has just been written. */
  async take(reading: Reading): Promise<boolean> {
    if (reading.kind === "bad") {
      this.#fail(reading.issue);
      return false;
    }
    const { product } = reading;
    const repeated = this.#repeated(product);
    if (repeated) {
      this.#fail({ line: product.line, sku: product.variants[0]?.sku ?? "", message: repeated });
      return false;
    }
    this.#batch.push(product);
    if (this.#batch.length < BATCH) return false;
    await this.flush();
    return true;
  }

  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length === 0) return;
    const outcome = await importBatch(
      {
        context: this.#context(),
        categories: this.#categories,
        types: this.#types,
        fields: this.#fields,
        media: this.#media,
        setStock: this.deps.setStock,
        locale: this.deps.locale,
        defaultStock: this.options.defaultStock ?? null,
        dryRun: this.options.dryRun ?? false,
        bad: (product, message) => this.#fail(issueOf(product, message)),
        warn: (product, message) => {
          this.#totals.warnings += 1;
          this.options.issue?.("warning", issueOf(product, message));
        },
      },
      batch,
    );
    this.#totals.created += outcome.created;
    this.#totals.updated += outcome.updated;
    this.#totals.unchanged += outcome.unchanged;
    this.#totals.stockLines += outcome.stockLines;
    this.#totals.skus += batch.reduce((sum, product) => sum + product.variants.length, 0);
  }

  tell(fraction: number): void {
    const { created, updated, unchanged, failed } = this.#totals;
    this.options.progress?.({ fraction, products: created + updated + unchanged, errors: failed });
  }

  result(): ImportResult {
    return {
      dryRun: this.options.dryRun ?? false,
      ...this.#totals,
      categoriesCreated: this.#categories.created,
      imagesCopied: this.#media.copied,
      errors: this.#errors.toSorted((left, right) => left.line - right.line),
    };
  }

  #context() {
    const { catalog, clock, changed, readFields, targets } = this.deps;
    return { catalog, now: clock.now(), changed, readFields, ...(targets && { findTargets: targets }) };
  }

  #repeated(product: ImportedProduct): string | null {
    const names = [`product ${product.key}`, ...product.variants.map((variant) => `SKU ${variant.sku}`)];
    const own = new Set<string>();
    for (const name of names) {
      const line = this.#seen.get(name);
      if (line !== undefined) return `${name} stands on line ${line} already`;
      if (own.has(name)) return `${name} stands here twice`;
      own.add(name);
    }
    for (const name of names) this.#seen.set(name, product.line);
    return null;
  }

  #fail(issue: ImportIssue): void {
    this.#totals.failed += 1;
    if (this.#errors.length < ISSUES_KEPT_MAX) this.#errors.push(issue);
    this.options.issue?.("error", issue);
  }
}

function issueOf(product: ImportedProduct, message: string): ImportIssue {
  return { line: product.line, sku: product.variants[0]?.sku ?? "", message };
}
