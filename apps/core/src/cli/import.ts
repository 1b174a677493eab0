import { createWriteStream } from "node:fs";
import { dirname, resolve } from "node:path";
import { finished } from "node:stream/promises";
import { type ImportDeps, type ImportIssue, type ImportResult, importCatalog } from "../services/catalog/index.ts";
import { commandOr, fileAndOptions, folderTrouble } from "./arguments.ts";
import { type Output, ProgressLine, table } from "./output.ts";

export interface ImportCommandDeps extends ImportDeps {
  readonly output: Output;
  readonly signal?: AbortSignal;
  /** Waits until the shop shows what was written, where this process sees to that itself. */
  readonly shown?: () => Promise<void>;
}

const USAGE = `Usage: stoa import <file> [options]

Brings products from a .jsonl or .csv file (also .gz) into the catalog. Bad lines are left out and listed,
good ones are kept; a second run of the same file changes nothing. docs/guide/import.md describes both formats.

Options:
  --dry-run             read and check everything, write nothing
  --default-stock <n>   units on hand for new SKUs of which the file says nothing
  --images <folder>     where relative image paths start (default: the file's own folder)
  --errors <file>       write every error and warning there, one JSON object a line
  --help                show this text
`;

const ISSUES_SHOWN_MAX = 20;

const options = {
  "dry-run": { type: "boolean", default: false },
  "default-stock": { type: "string" },
  images: { type: "string" },
  errors: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Runs `stoa import`. Answers the exit code: 0, 1 when nothing could be imported, 2 for arguments that are wrong. */
export async function runImport(args: readonly string[], deps: ImportCommandDeps): Promise<number> {
  const { output } = deps;
  const command = commandOr(readArguments(args), { output, usage: USAGE });
  if (typeof command === "number") return command;
  if (!(await Bun.file(command.file).exists())) {
    output.write(`There is no file ${command.file}.\n`);
    return 1;
  }
  const startedAt = deps.clock.now();
  const result = await runWithReport(command, deps);
  const seconds = ((deps.clock.now() - startedAt) / 1_000).toFixed(1);
  output.write(summary(result, seconds));
  return result.created + result.updated + result.unchanged === 0 ? 1 : 0;
}

interface ImportCommand {
  readonly file: string;
  readonly dryRun: boolean;
  readonly defaultStock: number | null;
  readonly imagesDir: string;
  readonly errorsFile: string | null;
}

/** The command, null when help is asked for, or a sentence that says what is wrong. */
function readArguments(args: readonly string[]): ImportCommand | string | null {
  const parsed = fileAndOptions(args, options, "Name one file to import.");
  if (parsed === null || typeof parsed === "string") return parsed;
  const { file, values } = parsed;
  if (!/\.(?:jsonl|ndjson|csv)(?:\.gz)?$/i.test(file))
    return "The file must end in .jsonl, .ndjson or .csv, or in one of these and .gz.";
  const stock = values["default-stock"];
  if (stock !== undefined && !/^\d{1,9}$/.test(stock)) return "--default-stock must be a whole number.";
  const trouble = values.errors === undefined ? null : folderTrouble(values.errors);
  if (trouble !== null) return trouble;
  return {
    file: resolve(file),
    dryRun: values["dry-run"] === true,
    defaultStock: stock === undefined ? null : Number(stock),
    imagesDir: resolve(values.images ?? dirname(resolve(file))),
    errorsFile: values.errors === undefined ? null : resolve(values.errors),
  };
}

async function runWithReport(command: ImportCommand, deps: ImportCommandDeps): Promise<ImportResult> {
  const { output, clock, signal } = deps;
  const line = new ProgressLine(output, () => clock.now());
  const report = command.errorsFile === null ? null : createWriteStream(command.errorsFile);
  let taken = 0;
  const tell = (severity: "error" | "warning", issue: ImportIssue) => {
    report?.write(`${JSON.stringify({ severity, ...issue })}\n`);
  };
  try {
    const result = await importCatalog(deps, {
      file: command.file,
      dryRun: command.dryRun,
      imagesDir: command.imagesDir,
      ...(command.defaultStock !== null && { defaultStock: command.defaultStock }),
      ...(signal && { signal }),
      issue: tell,
      progress: ({ fraction, products, errors }) => {
        taken = products;
        line.show(`${Math.round(fraction * 100)} %  ${products} products, ${errors} errors`);
      },
    });
    line.show("waiting until the shop shows everything");
    if (!command.dryRun) await deps.shown?.();
    return result;
  } catch (error) {
    line.end();
    if (!command.dryRun)
      output.write(`It broke off behind ${taken} products, which are kept. The same command goes on.\n`);
    throw error;
  } finally {
    line.end();
    if (report) {
      report.end();
      await finished(report);
    }
  }
}

function summary(result: ImportResult, seconds: string): string {
  const shown = result.errors.slice(0, ISSUES_SHOWN_MAX);
  const issues = shown
    .map(({ line, sku, message }) => `  line ${line}${sku ? ` (${sku})` : ""}: ${message}\n`)
    .join("");
  const more =
    result.failed > shown.length ? `  … and ${result.failed - shown.length} more; --errors writes them all\n` : "";
  return [
    result.dryRun ? "Checked; nothing was written.\n" : "Imported.\n",
    table([
      [result.dryRun ? "would be new" : "new products", result.created],
      [result.dryRun ? "would change" : "changed products", result.updated],
      ["unchanged products", result.unchanged],
      ["left out", result.failed],
      ["SKUs", result.skus],
      ["new categories", result.categoriesCreated],
      ["images copied", result.imagesCopied],
      ["SKUs with stock", result.stockLines],
      ["warnings", result.warnings],
      ["seconds", seconds],
    ]),
    issues && `\nErrors:\n${issues}${more}`,
  ].join("");
}
