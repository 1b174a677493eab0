import { createReadStream } from "node:fs";
import { parseArgs } from "node:util";
import type { Clock } from "@stoa/kernel";
import { parse } from "csv-parse";
import { z } from "zod";
import { STOCK_UNITS_MAX, type StockLevelLine, type StockLevelRefusal } from "../services/inventory/index.ts";
import { stockRefusals } from "../set-stock.ts";
import { type Output, ProgressLine, table } from "./output.ts";

export interface StockCommandDeps {
  /** Sets what was counted, each call in a transaction of its own. */
  readonly setStock: (
    lines: readonly StockLevelLine[],
  ) => Promise<{ readonly applied: number; readonly refused: readonly StockLevelRefusal[] }>;
  readonly clock: Clock;
  readonly output: Output;
  /** Waits until the shop shows what was written. */
  readonly shown?: () => Promise<void>;
}

const USAGE = `Usage: stoa stock <file.csv> [--dry-run]

Sets units on hand from a CSV file with the columns sku, on_hand and, where there are several, location (its code).
A line that cannot be is left out and listed; a second run of the same file changes nothing.

Options:
  --dry-run   read and check every line, write nothing
  --help      show this text
`;

const BATCH = 1_000;
const RECORD_BYTES_MAX = 10_000;
const ISSUES_SHOWN_MAX = 20;

const rowSchema = z.object({
  sku: z.string("is missing").trim().min(1, "is missing").max(100),
  on_hand: z
    .string("is missing")
    .trim()
    .regex(/^\d{1,10}$/, "must be a whole number")
    .transform(Number)
    .refine((units) => units <= STOCK_UNITS_MAX, { message: `must be at most ${STOCK_UNITS_MAX}` }),
  location: z.string().trim().max(40).default(""),
});

/** Runs `stoa stock`. Answers the exit code: 0, 1 when a line was left out, 2 for arguments that are wrong. */
export async function runStock(args: readonly string[], deps: StockCommandDeps): Promise<number> {
  const { output } = deps;
  const command = readArguments(args);
  if (typeof command === "string") {
    output.write(command === "" ? USAGE : `${command}\n\n${USAGE}`);
    return command === "" ? 0 : 2;
  }
  if (!(await Bun.file(command.file).exists())) {
    output.write(`There is no file ${command.file}.\n`);
    return 1;
  }
  const result = await feed(command, deps);
  const shown = result.issues.slice(0, ISSUES_SHOWN_MAX).map((issue) => `  ${issue}\n`);
  const more = result.issues.length - shown.length;
  output.write(command.dryRun ? "Checked; nothing was written.\n" : "Done.\n");
  output.write(
    table([
      ["lines", result.lines],
      ["levels as counted", result.applied],
      ["left out", result.issues.length],
    ]),
  );
  if (shown.length > 0) output.write(`\nLeft out:\n${shown.join("")}${more > 0 ? `  … and ${more} more\n` : ""}`);
  return result.issues.length > 0 ? 1 : 0;
}

interface StockCommand {
  readonly file: string;
  readonly dryRun: boolean;
}

/** The command, "" when help is asked for, or a sentence that says what is wrong. */
function readArguments(args: readonly string[]): StockCommand | string {
  try {
    const options = { "dry-run": { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (values.help) return "";
    const [file, ...others] = positionals;
    if (!file || others.length > 0) return "Name one file.";
    return { file, dryRun: values["dry-run"] ?? false };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface FeedResult {
  readonly lines: number;
  readonly applied: number;
  readonly issues: readonly string[];
}

async function feed({ file, dryRun }: StockCommand, deps: StockCommandDeps): Promise<FeedResult> {
  const progress = new ProgressLine(deps.output, () => deps.clock.now());
  const issues: string[] = [];
  let batch: StockLevelLine[] = [];
  let lines = 0;
  let applied = 0;
  const flush = async () => {
    if (batch.length > 0 && !dryRun) {
      const { applied: done, refused } = await deps.setStock(batch);
      applied += done;
      for (const { sku, locationCode, reason } of refused) {
        issues.push(`${sku}${locationCode ? ` at ${locationCode}` : ""}: ${stockRefusals[reason]}`);
      }
    }
    batch = [];
    progress.show(`${lines} lines, ${issues.length} left out`);
  };
  for await (const { line, record } of recordsOf(file)) {
    lines += 1;
    const row = rowSchema.safeParse(record);
    if (row.success) {
      const { sku, on_hand: onHand, location } = row.data;
      batch.push({ sku, onHand, ...(location !== "" && { locationCode: location }) });
    } else {
      const [issue] = row.error.issues;
      issues.push(`line ${line}: ${issue?.path.join(".")} ${issue?.message}`);
    }
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  if (!dryRun) await deps.shown?.();
  progress.end();
  return { lines, applied, issues };
}

const columnsNeeded = ["sku", "on_hand"];

/**
 * Rows of a CSV file by their headings, with the line on which each ends.
 * @throws RangeError for a file without the columns that every line needs
 */
async function* recordsOf(file: string): AsyncIterable<{ readonly line: number; readonly record: unknown }> {
  let lacking = columnsNeeded;
  const requireColumns = () => {
    if (lacking.length > 0) throw new RangeError(`the file has no column ${lacking.join(", ")}`);
  };
  const parser = createReadStream(file).pipe(
    parse({
      bom: true,
      columns: (headings: string[]) => {
        const names = headings.map((heading) => heading.trim().toLowerCase());
        lacking = columnsNeeded.filter((name) => !names.includes(name));
        return names;
      },
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: RECORD_BYTES_MAX,
      info: true,
    }),
  );
  for await (const { record, info } of parser as AsyncIterable<{ record: unknown; info: { lines: number } }>) {
    requireColumns();
    yield { line: info.lines, record };
  }
  requireColumns();
}
