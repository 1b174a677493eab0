import { openStores, verify } from "@stoa/verifier";
import { unfinished } from "../explorer/book-keeping.ts";
import type { SeedReport } from "../explorer/postgres-level.ts";
import { Stream } from "../explorer/random.ts";
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
const NETWORKS = [
  "none",
  "none",
  "cut Stripe's answer",
  "slow Stripe",
  "silent Stripe",
  "cut Postgres",
  "slow Postgres",
] as const;
const CARDS = ["pm_card_visa", "pm_card_visa", "pm_card_visa_chargeDeclined"] as const;

const SHOPPERS = 3;
/** Longer than a lease of a saga: who comes back finds the dead one's work free. */
const AHEAD_MS = 46_000;
const WHOLE_MS = 60_000;
const LOOK_MS = 100;
const TRIES_MAX = 60;
const BAD_NETWORK_MS = 1_500;

const address = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };

/** Runs seeds on one shop of real processes, one after another: checkouts through edge, a core that dies, a network that fails. */
export async function exploreProcesses(seeds: Iterable<number>, told: (report: SeedReport) => void): Promise<void> {
  await using shop = await openProcessShop();
  const shippingMethod = await firstShippingMethod(shop.edgeUrl);
  for (const seed of seeds) told(await runSeed(shop, shippingMethod, seed));
}

async function runSeed(shop: ProcessShop, shippingMethod: string, seed: number): Promise<SeedReport> {
  const stream = new Stream(seed, "process");
  const gate = stream.pick(GATES);
  const pass = stream.between(1, 3);
  const network = stream.pick(NETWORKS);
  const trace = [`core dies at pass ${pass} of ${gate}; network: ${network}`];
  const breaches: string[] = [];
  const { stack, obey } = shop;
  await obey({ gate, pass, aheadMs: 0 });
  await stack.app("core").restart();
  const pid = stack.app("core").pid;
  const guard = keepUp(shop, () => void trace.push("core died and came back"));
  setNetwork(shop, network);
  const calm = setTimeout(() => setNetwork(shop, "none"), BAD_NETWORK_MS);
  const shoppers = Array.from({ length: SHOPPERS }, () => buy(shop.edgeUrl, shippingMethod, stream.pick(CARDS)));
  for (const outcome of await Promise.all(shoppers)) trace.push(outcome);
  clearTimeout(calm);
  setNetwork(shop, "none");
  // A gate that these shoppers never came to: the core that waits for it must not die in the next seed.
  await guard.stop();
  await obey({ gate: null, pass: 1, aheadMs: AHEAD_MS });
  await stack.app("core").restart();
  breaches.push(...(await untilWhole(shop)));
  await using stores = await openStores({ databaseUrl: shop.databaseUrl, stripeUrl: shop.stripe.url });
  const reports = await verify(stores, { mode: "settled", now: new Date(Date.now() + AHEAD_MS) });
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
      await stack.app("core").restart();
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

function setNetwork({ toDatabase, toStripe }: ProcessShop, network: (typeof NETWORKS)[number]): void {
  toStripe.setMode(
    network === "cut Stripe's answer"
      ? { kind: "cut", afterBytes: 0 }
      : network === "slow Stripe"
        ? { kind: "delay", delayMs: 200 }
        : network === "silent Stripe"
          ? { kind: "blackHole" }
          : { kind: "pass" },
  );
  toDatabase.setMode(network === "slow Postgres" ? { kind: "delay", delayMs: 5 } : { kind: "pass" });
  if (network === "cut Postgres") toDatabase.cutAll();
}

/** A shopper who asks again with the same key until there is an answer. */
async function buy(edgeUrl: string, shippingMethod: string, paymentMethod: string): Promise<string> {
  const cart = await ask(edgeUrl, "/v1/carts", { items: [{ sku: SKU, quantity: 1 }] });
  if (cart.status !== 201) return `no answer: a cart was answered ${cart.status}`;
  const answer = await ask(edgeUrl, `/v1/carts/${cart.body.id}/checkout`, {
    email: "ada@example.com",
    shippingAddress: address,
    shippingMethod,
    payment: { provider: "stripe", paymentMethod },
  });
  return answer.status === 0
    ? "no answer to a checkout"
    : `${paymentMethod}: ${answer.status} ${answer.body.state ?? answer.body.code}`;
}

interface Answer {
  readonly status: number;
  readonly body: { readonly id?: string; readonly state?: string; readonly code?: string };
}

async function ask(edgeUrl: string, path: string, body: unknown): Promise<Answer> {
  const key = crypto.randomUUID();
  for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
    try {
      const response = await fetch(edgeUrl + path, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": key },
        body: JSON.stringify(body),
      });
      const answered = (await response.json()) as Answer["body"];
      const isFinal = response.status < 500 && answered.code !== "request_in_progress";
      if (isFinal) return { status: response.status, body: answered };
    } catch {
      // The connection was lost; the key makes asking again harmless.
    }
    await Bun.sleep(LOOK_MS * 3);
  }
  return { status: 0, body: {} };
}

async function firstShippingMethod(edgeUrl: string): Promise<string> {
  const cart = await ask(edgeUrl, "/v1/carts", { items: [{ sku: SKU, quantity: 1 }] });
  const answer = await fetch(`${edgeUrl}/v1/carts/${cart.body.id}/shipping-methods`);
  const { items } = (await answer.json()) as { readonly items: readonly { readonly id: string }[] };
  const id = items[0]?.id;
  if (!id) throw new Error("the shop has no way to ship");
  return id;
}

async function untilWhole({ sql }: ProcessShop): Promise<string[]> {
  const until = Date.now() + WHOLE_MS;
  for (;;) {
    const left = await unfinished(sql);
    if (left.orders + left.sagas + left.messages === 0) return [];
    if (Date.now() > until) return [`not whole ${WHOLE_MS / 1_000} s after the faults' end: ${JSON.stringify(left)}`];
    await Bun.sleep(LOOK_MS);
  }
}
