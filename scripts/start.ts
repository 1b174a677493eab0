import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { installIfNeeded } from "./install.ts";

// `npm start`: installs what it needs, starts every service and application on this machine, seeds a demo shop the first time.
// May import only node: and bun: modules until the install is done.

const root = resolve(import.meta.dir, "..");

const HELP = `npm start [-- --empty]

Starts the shop with everything behind it on this machine and prints where it is.

  --empty   at the first start, make a shop without products
  --help    this text

Variables: EDGE_PORT (8080), CORE_PORT (4000), ADMIN_PORT (3000), HOST (127.0.0.1), DATA_DIR (.data).
A hosted service is used instead of a local one when its URL is set: DATABASE_URL, MONGODB_URL, REDIS_URL, TYPESENSE_URL,
QSTASH_URL, STRIPE_API_URL, PAYPAL_API_URL. See docs/guide/local-stack.md.`;

type Devstack = typeof import("../packages/devstack/src/index.ts");
type Stack = import("../packages/devstack/src/index.ts").Stack;

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: { help: { type: "boolean", short: "h" }, empty: { type: "boolean" } },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  await installIfNeeded();
  const devstack: Devstack = await import("../packages/devstack/src/index.ts");
  try {
    await run(devstack, values.empty ?? false);
  } catch (error) {
    const expected = error instanceof devstack.StartError || error instanceof devstack.ConfigError;
    console.error(expected ? `\n${error.message}` : error);
    process.exit(1);
  }
}

async function run(devstack: Devstack, empty: boolean): Promise<void> {
  const progress = (line: string) => console.log(`${line} …`);
  const { DATA_DIR } = devstack.readStackConfig();
  const dataDir = resolve(root, DATA_DIR);
  devstack.requireWholeShop(dataDir);
  await devstack.buildAdminIfStale(progress);
  let stack: Stack | null = null;
  const stop = stopOnSignals(() => stack);
  stack = await devstack.startStack({
    dataDir,
    env: process.env,
    onProgress: progress,
    onUnexpectedExit: (name, logs) => {
      console.error(`\n${name} ended although nobody stopped it. Its last lines:\n${lastLines(logs)}`);
      stop(1);
    },
  });
  const shop = await seed(devstack, stack, { empty, progress }).catch(async (error: unknown) => {
    await stack?.stop();
    throw error;
  });
  console.log(devstack.startReport(stack, shop));
}

async function seed(
  devstack: Devstack,
  stack: Stack,
  input: { readonly empty: boolean; readonly progress: (line: string) => void },
): Promise<import("../packages/devstack/src/index.ts").DemoShop> {
  const file = join(root, "packages/devstack/src/seed/index.ts");
  if (!existsSync(file)) return { signIns: [], sampleSku: null };
  const { seedDemoShop }: { seedDemoShop: import("../packages/devstack/src/index.ts").Seed } = await import(file);
  return devstack.seedOnce(stack, seedDemoShop, input);
}

/** The first signal stops everything in order; the second one ends us at once, and the processes we started with us. */
function stopOnSignals(current: () => Stack | null): (exitCode: number) => void {
  let begun = false;
  const begin = (exitCode: number) => {
    begun = true;
    const stack = current();
    // A start that is under way has nobody to say goodbye to: what it started ends with us, and all of it survives that.
    if (stack === null) process.exit(130);
    stack.stop().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  const onSignal = () => {
    if (begun) process.kill(process.pid, "SIGKILL");
    console.log("\nStopping … (once more to stop at once)");
    begin(0);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("SIGHUP", onSignal);
  return begin;
}

function lastLines(log: string): string {
  return log
    .trimEnd()
    .split("\n")
    .slice(-12)
    .map((line) => `  ${line}`)
    .join("\n");
}

await main();
