import { expect, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { type Transaction, transact } from "../../platform/db/index.ts";
import { databaseForFile } from "../../testing/index.ts";
import {
  commitReservation,
  ensureDefaultLocation,
  releaseAllocations,
  releaseReservation,
  reserveStock,
  setStockLevels,
  shipAllocations,
  verifyStock,
} from "./index.ts";
import { furtherLocation, LATER, NOW, newOrder, newSku } from "./testing/fixture.ts";

const database = await databaseForFile();
await transact(database.db, (tx) => ensureDefaultLocation({ tx, now: NOW }));
await furtherLocation(database.db, "annex");

/** What a shop of two SKUs in two places must look like, in a few sums. */
interface Model {
  onHand: [number, number];
  /** Units by order and SKU, and how far the order has come. */
  readonly orders: { wanted: [number, number]; state: "held" | "allocated" | "ended" }[];
}
interface Real {
  readonly skus: readonly [string, string];
  readonly orders: OrderId[];
}
type Step = fc.AsyncCommand<Model, Real>;

const inTx = <T>(work: (tx: Transaction) => Promise<T>) => transact(database.db, work);

function promised(model: Model, sku: 0 | 1): number {
  return model.orders.reduce((sum, order) => sum + (order.state === "ended" ? 0 : order.wanted[sku]), 0);
}

const reserve = (wanted: [number, number]): Step => ({
  check: () => wanted[0] + wanted[1] > 0,
  async run(model, real) {
    const holder = newOrder();
    const lines = real.skus.map((sku, at) => ({ sku, quantity: wanted[at] ?? 0 })).filter((line) => line.quantity > 0);
    const fits = ([0, 1] as const).every((sku) => wanted[sku] <= model.onHand[sku] - promised(model, sku));
    const outcome = await inTx((tx) => reserveStock({ tx, now: NOW }, { holder, lines, expiresAt: LATER })).then(
      () => "reserved",
      (error: { code?: string }) => error.code,
    );
    expect(outcome).toBe(fits ? "reserved" : "out_of_stock");
    if (!fits) return;
    model.orders.push({ wanted, state: "held" });
    real.orders.push(holder);
  },
  toString: () => `reserve(${wanted})`,
});

/** Does something to one order; the model says what it may come to. */
function toOrder(
  name: string,
  at: number,
  act: (tx: Transaction, orderId: OrderId) => Promise<unknown>,
  then: (order: Model["orders"][number], model: Model) => void,
): Step {
  return {
    check: (model) => at < model.orders.length,
    async run(model, real) {
      const [orderId, order] = [real.orders[at], model.orders[at]];
      if (!orderId || !order) return;
      await inTx((tx) => act(tx, orderId));
      then(order, model);
    },
    toString: () => `${name}(${at})`,
  };
}

const release = (at: number) =>
  toOrder(
    "release",
    at,
    (tx, holder) => releaseReservation({ tx, now: NOW }, { holder }),
    (order) => {
      if (order.state === "held") order.state = "ended";
    },
  );
const commit = (at: number): Step => {
  const step = toOrder(
    "commit",
    at,
    (tx, orderId) => commitReservation({ tx, now: NOW }, { orderId }),
    (order) => {
      if (order.state === "held") order.state = "allocated";
    },
  );
  // An order whose hold was released is refused before it is committed; the saga never asks.
  return { ...step, check: (model) => model.orders[at]?.state === "held" || model.orders[at]?.state === "allocated" };
};
const cancel = (at: number) =>
  toOrder(
    "cancel",
    at,
    (tx, orderId) => releaseAllocations({ tx, now: NOW }, { orderId }),
    (order) => {
      if (order.state === "allocated") order.state = "ended";
    },
  );
const ship = (at: number): Step => {
  const step: Step = {
    check: (model) => model.orders[at]?.state === "allocated",
    async run(model, real) {
      const [orderId, order] = [real.orders[at], model.orders[at]];
      if (!orderId || !order) return;
      const lines = real.skus
        .map((sku, place) => ({ sku, quantity: order.wanted[place] ?? 0 }))
        .filter((line) => line.quantity > 0);
      await inTx((tx) => shipAllocations({ tx, now: NOW }, { orderId, lines, cause: `ship-${orderId}` }));
      order.state = "ended";
      model.onHand = [model.onHand[0] - order.wanted[0], model.onHand[1] - order.wanted[1]];
    },
    toString: () => `ship(${at})`,
  };
  return step;
};

const small = fc.nat({ max: 6 });
const commands = fc.commands(
  [
    fc.tuple(small, small).map(reserve),
    fc.nat({ max: 5 }).map(release),
    fc.nat({ max: 5 }).map(commit),
    fc.nat({ max: 5 }).map(cancel),
    fc.nat({ max: 5 }).map(ship),
  ],
  { maxCommands: 25 },
);

test("whatever is done in whatever order, nothing is oversold and every counter is the sum of its movements", async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(small, small), fc.tuple(small, small), commands, async (here, there, steps) => {
      const skus = [newSku(), newSku()] as const;
      const lines = skus.flatMap((sku, at) => [
        { sku, onHand: here[at] ?? 0 },
        { sku, locationCode: "annex", onHand: there[at] ?? 0 },
      ]);
      await inTx((tx) => setStockLevels({ tx, now: NOW }, { lines }));
      const model: Model = { onHand: [here[0] + there[0], here[1] + there[1]], orders: [] };
      const real: Real = { skus, orders: [] };
      await fc.asyncModelRun(() => ({ model, real }), steps);
      expect(await verifyStock({ db: database.db }, { skus })).toEqual([]);
      for (const sku of [0, 1] as const) {
        const [totals] = await database.db.execute<{ onHand: number; promised: number }>(sql`
          select sum(on_hand)::int as "onHand", sum(reserved + allocated)::int as promised
          from inventory.stock_level where sku = ${skus[sku]}`);
        expect({ ...totals }).toEqual({ onHand: model.onHand[sku], promised: promised(model, sku) });
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);
