import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { transact } from "../../../platform/db/index.ts";
import { writeSetting } from "../../../platform/settings/index.ts";
import { paymentsSetting } from "../settings.ts";
import { storeProviderEvent } from "../take-event.ts";
import { authorize, paymentRow, type TestOrder, type TestShop, testOrder, testShop } from "../testing/shop.ts";
import { about, run } from "./testing/runs.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
  const setting = { ...paymentsSetting.fallback, releasesUnknown: true };
  await transact(shop.db, (tx) => writeSetting(tx, shop.deps.clock.now(), paymentsSetting, setting));
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

async function takenBehindOurBack() {
  const order = testOrder();
  await authorize(shop, order);
  const { providerReference } = await paymentRow(shop, order);
  return { order, intent: await shop.stripeClient.paymentIntents.capture(providerReference ?? "") };
}

/** The audit log's lines about a payment which the transaction has written that wrote down what was taken. */
async function linesWithCapture(order: TestOrder): Promise<string[]> {
  const { id } = await paymentRow(shop, order);
  const rows = await shop.db.execute<{ action: string }>(sql`
    select a.action from platform.audit_log a where a.entity_id = ${id} and a.xmin in (
      select e.xmin from payments.payment_event e where e.payment_id = ${toUuid(id)}::uuid and e.type = 'captured')`);
  return rows.map(({ action }) => action);
}

test("what a repair writes down and its line in the audit log are one transaction: none is ever there without the other", async () => {
  const asked = await takenBehindOurBack();
  const told = await takenBehindOurBack();
  const event = { id: "evt_laid_aside", type: "payment_intent.succeeded", data: { object: told.intent } };
  const rawBody = JSON.stringify(event);
  await storeProviderEvent(shop.deps, { provider: "stripe", rawBody, verdict: "signature_valid" });
  await run(shop);
  expect(await linesWithCapture(asked.order)).toEqual(["reconciliation.record_fact"]);
  expect(await linesWithCapture(told.order)).toEqual(["reconciliation.reapply_event"]);
});

test("what a provider is asked to let go of is in the audit log before it is asked, whatever comes of it", async () => {
  const intent = await shop.stripeClient.paymentIntents.create({
    ...{ amount: 900, currency: "usd", confirm: true, payment_method: "pm_card_visa" },
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
    metadata: { orderId: newId("ord"), paymentId: newId("pay") },
  });
  shop.stripe.faults?.arm({ operation: "refunds.create", action: { kind: "fail", status: 500 } });
  expect(about((await run(shop)).items, intent.id)).toEqual([["missing_here", null, "failed"]]);
  shop.stripe.faults?.clear();
  const rows = await shop.db.execute<{ action: string }>(
    sql`select action from platform.audit_log where entity_id = ${intent.id}`,
  );
  expect(rows.map(({ action }) => action)).toEqual(["reconciliation.release_asked"]);
});
