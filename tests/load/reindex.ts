import { join, resolve } from "node:path";
import { type AppProcess, type Stack, startAppProcess } from "@stoa/devstack";
import { type Staff, signInOwner } from "../contract/shop/people.ts";
import { atRest, slugOf } from "./growth.ts";

const root = resolve(import.meta.dir, "../..");
const ASK_MS = 100;
const CHANGE_MS = 2_000;
const FOUND_MS_MAX = 60_000;
const LOCK_MS = 16_000;
const UNDISTURBED_MS = 30_000;
const LOOK_MS = 20;

/** What was asked while the index was built anew, and what was not as it should be. */
interface Watched {
  answers: number;
  /** Answers with fewer products than there are, and refusals. */
  readonly partial: string[];
  /** From the answer to a change until a search found it. */
  readonly foundMs: number[];
  /** Changes that were not made: a database that is asked for everything may be too busy to answer. */
  refused: number;
}

/**
 * Reads and changes a shop, first while it does nothing else, then while all its read models are built anew, twice: the first time that is
 * killed in the middle, the second time it may finish. Lists and searches have to show all products throughout, and a change has to be found.
 */
export async function reindex({ stack, products }: { readonly stack: Stack; readonly products: number }) {
  const { env } = stack;
  await using edge = await startAppProcess({ name: "edge", env: { ...env, CACHE_BYTES: "0" }, until: "/healthz" });
  const owner = await ownerOf(stack);
  await atRest();
  const undisturbed = await watch({ edge, owner, products }, AbortSignal.timeout(UNDISTURBED_MS));
  print("nothing is rebuilt", undisturbed, UNDISTURBED_MS);
  for (const isToBeKilled of [true, false]) {
    const startedAt = performance.now();
    const rebuilding = spawnRebuild(env);
    const watching = new AbortController();
    const watched = watch({ edge, owner, products }, watching.signal);
    if (isToBeKilled) {
      await Promise.race([untilFilling(env), rebuilding.exited]);
      rebuilding.kill("SIGKILL");
    }
    const exitCode = await rebuilding.exited;
    // Until a dead one's lock has lapsed, the next one is told that somebody else is at it.
    if (rebuilding.signalCode !== null) await Bun.sleep(LOCK_MS);
    watching.abort();
    const end = rebuilding.signalCode === null ? "to its end" : "killed while it fills the index";
    print(`rebuild ${end} (exit code ${exitCode})`, await watched, performance.now() - startedAt);
  }
}

function spawnRebuild(env: Stack["env"]) {
  const command = [process.execPath, "apps/core/src/cli/run.ts", "rebuild"];
  return Bun.spawn(command, { cwd: root, env, stdout: "ignore", stderr: "inherit" });
}

/** Resolves once a second collection has some of the products: what the rebuild says of itself comes too seldom for a small shop. */
async function untilFilling(env: Stack["env"]): Promise<void> {
  const headers = { "x-typesense-api-key": env.TYPESENSE_API_KEY ?? "" };
  for (;;) {
    const answer = await fetch(`${env.TYPESENSE_URL}/collections`, { headers });
    const collections = (await answer.json()) as readonly { readonly num_documents: number }[];
    if (collections.filter(({ num_documents }) => num_documents > 0).length > 1) return;
    await Bun.sleep(LOOK_MS);
  }
}

async function ownerOf(stack: Stack): Promise<Staff> {
  const ownerSignIn = { email: `${crypto.randomUUID()}@example.com`, password: crypto.randomUUID() };
  const { email, password } = ownerSignIn;
  const args = ["staff", "add", "--name", "Load", "--email", email, "--role", "owner", "--password", password];
  const command = [process.execPath, join(root, "apps/core/src/cli/run.ts"), ...args];
  const added = Bun.spawnSync(command, { cwd: root, env: stack.env });
  if (added.exitCode !== 0) throw new Error(added.stdout.toString());
  return signInOwner({ stack, ownerSignIn });
}

interface Watching {
  readonly edge: AppProcess;
  readonly owner: Staff;
  readonly products: number;
}

async function watch(watching: Watching, signal: AbortSignal): Promise<Watched> {
  const watched: Watched = { answers: 0, partial: [], foundMs: [], refused: 0 };
  await Promise.all([readOn(watching, watched, signal), changeOn(watching, watched, signal)]);
  return watched;
}

async function readOn({ edge, products }: Watching, watched: Watched, signal: AbortSignal): Promise<void> {
  const expected = { "/v1/products?limit=20": products, "/v1/search?q=lamp&limit=20": Math.ceil(products / 4) };
  while (!signal.aborted) {
    for (const [path, total] of Object.entries(expected)) {
      const answer = await fetch(edge.url + path);
      const page = (await answer.json()) as { readonly total?: number; readonly items?: readonly unknown[] };
      watched.answers += 1;
      if (page.total !== total || page.items?.length !== 20)
        watched.partial.push(`${path}: ${answer.status}, ${page.items?.length} of ${page.total}`);
    }
    await Bun.sleep(ASK_MS);
  }
}

/** Gives one product after another a word that no other has, and looks for it. */
async function changeOn({ edge, owner, products }: Watching, watched: Watched, signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n += 1) {
    const page = await fetch(`${edge.url}/v1/products/${slugOf((n * 977) % products)}`);
    const { id } = (await page.json()) as { readonly id: string };
    const word = `w${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
    try {
      const { version } = await owner.read<{ version: number }>("catalog.products.get", { id });
      const patch = { description: { en: `Now with ${word}.` } };
      await owner("catalog.products.change", { id, version, patch });
    } catch {
      watched.refused += 1;
      continue;
    }
    const changedAt = performance.now();
    while (performance.now() - changedAt < FOUND_MS_MAX) {
      const found = await fetch(`${edge.url}/v1/search?q=${word}&limit=20`);
      const { items } = (await found.json()) as { readonly items?: readonly { readonly id: string }[] };
      if (items?.some((item) => item.id === id)) break;
      await Bun.sleep(20);
    }
    watched.foundMs.push(performance.now() - changedAt);
    await Bun.sleep(CHANGE_MS);
  }
}

function print(name: string, { answers, partial, foundMs, refused }: Watched, tookMs: number): void {
  const sorted = foundMs.toSorted((one, other) => one - other);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
  console.log(`${name}: ${(tookMs / 1_000).toFixed(0)} s`);
  console.log(`  ${answers} lists and searches, ${partial.length} of them not whole ${partial.slice(0, 3).join("; ")}`);
  console.log(
    `  ${sorted.length} changes found after ${at(0.5)} ms, the slowest after ${at(1)} ms; ${refused} were refused`,
  );
}
