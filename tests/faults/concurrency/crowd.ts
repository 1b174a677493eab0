import {
  composeExplorable,
  type ExplorableCore,
  type ExplorableShop,
  fillExplorableCart,
  type OutboxRow,
  onOutboxCommit,
  openExplorableShop,
} from "@stoa/core/testing";
import { type CartId, fromUuid, type Instant, type OrderId, toUuid } from "@stoa/kernel";
import { isWhole, openStores, verify } from "@stoa/verifier";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { emptyDatabase, unfinished } from "../explorer/book-keeping.ts";
import { type Laboratory, openLaboratory } from "../explorer/laboratory.ts";

const POOL = 24;
/** Far more than a shop may ask of Stripe: its limit is no part of what is looked at here. */
const REQUESTS_PER_SECOND = 10_000;
const ROUNDS_MAX = 200;

/** A core with real concurrency: nothing is gated, deliveries run at once, time moves only when it is told to. */
export async function openCrowdedShop(name: string) {
  const lab = await openLaboratory(process.env.TEST_DATABASE_URL ?? "", `stoa_crowd_${name}_${process.pid}`);
  return { lab, [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose]() };
}

/** A fresh shop in the same database. */
export async function openCrowd(lab: Laboratory, shop: ExplorableShop) {
  await emptyDatabase(lab.own);
  const provider = await lab.provider();
  const client = postgres(lab.databaseUrl, { max: POOL, onnotice: () => undefined });
  const db = drizzle(client);
  let now = Date.parse("2026-03-01T12:00:00Z");
  const underWay = new Set<Promise<unknown>>();
  const start = (work: () => Promise<unknown>) => {
    const running = work()
      .catch(() => undefined)
      .finally(() => underWay.delete(running));
    underWay.add(running);
  };
  const core: ExplorableCore = composeExplorable({
    db,
    clock: { now: () => now as Instant },
    random: Math.random,
    stripe: { ...provider, requestsPerSecond: REQUESTS_PER_SECOND },
    prices: shop.prices,
    publish: async ({ id, type, key, payload }: OutboxRow) => start(() => core.deliver({ id, type, key, payload })),
    hasRoom: () => Math.random() < 0.5,
    carry: (work) => start(work),
    failed: () => undefined,
  });
  await openExplorableShop(db, now as Instant, shop);
  onOutboxCommit((rows) => start(() => core.relay(rows)));
  const idle = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  return {
    core,
    db,
    provider,
    /** Lets everything come to an end, retries and sweeps included. */
    async settle(): Promise<void> {
      for (let round = 0; round < ROUNDS_MAX; round += 1) {
        await idle();
        for (const sweep of Object.values(core.sweeps)) await sweep.run();
        await idle();
        const left = await unfinished(lab.own);
        if (left.orders + left.sagas + left.messages === 0) return;
        now += 5_000;
      }
      throw new Error(`the shop never came to rest: ${JSON.stringify(await unfinished(lab.own))}`);
    },
    carts: (cart: Parameters<typeof fillExplorableCart>[2], count: number) =>
      manyCarts(lab.own, db, { now, shop, cart, count }),
    /** What the verifier has to say; empty when all is well. */
    async breaches(): Promise<string[]> {
      await using stores = await openStores({ databaseUrl: lab.databaseUrl, stripeUrl: provider.url });
      const reports = await verify(stores, { mode: "settled", now: new Date(now) });
      return isWhole(reports) ? [] : reports.filter((one) => one.verdict === "broken").flatMap((one) => one.breaches);
    },
    async [Symbol.asyncDispose]() {
      await idle();
      onOutboxCommit(() => undefined);
      await Promise.all([client.end({ timeout: 1 }), provider.stop()]);
    },
  };
}

interface ManyCarts {
  readonly now: number;
  readonly shop: ExplorableShop;
  readonly cart: Parameters<typeof fillExplorableCart>[2];
  readonly count: number;
}

/** One cart filled by the shop's own verbs, and copies of it: how carts come to be is not looked at here. */
async function manyCarts(
  sql: postgres.Sql,
  db: Parameters<typeof fillExplorableCart>[0],
  { now, shop, cart, count }: ManyCarts,
): Promise<CartId[]> {
  const first = await fillExplorableCart(db, now as Instant, cart, shop.prices);
  const copies = await sql<{ id: string }[]>`
    with copied as (
      insert into carts.cart
      select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid()))).*
      from carts.cart c, generate_series(2, ${count}) where c.id = ${toUuid(first)}::uuid returning id
    ),
    lines as (
      insert into carts.cart_line (cart_id, sku, quantity)
      select n.id, l.sku, l.quantity from copied n, carts.cart_line l where l.cart_id = ${toUuid(first)}::uuid
    )
    select id::text from copied`;
  return [first, ...copies.map(({ id }) => fromUuid("cart", id))];
}

/** So many at a time, each as soon as one before it is done. */
export async function atATime<Item>(
  lanes: number,
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** The answer, or the code of the refusal. */
export async function answerOf(placing: Promise<{ readonly orderId: OrderId }>): Promise<OrderId | string> {
  try {
    return (await placing).orderId;
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}

export async function statesOf(sql: postgres.Sql): Promise<Record<string, number>> {
  const rows = await sql<{ state: string; count: number }[]>`
    select state, count(*)::int as count from orders."order" group by state`;
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}
