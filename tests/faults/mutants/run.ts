import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { startStack } from "@stoa/devstack";
import type { Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";

// `bun run mutants`: makes one mistake after another and sees whether anybody notices.

const USAGE = `Usage: bun run mutants [--only <name>] [--seeds <n>]

Loads the shop with one mistake at a time and runs the tests that have to notice, then the explorer, until one does.

Options:
  --only <name>   this mutant alone; may be given often
  --seeds <n>     how many seeds the explorer may take (1000)
  --explore       ask the explorer only, not the named tests
  --table <file>  write what came of it as a table in Markdown
  --help          show this text
`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    seeds: { type: "string", default: "1000" },
    explore: { type: "boolean" },
    table: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const root = resolve(import.meta.dir, "../../..");
const preload = ["--preload", resolve(import.meta.dir, "plugin.ts")];
const LOG_LENGTH = 2_000;
const RUN_MS_MAX = 60 * 60 * 1_000;

interface Outcome {
  readonly mutant: Mutant;
  /** Who noticed; null when nobody did. */
  readonly by: string | null;
  readonly seconds: number;
}

await using stack = process.env.TEST_DATABASE_URL ? null : await startStack({ apps: [], dataDir: null });
const services = stack
  ? {
      TEST_DATABASE_URL: stack.env.DATABASE_URL,
      TEST_REDIS_URL: stack.env.REDIS_URL,
      TEST_MONGODB_URL: stack.env.MONGODB_URL,
      TEST_TYPESENSE_URL: stack.env.TYPESENSE_URL,
      TEST_TYPESENSE_API_KEY: stack.env.TYPESENSE_API_KEY,
    }
  : {};
const chosen = mutants.filter(({ name }) => !values.only || values.only.includes(name));
const outcomes: Outcome[] = [];
for (const mutant of chosen) {
  const startedAt = performance.now();
  const by = await noticed(mutant);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  outcomes.push({ mutant, by, seconds });
  const sign = by !== null ? "killed" : mutant.equivalent ? "equal " : "ALIVE ";
  console.log(`${sign} ${mutant.name} (${seconds} s)${by === null ? "" : ` by ${by}`}`);
}
const counted = outcomes.filter(({ mutant }) => !mutant.equivalent);
const alive = counted.filter(({ by }) => by === null);
console.log(
  `${counted.length - alive.length} of ${counted.length} mutants killed, ${outcomes.length - counted.length} equivalent`,
);
if (values.table) await Bun.write(values.table, table(outcomes));
process.exitCode = alive.length === 0 && outcomes.length > 0 ? 0 : 1;

/** The first test that fails, or the first seed. */
async function noticed(mutant: Mutant): Promise<string | null> {
  if (mutant.tests && !values.explore) {
    const { exitCode, output } = await run(mutant, ["test", ...preload, "--timeout", "60000", ...mutant.tests]);
    if (exitCode !== 0) return /^\(fail\) (.*?)(?: \[[\d.]+ms\])?$/m.exec(output)?.[1] ?? notRun(mutant, output);
  }
  const url = process.env.TEST_DATABASE_URL ?? services.TEST_DATABASE_URL ?? "";
  const explorer = ["tests/faults/run.ts", "--seeds", values.seeds, "--stop", "--database-url", url];
  const { exitCode, output } = await run(mutant, [...preload, ...explorer]);
  if (exitCode === 0) return null;
  return /^seed \d+ fails:\n.*$/m.exec(output)?.[0].replace(/\s+/g, " ") ?? notRun(mutant, output);
}

/** A mutant that does not even load proves nothing about the tests. */
function notRun({ name }: Mutant, output: string): null {
  console.log(`${name} could not run:\n${output.slice(-LOG_LENGTH)}`);
  return null;
}

async function run(mutant: Mutant, command: readonly string[]) {
  const child = Bun.spawn([process.execPath, ...command], {
    cwd: root,
    env: { ...process.env, ...services, NODE_ENV: "test", MUTANT: mutant.name },
    stdout: "pipe",
    stderr: "pipe",
    timeout: RUN_MS_MAX,
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, output: `${stdout}\n${stderr}` };
}

function table(all: readonly Outcome[]): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const rows = all.map(
    ({ mutant, by }) =>
      `| \`${mutant.name}\` | ${cell(mutant.what)} | ${by === null ? `nobody${mutant.equivalent ? `: ${mutant.equivalent}` : ""}` : cell(by)} |`,
  );
  return ["| mutant | what it would do | noticed by |", "| --- | --- | --- |", ...rows, ""].join("\n");
}
