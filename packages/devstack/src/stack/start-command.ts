import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { ConfigError } from "@stoa/runtime";
import { type Environment, readStackConfig } from "../config.ts";
import { buildAdminIfStale } from "./admin-build.ts";
import { type DemoShop, requireWholeShop, type Seed, seedOnce } from "./demo-shop.ts";
import { type Stack, startStack } from "./index.ts";
import { startReport } from "./report.ts";
import { lastLines } from "./service-host.ts";
import { StartError } from "./start-error.ts";

const ROOT = resolve(import.meta.dir, "../../../..");
const SEED = join(ROOT, "packages/devstack/src/seed/index.ts");
const LAST_LINES = 12;
/** Decides only what a rule with a chance strikes; the same at each start, so that what was seen is seen again. */
const FAULT_SEED = 1;

export interface StartCommand {
  /** At the first start, make a shop without products. */
  readonly empty: boolean;
  /** The payment stand-ins take fault rules over HTTP, as docs/guide/payment-stand-ins.md lists them. */
  readonly faults: boolean;
  readonly env: Environment;
}

/** Starts everything, prints where it is and stops it at a signal. What stands in the way is told in a sentence, with exit code 1. */
export async function startCommand(command: StartCommand): Promise<void> {
  try {
    await run(command);
  } catch (error) {
    const expected = error instanceof StartError || error instanceof ConfigError;
    console.error(expected ? `\n${error.message}` : error);
    process.exit(1);
  }
}

async function run({ empty, faults, env }: StartCommand): Promise<void> {
  const progress = (line: string) => console.log(`${line} …`);
  const dataDir = resolve(ROOT, readStackConfig(env).DATA_DIR);
  requireWholeShop(dataDir);
  await buildAdminIfStale(progress);
  let stack: Stack | null = null;
  const stop = stopOnSignals(() => stack);
  stack = await startStack({
    dataDir,
    env,
    ...(faults ? { faults: { seed: FAULT_SEED } } : {}),
    onProgress: progress,
    onUnexpectedExit: (name, logs) => {
      console.error(`\n${name} ended although nobody stopped it: ${lastLines(logs, LAST_LINES)}`);
      stop(1);
    },
  });
  const running = stack;
  const shop = await seed(running, { empty, progress }).catch(async (error: unknown) => {
    await running.stop();
    throw error;
  });
  console.log(startReport(running, shop, { faults }));
}

async function seed(stack: Stack, input: { empty: boolean; progress: (line: string) => void }): Promise<DemoShop> {
  if (!existsSync(SEED)) return { signIns: [], sampleSku: null };
  const { seedDemoShop }: { seedDemoShop: Seed } = await import(SEED);
  return seedOnce(stack, seedDemoShop, input);
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
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  return begin;
}
