import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { Clock, Currency } from "@stoa/kernel";
import type { ReadFields } from "../platform/custom-fields/index.ts";
import { type CatalogDatabase, type ExportFormat, exportCatalog } from "../services/catalog/index.ts";
import { commandOr, fileAndOptions, folderTrouble } from "./arguments.ts";
import { type Output, ProgressLine } from "./output.ts";

export interface ExportCommandDeps {
  readonly catalog: CatalogDatabase;
  readonly readFields: ReadFields;
  readonly clock: Clock;
  readonly output: Output;
  readonly shop: () => Promise<{ readonly locale: string; readonly defaultCurrency: Currency }>;
  readonly signal?: AbortSignal;
}

const USAGE = `Usage: stoa export <file> [options]

Writes the catalog into a .jsonl or .csv file (also .gz). JSONL holds products whole; CSV is for spreadsheets: it leaves out what
has no column, and no cell of it is run as a formula. \`stoa import\` takes both back, and changes nothing where nothing was changed.

Options:
  --status <status>     only products that are draft, published or archived
  --search <words>      only products with these words in title, brand, SKUs or barcodes
  --help                show this text
`;

const options = {
  status: { type: "string" },
  search: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Runs `stoa export`. Answers the exit code: 0, 2 for arguments that are wrong. A file that could not be finished is not left behind. */
export async function runExport(args: readonly string[], deps: ExportCommandDeps): Promise<number> {
  const { output, clock } = deps;
  const command = commandOr(readArguments(args), { output, usage: USAGE });
  if (typeof command === "number") return command;
  const startedAt = clock.now();
  const products = await writeFile(command, deps);
  const seconds = ((clock.now() - startedAt) / 1_000).toFixed(1);
  output.write(`Exported ${products.toLocaleString("en-US")} products to ${command.file} in ${seconds} s.\n`);
  return 0;
}

interface ExportCommand {
  readonly file: string;
  readonly format: ExportFormat;
  readonly isPacked: boolean;
  readonly statuses?: ("draft" | "published" | "archived")[];
  readonly search?: string;
}

/** The command, null when help is asked for, or a sentence that says what is wrong. */
function readArguments(args: readonly string[]): ExportCommand | string | null {
  const parsed = fileAndOptions(args, options, "Name one file to write.");
  if (parsed === null || typeof parsed === "string") return parsed;
  const { file, values } = parsed;
  const ending = /\.(jsonl|csv)(\.gz)?$/i.exec(file);
  if (!ending) return "The file must end in .jsonl or .csv, or in one of these and .gz.";
  const { status, search } = values;
  if (status !== undefined && status !== "draft" && status !== "published" && status !== "archived") {
    return "--status must be draft, published or archived.";
  }
  const trouble = folderTrouble(file);
  if (trouble !== null) return trouble;
  return {
    file: resolve(file),
    format: ending[1]?.toLowerCase() === "csv" ? "csv" : "jsonl",
    isPacked: ending[2] !== undefined,
    ...(status && { statuses: [status] }),
    ...(search !== undefined && { search }),
  };
}

/** Writes beside the file and puts it in its place when it is whole. Answers how many products it holds. */
async function writeFile(command: ExportCommand, deps: ExportCommandDeps): Promise<number> {
  const { file, isPacked, ...filter } = command;
  const { output, clock, catalog, readFields, signal } = deps;
  const { locale, defaultCurrency: currency } = await deps.shop();
  const line = new ProgressLine(output, () => clock.now());
  let products = 0;
  const progress = (told: { readonly products: number; readonly total: number }) => {
    products = told.products;
    line.show(`${products} of ${told.total} products`);
  };
  const pieces = exportCatalog({ catalog, locale, currency, readFields, progress, ...(signal && { signal }) }, filter);
  const part = `${file}.part`;
  try {
    await writeAll(part, isPacked ? packed(pieces) : encoded(pieces));
    await rename(part, file);
    return products;
  } finally {
    line.end();
    await rm(part, { force: true });
  }
}

async function writeAll(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const writer = Bun.file(path).writer();
  try {
    for await (const chunk of chunks) {
      writer.write(chunk);
      await writer.flush();
    }
  } finally {
    await writer.end();
  }
}

async function* encoded(pieces: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const piece of pieces) yield encoder.encode(piece);
}

function packed(pieces: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  const source = Readable.from(encoded(pieces));
  const gzip = createGzip();
  source.on("error", (error) => gzip.destroy(error));
  return source.pipe(gzip);
}
