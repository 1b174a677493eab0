import { extname } from "node:path";
import { problem } from "@stoa/kernel";
import { z } from "zod";
import { recordAudit } from "../../platform/audit/index.ts";
import { type ReadFields, readFields } from "../../platform/custom-fields/index.ts";
import { transact } from "../../platform/db/index.ts";
import { type RpcContext, router, staffProcedure } from "../../platform/rpc/index.ts";
import { readSetting, shopSetting } from "../../platform/settings/index.ts";
import { exportCatalog, exportSchema } from "./export/export-catalog.ts";
import { openChunks } from "./import/file-lines.ts";
import { type ImportProgress, type ImportResult, importCatalog } from "./import/import-catalog.ts";
import type { ImportIssue } from "./import/imported-product.ts";
import type { CatalogRouterDeps } from "./router.ts";

const importSchema = z.strictObject({
  /** What its ending says is its format. */
  name: z
    .string()
    .max(200)
    .regex(/\.(?:jsonl|ndjson|csv)(?:\.gz)?$/i, { message: "must end in .jsonl, .ndjson or .csv, or .gz behind it" }),
  dryRun: z.boolean().default(false),
  defaultStock: z.int().min(0).max(999_999_999).optional(),
  /** As it comes, null when nobody says. */
  size: z.int().min(0).nullable(),
  chunks: z.custom<AsyncIterable<Uint8Array>>(
    (value) => typeof value === "object" && value !== null && Symbol.asyncIterator in value,
  ),
});
type ImportFile = z.infer<typeof importSchema>;

/** What is told while an import runs; the last one is the result. */
export type ImportNews =
  | ({ readonly type: "progress" } & ImportProgress)
  | ({ readonly type: "error" | "warning" } & ImportIssue)
  | ({ readonly type: "result" } & ImportSummary);

/** What an import came to, and how many errors and warnings there were besides those that were told. */
type ImportSummary = Omit<ImportResult, "errors"> & { readonly untold: number };

/** A file with more faults than that is another file. */
const ISSUES_TOLD_MAX = 1_000;

/** Files of products, for the door at which they come and go alone: bytes are no JSON. */
export function createFilesRouter(deps: CatalogRouterDeps) {
  return router({
    export: staffProcedure("catalog:read")
      .input(exportSchema)
      .query(async function* ({ input, signal }) {
        const { defaultCurrency, locale } = await readSetting(deps.db, shopSetting);
        const options = { catalog: deps.catalog, locale, currency: defaultCurrency, readFields: fieldsIn(deps) };
        yield* exportCatalog({ ...options, ...(signal && { signal }) }, input);
      }),
    import: staffProcedure("catalog:write")
      .input(importSchema)
      .mutation(async function* ({ ctx, input, signal }) {
        yield* importNews(deps, ctx, input, signal);
      }),
  });
}

function fieldsIn({ db }: CatalogRouterDeps): ReadFields {
  return (entity) => readFields(db, entity);
}

/** Runs an import and tells of it as it goes. What nobody listens to any more is stopped behind the batch it is at. */
async function* importNews(
  deps: CatalogRouterDeps,
  ctx: RpcContext,
  file: ImportFile,
  signal: AbortSignal | undefined,
): AsyncIterable<ImportNews> {
  const { locale } = await readSetting(deps.db, shopSetting);
  const news = new News();
  const listening = new AbortController();
  const stops = signal ? AbortSignal.any([signal, listening.signal]) : listening.signal;
  const source = openChunks(file.chunks, { size: file.size, isPacked: extname(file.name).toLowerCase() === ".gz" });
  const running = importCatalog(
    {
      ...{ ...deps, locale, clock: ctx.clock, readFields: fieldsIn(deps) },
      targets: (ids) => deps.findTargets(deps.db, ids),
    },
    {
      file: file.name,
      source,
      imagesDir: null,
      dryRun: file.dryRun,
      ...(file.defaultStock !== undefined && { defaultStock: file.defaultStock }),
      signal: stops,
      progress: (progress) => news.tell({ type: "progress", ...progress }),
      issue: (severity, issue) => news.tellIssue({ type: severity, ...issue }),
    },
  ).finally(() => news.end());
  running.catch(() => undefined);
  try {
    yield* news.heard();
    const { errors: _, ...counted } = await running;
    const result: ImportSummary = { ...counted, untold: news.untold };
    if (!file.dryRun) await recordImport(deps, ctx, { name: file.name, ...result });
    yield { type: "result", ...result };
  } catch (error) {
    throw error instanceof RangeError ? problem("validation_failed", { detail: error.message }) : error;
  } finally {
    listening.abort();
  }
}

async function recordImport(
  { db }: CatalogRouterDeps,
  ctx: RpcContext,
  after: { readonly name: string },
): Promise<void> {
  const { actor, requestId, clock } = ctx;
  const entry = {
    at: clock.now(),
    actor,
    requestId,
    action: "catalog.imported",
    entity: "catalog",
    entityId: after.name,
  };
  await transact(db, (tx) => recordAudit(tx, { ...entry, before: null, after }));
}

/** What has been told and not heard yet. Whoever hears slowly, or not at all, makes it no longer. */
class News {
  untold = 0;
  #issues = 0;
  #isOver = false;
  #waiting: ImportNews[] = [];
  #next = Promise.withResolvers<void>();

  /** Only the last progress is of use. */
  tell(progress: ImportNews & { readonly type: "progress" }): void {
    if (this.#waiting.at(-1)?.type === "progress") this.#waiting.pop();
    this.#push(progress);
  }

  tellIssue(issue: ImportNews & { readonly type: "error" | "warning" }): void {
    this.#issues += 1;
    if (this.#issues > ISSUES_TOLD_MAX) this.untold += 1;
    else this.#push(issue);
  }

  end(): void {
    this.#isOver = true;
    this.#next.resolve();
  }

  async *heard(): AsyncIterable<ImportNews> {
    while (!this.#isOver || this.#waiting.length > 0) {
      yield* this.#waiting.splice(0);
      if (this.#isOver) continue;
      await this.#next.promise;
      this.#next = Promise.withResolvers<void>();
    }
  }

  #push(one: ImportNews): void {
    this.#waiting.push(one);
    this.#next.resolve();
  }
}
