import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { installIfNeeded } from "./install.ts";

// `npm run stoa -- <command>`: the operator's command line. Against the databases that the environment names; else against the
// shop that `npm start` runs here; else it starts that shop's services for as long as the command takes.

const root = resolve(import.meta.dir, "..");
await installIfNeeded();
const { ENVIRONMENT_FILE, readStackConfig, StartError, startStack } = await import("@stoa/devstack");

async function run(env: Readonly<Record<string, string | undefined>>): Promise<number> {
  const child = Bun.spawn(["bun", "apps/core/src/cli/run.ts", ...process.argv.slice(2).map(absolute)], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["inherit", "inherit", "inherit"],
  });
  // Ctrl-C reaches the command too; it decides how to stop.
  process.on("SIGINT", () => undefined);
  return child.exited;
}

/** Paths are meant from where the command was given, which npm tells. */
function absolute(argument: string): string {
  const from = process.env.INIT_CWD ?? process.cwd();
  const path = resolve(from, argument);
  return !argument.startsWith("-") && /[./]/.test(argument) && existsSync(path) ? path : argument;
}

async function main(): Promise<number> {
  if (process.env.DATABASE_URL) return run({});
  const dataDir = resolve(root, readStackConfig().DATA_DIR);
  const file = resolve(dataDir, ENVIRONMENT_FILE);
  try {
    await using stack = await startStack({ dataDir, env: process.env, apps: [] });
    return await run(stack.env);
  } catch (error) {
    // The folder is held by a shop that runs: its environment lies in the folder.
    if (!(error instanceof StartError) || !existsSync(file)) throw error;
    return run(JSON.parse(readFileSync(file, "utf8")));
  }
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  process.exit(1);
}
