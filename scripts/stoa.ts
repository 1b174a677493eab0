import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { installIfNeeded } from "./install.ts";

// `npm run stoa -- <command>`: the operator's command line. Against the databases that the environment names; else against the
// shop that `npm start` runs here; else it starts that shop's services for as long as the command takes.

const root = resolve(import.meta.dir, "..");
await installIfNeeded();
const { ENVIRONMENT_FILE, readStackConfig, StartError, startStack } = await import("@stoa/devstack");

type Settings = Readonly<Record<string, string | undefined>>;

/** Runs the command where it was given, which npm tells: paths are meant from there. Those of the settings are meant from the root. */
async function run(dataDir: string, env: Settings): Promise<number> {
  const command = Bun.spawn(
    [process.execPath, "--no-env-file", resolve(root, "apps/core/src/cli/run.ts"), ...process.argv.slice(2)],
    {
      cwd: process.env.INIT_CWD ?? process.cwd(),
      env: { ...env, MEDIA_DIR: resolve(root, env.MEDIA_DIR || `${dataDir}/media`) },
      stdio: ["inherit", "inherit", "inherit"],
    },
  );
  // Ctrl-C reaches the command too; it decides how to stop.
  process.on("SIGINT", () => undefined);
  return command.exited;
}

async function main(): Promise<number> {
  const dataDir = resolve(root, readStackConfig().DATA_DIR);
  const file = resolve(dataDir, ENVIRONMENT_FILE);
  const started: Settings = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const { DATABASE_URL: hosted } = process.env;
  // What else a shop on that database needs may be local to the one that was started here.
  if (hosted)
    return run(dataDir, started.DATABASE_URL === hosted ? { ...started, ...given(process.env) } : process.env);
  try {
    await using stack = await startStack({ dataDir, env: process.env, apps: [] });
    return await run(dataDir, { ...process.env, ...stack.env });
  } catch (error) {
    // The folder is held by a shop that runs: its environment lies in the folder.
    if (!(error instanceof StartError) || !existsSync(file)) throw error;
    return run(dataDir, { ...process.env, ...started });
  }
}

/** An empty variable counts as absent. */
function given(env: Settings): Settings {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  process.exit(1);
}
