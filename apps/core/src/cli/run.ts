import { systemClock } from "@stoa/kernel";
import { ConfigError, createLogger, noMetrics } from "@stoa/runtime";
import { type Composition, compose } from "../compose.ts";
import { type CoreConfig, readConfig } from "../config.ts";
import { createFindTargets } from "../find-targets.ts";
import { readFields } from "../platform/custom-fields/index.ts";
import { migrateDatabase } from "../platform/db/index.ts";
import { readSetting, shopSetting } from "../platform/settings/index.ts";
import { ensureCatalogIndexes } from "../services/catalog/index.ts";
import { setImportedStock, setStock } from "../set-stock.ts";
import { runDoctor } from "./doctor.ts";
import { runExport } from "./export.ts";
import { runImport } from "./import.ts";
import { terminal } from "./output.ts";
import { runRebuild } from "./rebuild.ts";
import { runReconcile } from "./reconcile.ts";
import { runStaff } from "./staff.ts";
import { runStock } from "./stock.ts";

const USAGE = `Usage: stoa <command> [options]

Commands:
  import <file>   bring products from a JSONL or CSV file into the catalog
  export <file>   write the catalog into a JSONL or CSV file that import takes back
  stock <file>    set units on hand from a CSV file
  rebuild         write every read model anew, while the shop is open
  reconcile       compare the books with the payment providers' own
  staff           let a person into the dashboard, or back into it without their second factor
  doctor          look for what is misconfigured or not well

  stoa <command> --help tells about each.
`;

type Command = (args: readonly string[], shop: CommandShop) => Promise<number>;

interface CommandShop {
  readonly config: CoreConfig;
  readonly composition: Composition;
  readonly signal: AbortSignal;
}

const commands: Readonly<Record<string, Command>> = {
  import: async (args, { composition, signal }) => {
    const { db, catalog, projections } = composition;
    const { locale } = await readSetting(db, shopSetting);
    return runImport(args, {
      catalog,
      clock: systemClock,
      changed: projections.catalogChanged,
      readFields: (entity) => readFields(db, entity),
      targets: (ids) => createFindTargets(catalog)(db, ids),
      locale,
      files: composition.files,
      output: terminal,
      signal,
      setStock: (lines) => setImportedStock(composition, lines),
      shown: () => shown(composition),
    });
  },
  export: (args, { composition: { db, catalog }, signal }) =>
    runExport(args, {
      catalog,
      readFields: (entity) => readFields(db, entity),
      clock: systemClock,
      output: terminal,
      signal,
      shop: () => readSetting(db, shopSetting),
    }),
  stock: (args, { composition }) =>
    runStock(args, {
      clock: systemClock,
      output: terminal,
      setStock: (lines) => setStock(composition, lines, "feed"),
      shown: () => shown(composition),
    }),
  rebuild: (args, { composition: { projections }, signal }) =>
    runRebuild(args, { projections, clock: systemClock, output: terminal, signal }),
  reconcile: (args, { composition: { payments } }) =>
    runReconcile(args, { payments, clock: systemClock, output: terminal }),
  staff: (args, { composition }) => runStaff(args, { ...composition, clock: systemClock, output: terminal }),
  doctor: (args, { config, composition }) =>
    runDoctor(args, { config, composition, clock: systemClock, output: terminal }),
};

/** Until the read models hold what was written: this process alone sees to it, as no server may be running. */
async function shown({ projections, relay }: Composition): Promise<void> {
  await projections.idle();
  await relay.idle();
}

/** The operator's command line. Answers the exit code: 0, 1 when it could not be done, 2 for arguments that are wrong. */
async function main(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    terminal.write(USAGE);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    terminal.write(`There is no command ${name}.\n\n${USAGE}`);
    return 2;
  }
  const config = readConfig();
  // Lines for machines would stand between those for people: only what went wrong is logged.
  const logger = createLogger({ name: "stoa", level: "error" });
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort());
  await using composition = await compose({ config, clock: systemClock, logger, metrics: noMetrics });
  if (!args.includes("--help") && !args.includes("-h") && name !== "doctor") {
    await migrateDatabase(config.DATABASE_URL);
    await ensureCatalogIndexes(composition.catalog);
  }
  // Awaited here, because the clients are closed when this function ends.
  return await command(args, { config, composition, signal: stopping.signal });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  terminal.write(`${error instanceof ConfigError ? error.message : explain(error)}\n`);
  process.exitCode = 1;
}
process.exit();

function explain(error: unknown): string {
  if (error instanceof DOMException && error.name === "AbortError") return "Stopped.";
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
