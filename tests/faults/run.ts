import { parseArgs } from "node:util";
import { startStack } from "@stoa/devstack";
import { exploreOnPostgres, type SeedReport } from "./explorer/postgres-level.ts";
import { exploreInMemory } from "./memory/memory-level.ts";
import { exploreProcesses } from "./process/process-level.ts";

// `bun run faults --seeds N --from S`: explores checkouts under faults, a seed after another, and says how to replay what fails.

const USAGE = `Usage: bun run faults [--seeds <n>] [--from <seed>] [--level <level>]

Explores checkouts while everything around them fails, each seed in its own way and always in the same one.

Options:
  --seeds <n>            how many seeds (100)
  --from <seed>          the first one (1)
  --level <level>        postgres (as it is without): core's own code on a real Postgres, every step chosen by the seed
                         memory: the engine's own decisions over a database of the mind, hundreds of seeds a second
                         process: real processes, core killed at a named gate, a bad network between
  --database-url <url>   a superuser on a server for scratch databases; without it one is started
  --stop                 end with the first seed that fails
  --trace                print every step of every seed
  --help                 show this text
`;

const text = { type: "string" } as const;
const { values } = parseArgs({
  options: {
    seeds: { ...text, default: "100" },
    from: { ...text, default: "1" },
    level: { ...text, default: "postgres" },
    "database-url": text,
    trace: { type: "boolean" },
    stop: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  },
});
const levels = ["memory", "postgres", "process"];
const count = Number(values.seeds);
const from = Number(values.from);
if (values.help || !Number.isSafeInteger(count) || !Number.isSafeInteger(from) || !levels.includes(values.level)) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}

const startedAt = performance.now();
const failed: number[] = [];
let kills = 0;
let steps = 0;
const told = (report: SeedReport) => {
  kills += report.kills;
  steps += report.steps;
  if (values.trace) console.log(report.trace.join("\n"));
  if (report.breaches.length === 0) return;
  failed.push(report.seed);
  console.log(`seed ${report.seed} fails:\n${report.breaches.map((breach) => `  ${breach}`).join("\n")}`);
  console.log(`  replay: bun run faults --level ${values.level} --seeds 1 --from ${report.seed} --trace`);
};
function* seeds(): Generator<number> {
  for (let seed = from; seed < from + count; seed += 1) {
    if (values.stop && failed.length > 0) return;
    yield seed;
  }
}
if (values.level === "memory") await exploreInMemory(seeds(), told);
else if (values.level === "process") await exploreProcesses(seeds(), told);
else await onPostgres();
const seconds = (performance.now() - startedAt) / 1_000;
console.log(`${count} seeds, ${failed.length} failed; ${steps} steps, ${kills} kills, ${seconds.toFixed(1)} s`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function onPostgres(): Promise<void> {
  const named = values["database-url"];
  await using stack = named ? null : await startStack({ apps: [], dataDir: null, services: ["postgres"] });
  await exploreOnPostgres(named ?? stack?.env.DATABASE_URL ?? "", seeds(), told);
}
