import type { TcpMode, TcpProxy } from "@stoa/devstack/tcp-proxy";
import { openStores, verify } from "@stoa/verifier";
import { unfinished } from "../explorer/book-keeping.ts";
import type { SeedReport } from "../explorer/postgres-level.ts";
import { Stream } from "../explorer/random.ts";
import { buy, firstShippingMethod } from "./buy.ts";
import { openProcessShop, type ProcessShop, SKU } from "./shop.ts";

/** Where a core can be told to die: before, between and behind each commit and call of a checkout, and of its way back. */
const GATES = [
  "place-order:calling:payment",
  "place-order:answered:payment",
  "place-order:committed:captured",
  "place-order:calling:captured",
  "place-order:answered:captured",
  "place-order:committed:end",
  "place-order:committed:accepted",
  "outbox:queue:forwarded",
  "outbox:projection:forwarded",
] as const;
/** What goes wrong beside a core that dies. */
const TROUBLES = [
  "none",
  "Stripe's answer is cut",
  "Stripe is slow",
  "Stripe is silent",
  "Postgres is cut off",
  "Postgres is slow",
  "Postgres restarts",
  "Redis is away",
  "Redis is emptied",
  "MongoDB is away",
  "core is told to leave",
] as const;
type Trouble = (typeof TROUBLES)[number];
const CARDS = ["pm_card_visa", "pm_card_visa", "pm_card_visa_chargeDeclined"] as const;

const SHOPPERS = 3;
/** Longer than a lease of a saga: who comes back finds the dead one's work free. */
const AHEAD_MS = 46_000;
const WHOLE_MS = 60_000;
const LOOK_MS = 100;
const TROUBLE_MS = 1_500;

/** Runs seeds on one shop of real processes, one after another: checkouts through edge, a core that dies, and a trouble beside it. */
export async function exploreProcesses(seeds: Iterable<number>, told: (report: SeedReport) => void): Promise<void> {
  await using shop = await openProcessShop();
  const shippingMethod = await firstShippingMethod(shop.edgeUrl, SKU);
  for (const seed of seeds) told(await runSeed(shop, shippingMethod, seed));
}

async function runSeed(shop: ProcessShop, shippingMethod: string, seed: number): Promise<SeedReport> {
  const stream = new Stream(seed, "process");
  const gate = stream.pick(GATES);
  const pass = stream.between(1, 3);
  // One after another, so that a few seeds see all of them.
  const trouble = TROUBLES[seed % TROUBLES.length] ?? "none";
  const trace = [`core dies at pass ${pass} of ${gate}; trouble: ${trouble}`];
  const breaches: string[] = [];
  const { stack, obey } = shop;
  await obey({ gate, pass, aheadMs: 0 });
  await stack.app("core").restart();
  const pid = stack.app("core").pid;
  const guard = keepUp(shop, () => void trace.push("core died and came back"));
  const troubled = makeTrouble(shop, trouble);
  const shoppers = Array.from({ length: SHOPPERS }, () =>
    buy(shop.edgeUrl, { sku: SKU, shippingMethod, paymentMethod: stream.pick(CARDS) }),
  );
  for (const outcome of await Promise.all(shoppers)) trace.push(outcome);
  await troubled;
  // A gate that these shoppers never came to: the core that waits for it must not die in the next seed.
  await guard.stop();
  await obey({ gate: null, pass: 1, aheadMs: AHEAD_MS });
  await stack.app("core").restart();
  breaches.push(...(await untilWhole(shop)));
  await using stores = await openStores(shop.storeUrls);
  const reports = await verify(stores, {
    mode: "settled",
    now: new Date(Date.now() + AHEAD_MS),
    rebuild: shop.rebuild,
  });
  for (const { number, verdict, breaches: found } of reports) {
    if (verdict === "broken") breaches.push(...found.map((breach) => `invariant ${number}: ${breach}`));
  }
  breaches.push(...trace.filter((line) => line.startsWith("no answer")));
  const kills = pid === 0 ? 0 : trace.filter((line) => line.startsWith("core died")).length;
  return { seed, breaches, trace, kills, steps: SHOPPERS };
}

/** Starts core again whenever it has died, without what kills it and with its clock past the dead one's leases. */
function keepUp({ stack, obey }: ProcessShop, died: () => void) {
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      await Bun.sleep(LOOK_MS);
      if (isAlive(stack.app("core").pid)) continue;
      died();
      await obey({ gate: null, pass: 1, aheadMs: AHEAD_MS });
      // Told to leave before it listens for that, a core that has just begun is gone without a word; it is begun once more.
      await stack
        .app("core")
        .restart()
        .catch(() => stack.app("core").restart());
    }
  })();
  return {
    async stop() {
      isOver = true;
      await watching;
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Begins at once; settles when it is over. */
async function makeTrouble(shop: ProcessShop, trouble: Trouble): Promise<void> {
  const { stack, toDatabase, toMongodb, toRedis, toStripe } = shop;
  const forAWhile = async (proxy: TcpProxy, mode: TcpMode) => {
    proxy.setMode(mode);
    await Bun.sleep(TROUBLE_MS);
    proxy.setMode({ kind: "pass" });
  };
  const away = async (proxy: TcpProxy) => {
    proxy.cutAll();
    await forAWhile(proxy, { kind: "refuse" });
  };
  switch (trouble) {
    case "none":
      return;
    case "Stripe's answer is cut":
      return forAWhile(toStripe, { kind: "cut", afterBytes: 0 });
    case "Stripe is slow":
      return forAWhile(toStripe, { kind: "delay", delayMs: 200 });
    case "Stripe is silent":
      return forAWhile(toStripe, { kind: "blackHole" });
    case "Postgres is cut off":
      return toDatabase.cutAll();
    case "Postgres is slow":
      return forAWhile(toDatabase, { kind: "delay", delayMs: 5 });
    case "Redis is away":
      return away(toRedis);
    case "MongoDB is away":
      return away(toMongodb);
  }
  await Bun.sleep(TROUBLE_MS / 5);
  if (trouble === "Postgres restarts") await shop.restartDatabase();
  else if (trouble === "Redis is emptied") await shop.emptyRedis();
  else await stack.app("core").kill("SIGTERM");
}

/** Waits until nothing is on its way; says what still is after a while. */
export async function untilWhole({ sql, hasReadModels }: ProcessShop): Promise<string[]> {
  const until = Date.now() + WHOLE_MS;
  for (;;) {
    const left = await unfinished(sql);
    const hasAll = await hasReadModels();
    if (hasAll && left.orders + left.sagas + left.messages === 0) return [];
    if (Date.now() > until) {
      const wanted = JSON.stringify({ ...left, hasReadModels: hasAll });
      return [`not whole ${WHOLE_MS / 1_000} s after the faults' end: ${wanted}`];
    }
    await Bun.sleep(LOOK_MS);
  }
}
