import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { fromUuid } from "@stoa/kernel";
import { invariants, openStores, verify } from "@stoa/verifier";
import { corruptions } from "./corruptions/index.ts";
import { openHealthyShop, type ShopCopy } from "./healthy-shop.ts";

// Each copies a database; a busy machine takes its time for that.
setDefaultTimeout(60_000);

let shop: Awaited<ReturnType<typeof openHealthyShop>>;
beforeAll(async () => {
  shop = await openHealthyShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

/** Past everything that happened in the shop, and before its messages would be purged. */
const NOW = new Date("2026-03-01T14:00:00Z");
const REBUILD = 22;

async function ask(copy: ShopCopy, more: { only?: number[]; rebuild?: () => Promise<void> } = {}) {
  await using stores = await openStores({ databaseUrl: copy.databaseUrl, ...copy.urls });
  // Awaited here, because the stores close with this function.
  return await verify(stores, {
    mode: "settled",
    now: NOW,
    erased: ["erased@example.com"],
    rebuild: async () => {},
    ...more,
  });
}

test("a healthy shop is found healthy by every invariant", async () => {
  await using copy = await shop.copy();
  const reports = await ask(copy);
  expect(reports.filter((report) => report.verdict !== "holds")).toEqual([]);
  expect(reports.map((report) => report.number)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
});

test("what a kit was made of when it was sold is what its order has to have", async () => {
  await using copy = await shop.copy();
  await copy.sql`update orders.order_line set parts = jsonb_build_array(jsonb_build_object('sku', sku, 'quantity', 1))`;
  const [report] = await ask(copy, { only: [15] });
  expect(report).toMatchObject({ number: 15, verdict: "holds" });
});

test("what staff did with money has its row in the audit log however long before it ended they asked for it", async () => {
  await using copy = await shop.copy();
  const [event] = await copy.sql<{ payment: string }[]>`
    update orders.order_event e set actor_kind = 'staff', actor_id = 'stf_1' from payments.payment p
    where p.order_id = e.order_id and e.seq = (select min(f.seq) from orders.order_event f where f.type = 'payment_captured'
      and f.order_id = e.order_id) and e.order_id = (select min(order_id::text)::uuid from orders.order_event where type = 'payment_captured')
    returning p.id::text as payment`;
  expect(await ask(copy, { only: [21] })).toMatchObject([{ verdict: "broken" }]);
  const asked = {
    ...{ action: "payment.capture_asked", actorId: "stf_1", actorKind: "staff", actorName: "Ada", after: null },
    ...{ at: NOW.getTime() - 24 * 60 * 60 * 1_000, before: null, entity: "payment" },
    ...{ entityId: fromUuid("pay", event?.payment ?? ""), previousHash: "0".repeat(64), requestId: null },
  };
  const hash = new Bun.CryptoHasher("sha256").update(JSON.stringify(asked)).digest("hex");
  await copy.sql`insert into platform.audit_log
    (at, actor_kind, actor_id, actor_name, action, entity, entity_id, previous_hash, hash)
    values (${new Date(asked.at)}, 'staff', 'stf_1', 'Ada', ${asked.action}, 'payment', ${asked.entityId}, ${asked.previousHash}, ${hash})`;
  expect(await ask(copy, { only: [21] })).toMatchObject([{ verdict: "holds" }]);
});

test("every invariant has a corruption that it must catch", () => {
  const covered = new Set([...corruptions.map((corruption) => corruption.number), REBUILD]);
  expect(invariants.filter(({ number }) => !covered.has(number))).toEqual([]);
});

describe("the verifier notices that", () => {
  for (const { number, what, corrupt } of corruptions) {
    test(`${number}: ${what}`, async () => {
      await using copy = await shop.copy();
      await corrupt(copy);
      const [report] = await ask(copy, { only: [number] });
      expect(report).toMatchObject({ number, verdict: "broken" });
      expect(report?.breaches.join()).not.toContain("could not be asked");
    });
  }

  test("22: a rebuild changes what Redis showed", async () => {
    await using copy = await shop.copy();
    const rebuild = async () => {
      await copy.redis.set("v1:product:USD:red-thing", '2.0 "2" 1\n{"id":"prod_red","title":"other"}');
      await copy.redis.del("v1:summary:USD:prod_red");
    };
    const [report] = await ask(copy, { only: [REBUILD], rebuild });
    expect(report?.breaches).toEqual([
      "v1:product:USD:red-thing was different",
      "v1:summary:USD:prod_red belonged to nothing",
    ]);
  });
});
