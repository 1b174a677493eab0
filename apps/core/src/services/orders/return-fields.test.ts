import { expect, test } from "bun:test";
import { newId, Problem, type ReturnId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { FieldPatch } from "../../platform/custom-fields/index.ts";
import { transact } from "../../platform/db/index.ts";
import type { StaffActor } from "../../platform/rpc/index.ts";
import { defineFields, noTargets } from "../../testing/index.ts";
import { eraseFromOrders } from "./erase-customer.ts";
import { createOrderFieldsRouter } from "./fields-router.ts";
import { orderAccessToken } from "./order-token.ts";
import { requestReturn } from "./request-return.ts";
import { fieldsOfReturns, heldByReturns } from "./return-fields.ts";
import { readReturn } from "./return-queries.ts";
import { act, aSoldOrder, shipped } from "./testing/after-sale.ts";
import { deliver, guest } from "./testing/checkout.ts";
import { openDesk } from "./testing/desk.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

const fields = [
  { entity: "return", key: "bag", kind: "text", visibility: "shoppers", isShopperEditable: true, isRequired: true },
  { entity: "return", key: "lane", kind: "text", isPersonal: false, defaultValue: "A" },
];

async function aShippedOrder() {
  const { orderId, skus } = await aSoldOrder(shop, [2]);
  await shipped(shop, orderId);
  await deliver(shop, orderId);
  return { orderId, items: [{ sku: skus[0] ?? "", quantity: 1, reason: "too small" }] };
}

async function ask(customFields: FieldPatch | undefined): Promise<ReturnId> {
  const { orderId, items } = await aShippedOrder();
  const accessToken = orderAccessToken(shop.orders.orderTokenSecret, orderId);
  return act(shop, (context) => requestReturn(context, { orderId, items, accessToken, customFields }), guest);
}

const staff = () => {
  const who = { staffId: newId("stf"), userId: "u", name: "Sam", email: "sam@example.com", roles: [] };
  const rights = new Set(["orders:read", "orders:write"]);
  const actor = { kind: "staff", ...who, rights } as unknown as StaffActor;
  const context = { actor, requestId: "r", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return createOrderFieldsRouter({ ...shop.orders, findTargets: noTargets }).createCaller(context);
};

async function pathsOf(work: Promise<unknown>): Promise<string[]> {
  const error = await work.catch((reason: unknown) => reason);
  if (!(error instanceof Problem)) throw error;
  return (error.members.errors ?? []).map(({ path }) => path);
}

test("who sends something back says what is asked for, sees that much of it, and is refused what is not theirs", async () => {
  await defineFields(shop.db, fields);
  expect(await pathsOf(ask(undefined))).toEqual(["customFields.bag"]);
  expect(await pathsOf(ask({ bag: "blue", lane: "B" }))).toEqual(["customFields.lane"]);
  const returnId = await ask({ bag: "blue" });
  expect((await readReturn(shop.db, returnId)).customFields).toEqual({ bag: "blue" });
  expect(await staff().return({ id: returnId })).toEqual({ bag: "blue", lane: "A" });
});

test("staff who ask for a shopper say all of it, and the audit log names the fields alone", async () => {
  await defineFields(shop.db, fields);
  const wanted = { ...(await aShippedOrder()), customFields: { bag: "red", lane: "C" } };
  const { id: returnId } = await openDesk(shop.orders)("key").returns.create(wanted);
  expect(await staff().return({ id: returnId })).toEqual({ bag: "red", lane: "C" });
  const [audit] = await shop.db.execute(
    sql`select action, after->'customFields' as fields from platform.audit_log where entity_id = ${returnId}`,
  );
  expect(audit).toEqual({ action: "return.requested", fields: ["bag", "lane"] });
});

test("staff change what a return says, audited by the names of the fields, and it is held", async () => {
  await defineFields(shop.db, fields);
  const returnId = await ask({ bag: "blue" });
  expect(await staff().saveReturn({ id: returnId, values: { lane: "Z" } })).toEqual({ bag: "blue", lane: "Z" });
  const [audit] = await shop.db.execute(
    sql`select action, after from platform.audit_log where entity_id = ${returnId} order by seq desc limit 1`,
  );
  expect(audit).toEqual({ action: "return.fields_saved", after: { keys: ["lane"] } });
  expect(await Array.fromAsync(heldByReturns(shop.db, "lane"))).toContainEqual(
    expect.objectContaining({ id: returnId, value: "Z" }),
  );
  const unknown = await staff()
    .saveReturn({ id: newId("ret"), values: {} })
    .catch((error: unknown) => error);
  expect(unknown).toMatchObject({ cause: { code: "not_found" } });
});

test("a customer's copy holds what their returns say, and erasing them leaves what says nothing of a person", async () => {
  await defineFields(shop.db, fields);
  const returnId = await ask({ bag: "blue" });
  const customerId = newId("cus");
  const { orderId } = await readReturn(shop.db, returnId);
  await shop.db.execute(
    sql`update orders."order" set customer_id = ${toUuid(customerId)}::uuid where id = ${toUuid(orderId)}::uuid`,
  );
  expect(await fieldsOfReturns(shop.db, customerId, 10)).toMatchObject([
    { returnId, values: { bag: "blue", lane: "A" } },
  ]);
  await transact(shop.db, (tx) => eraseFromOrders(tx, shop.clock.now(), customerId));
  expect(await staff().return({ id: returnId })).toEqual({ lane: "A" });
});
