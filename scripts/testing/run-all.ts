import { resolve } from "node:path";
import { startStack } from "@stoa/devstack";
import { verify } from "../verify.ts";
import { findBrowser } from "./find-browser.ts";
import { runGroup, type TestGroup } from "./run-group.ts";
import { sum, type Tally } from "./tally.ts";

/** Only what hangs is to fail by it: two groups share the machine, and each test brings up a database of its own. */
const TEST_TIMEOUT_MS = 60_000;

const root = resolve(import.meta.dir, "../..");

/** Runs the parts that were asked for, one after another. */
export async function runAll(parts: ReadonlySet<string>): Promise<Tally> {
  const tallies: Tally[] = [];
  if (parts.has("verify")) tallies.push(await verify());
  if (parts.has("unit")) tallies.push(await unitAndIntegration());
  if (parts.has("e2e")) tallies.push(await endToEnd());
  return sum(tallies);
}

/** Everything beside the code, against the embedded services: started once, each test with data of its own. */
async function unitAndIntegration(): Promise<Tally> {
  await using stack = await startStack({
    apps: [],
    dataDir: null,
    onUnexpectedExit: (name, logs) => console.error(`${name} ended in the middle of the tests:\n${logs}`),
  });
  const { env: services } = stack;
  const named = (name: string) => services[name] ?? "";
  const env = {
    NODE_ENV: "test",
    TEST_DATABASE_URL: named("DATABASE_URL"),
    TEST_REDIS_URL: named("REDIS_URL"),
    TEST_MONGODB_URL: named("MONGODB_URL"),
    TEST_TYPESENSE_URL: named("TYPESENSE_URL"),
    TEST_TYPESENSE_API_KEY: named("TYPESENSE_API_KEY"),
  };
  const bunTest = (name: string, ...folders: string[]): TestGroup => ({
    name,
    cwd: root,
    env,
    command: (file) => [
      "bun",
      "test",
      `--timeout=${TEST_TIMEOUT_MS}`,
      "--reporter=junit",
      `--reporter-outfile=${file}`,
      ...folders,
    ],
  });
  // The dashboard's tests live in a DOM of their own, set up by the folder's bunfig.
  const adminWeb = { ...bunTest("admin-web"), cwd: resolve(root, "apps/admin-web") };
  const groups = [
    bunTest("core", "apps/core/"),
    bunTest("devstack", "packages/devstack/"),
    bunTest("edge and contract", "apps/edge/", "tests/contract/"),
    bunTest(
      "packages and scripts",
      "packages/kernel/",
      "packages/read-models/",
      "packages/runtime/",
      "packages/contract/",
      "scripts/",
    ),
    adminWeb,
    bunTest("faults and load", "tests/faults/", "tests/load/"),
  ];
  // Awaited here, because the services end with this function.
  return await inParallel(groups, 2);
}

async function inParallel(groups: TestGroup[], lanes: number): Promise<Tally> {
  const tallies: Tally[] = [];
  const lane = async () => {
    for (let group = groups.shift(); group; group = groups.shift()) tallies.push(await runGroup(group));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return sum(tallies);
}

/** The whole shop as `npm start` runs it, with the demo shop in it, and a real browser before it. */
async function endToEnd(): Promise<Tally> {
  const browser = await findBrowser(resolve(root, "tests"));
  return runGroup({
    name: "end to end",
    cwd: resolve(root, "tests"),
    env: browser === null ? {} : { CHROMIUM_PATH: browser },
    command: (file) => ["bun", "e2e/run.ts", file],
  });
}
