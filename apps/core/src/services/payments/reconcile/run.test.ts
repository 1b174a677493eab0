import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { and, eq, gte, lt } from "drizzle-orm";
import type { PaymentEventDeps } from "../attempt.ts";
import type { PaymentProvider } from "../providers/provider.ts";
import { type ListedPayment, type ListRange, TooMuchListed } from "../providers/provider-books.ts";
import { payment, reconciliationItem, reconciliationRun } from "../tables.ts";
import { authorize, paymentRow, type TestShop, testOrder, testShop } from "../testing/shop.ts";
import { reconcileNightly } from "./nightly.ts";
import { carryRun, reconcile } from "./reconcile.ts";
import { openRun } from "./run-row.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;

let tests = 0;

/** Days of the past that no other test has, each with one payment that the provider does not know. */
async function daysWithLosses(days: number) {
  tests += 1;
  const from = (shop.deps.clock.now() - tests * 100 * DAY_MS) as Instant;
  const until = (from + days * DAY_MS) as Instant;
  for (let day = 0; day < days; day += 1) {
    const order = testOrder();
    await authorize(shop, order);
    const { id } = await paymentRow(shop, order);
    const createdAt = (from + day * DAY_MS + HOUR_MS) as Instant;
    const lost = { createdAt, updatedAt: createdAt, providerReference: `pi_gone_${id}` };
    await shop.db.update(payment).set(lost).where(eq(payment.id, id));
  }
  return { provider: "stripe", from, until, repairs: true, trigger: "test" } as const;
}

/** The same shop, but for what its Stripe does when it is asked for a list. */
function withList(list: NonNullable<PaymentProvider["list"]>): PaymentEventDeps {
  const stripe = shop.deps.providers.get("stripe");
  if (!stripe) throw new Error("no stripe");
  return { ...shop.deps, providers: new Map([...shop.deps.providers, ["stripe", { ...stripe, list }]]) };
}

async function* nothing(first: () => Promise<void> = async () => undefined): AsyncGenerator<ListedPayment> {
  await first();
  yield* [];
}
const itemsOf = (runId: NonNullable<Awaited<ReturnType<typeof openRun>>>) =>
  shop.db.select().from(reconciliationItem).where(eq(reconciliationItem.runId, runId));

describe("a run", () => {
  test("that has no more time is left as it stands, and the sweep carries it on to its end", async () => {
    const input = await daysWithLosses(2);
    const begun = await reconcile(shop.deps, { ...input, budgetMs: 0 });
    expect(begun).toMatchObject({ state: "running", compared: 0, found: 0 });
    const { done } = await reconcileNightly(shop.deps);
    expect(done.find((run) => run.runId === begun?.runId)).toMatchObject({ state: "done", compared: 2, found: 2 });
  });

  test("that broke off goes on behind the last stretch it had finished, and finds nothing twice", async () => {
    const input = await daysWithLosses(3);
    let asked = 0;
    const breaking = withList(() => {
      asked += 1;
      if (asked === 3) throw new Error("the provider is out of order");
      return nothing();
    });
    await expect(reconcile(breaking, input)).rejects.toThrow("out of order");
    const [row] = await shop.db.select().from(reconciliationRun).where(eq(reconciliationRun.fromAt, input.from));
    expect(row).toMatchObject({
      state: "running",
      compared: 2,
      found: 2,
      failures: 1,
      error: "the provider is out of order",
    });
    if (!row) throw new Error("no run");
    // It is tried again, but not at once.
    expect(await carryRun(shop.deps, row.id)).toBeNull();
    const later = { ...shop.deps, clock: { now: () => (shop.deps.clock.now() + HOUR_MS) as Instant } };
    expect(await carryRun(later, row.id)).toMatchObject({ state: "done", compared: 3, found: 3 });
    expect(await itemsOf(row.id)).toHaveLength(3);
  });

  test("is carried by one process at a time, and by another when that one has died", async () => {
    const input = await daysWithLosses(1);
    const runId = await openRun(shop.deps, input);
    if (!runId) throw new Error("no run");
    const entered = Promise.withResolvers<void>();
    const goesOn = Promise.withResolvers<void>();
    const slow = carryRun(
      withList(() =>
        nothing(async () => {
          entered.resolve();
          await goesOn.promise;
        }),
      ),
      runId,
    );
    await entered.promise;
    expect(await carryRun(shop.deps, runId)).toBeNull();
    const later = { ...shop.deps, clock: { now: () => (shop.deps.clock.now() + HOUR_MS) as Instant } };
    expect(await carryRun(later, runId)).toMatchObject({ state: "done", found: 1 });
    // The one that was thought dead comes back, and writes nothing.
    goesOn.resolve();
    expect(await slow).toBeNull();
    expect(await itemsOf(runId)).toHaveLength(1);
  });

  test("is taken over from nobody who is still at it, however long its provider takes to answer", async () => {
    const input = await daysWithLosses(3);
    // All of them of the first day: one stretch.
    await shop.db
      .update(payment)
      .set({ createdAt: (input.from + HOUR_MS) as Instant })
      .where(and(gte(payment.createdAt, input.from), lt(payment.createdAt, input.until)));
    const runId = await openRun(shop.deps, { ...input, until: (input.from + DAY_MS) as Instant });
    const stripe = shop.deps.providers.get("stripe");
    if (!runId || !stripe) throw new Error("no run");
    let minutes = 0;
    const clock = { now: () => (shop.deps.clock.now() + (minutes * HOUR_MS) / 60) as Instant };
    const others: unknown[] = [];
    const lookup: PaymentProvider["lookup"] = async () => {
      minutes += 6;
      others.push(await carryRun({ ...shop.deps, clock }, runId));
      return null;
    };
    const providers = new Map([
      ...shop.deps.providers,
      ["stripe", { ...stripe, list: () => nothing(), lookup }] as const,
    ]);
    expect(await carryRun({ ...shop.deps, clock, providers }, runId)).toMatchObject({ state: "done", compared: 3 });
    expect(others).toEqual([null, null, null]);
  });

  test("cuts a stretch in two as long as the provider says that it holds too much", async () => {
    const input = await daysWithLosses(1);
    const asked: number[] = [];
    const deps = withList((range: ListRange) => {
      asked.push(range.until - range.from);
      if (range.until - range.from > 8 * HOUR_MS) throw new TooMuchListed("too much");
      return nothing();
    });
    expect(await reconcile(deps, input)).toMatchObject({ state: "done", compared: 1, found: 1 });
    expect(asked.filter((length) => length <= 8 * HOUR_MS).length).toBeGreaterThan(2);
  });

  test("that fails time after time is given up, and says why", async () => {
    const runId = await openRun(shop.deps, await daysWithLosses(1));
    if (!runId) throw new Error("no run");
    let hours = 0;
    const deps = {
      ...withList(() => {
        throw new Error("no such account");
      }),
      clock: { now: () => (shop.deps.clock.now() + hours * HOUR_MS) as Instant },
    };
    for (hours = 0; hours < 5; hours += 1) await expect(carryRun(deps, runId)).rejects.toThrow("no such account");
    const [row] = await shop.db.select().from(reconciliationRun).where(eq(reconciliationRun.id, runId));
    expect(row).toMatchObject({ state: "failed", error: "no such account" });
    expect(await carryRun(deps, runId)).toBeNull();
  });
});
