import { expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import type { Actor, Right } from "../../platform/rpc/index.ts";
import { auditLog, idempotencyKey as idempotencyKeys } from "../../platform/tables.ts";
import { codeOf } from "../../testing/index.ts";
import { createDraftsRouter } from "./drafts-router.ts";
import { aSku, deliver, guest } from "./testing/checkout.ts";
import { aDraft, aStaffRequest, draftContent } from "./testing/drafts.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

function caller(actor: Actor = aStaffRequest().actor, idempotencyKey: string | null = null) {
  const context = { actor, requestId: "req", traceparent: null, idempotencyKey, clock: shop.clock };
  return createDraftsRouter(shop.orders).createCaller(context);
}

const held = (...rights: Right[]) => aStaffRequest(rights).actor;

test("a draft from first to last, each change in the audit log by who made it", async () => {
  const sku = await aSku(shop, 5);
  const drafts = caller();
  const { id: draftId } = await drafts.create({ currency: "USD", content: draftContent([{ sku, quantity: 1 }]) });
  const changed = await drafts.change({ id: draftId, version: 1, content: draftContent([{ sku, quantity: 2 }]) });
  expect(changed).toMatchObject({ version: 2, lines: [{ sku, quantity: 2 }] });
  expect((await drafts.hold({ id: draftId, version: 2, seconds: 60 })).reservedUntil).not.toBeNull();
  const { token } = await drafts.send({ id: draftId, version: 2 });
  expect(token).toMatch(/^[\w-]{43}$/);
  const revoked = await drafts.revokeLink({ id: draftId });
  expect(revoked.links).toMatchObject([{ state: "revoked", amount: revoked.pricing.totals.total }]);
  expect(JSON.stringify(revoked)).not.toContain(token);
  const { orderId } = await drafts.markPaid({ id: draftId, version: 2 });
  await deliver(shop, orderId);
  expect(await drafts.get({ id: draftId })).toMatchObject({ state: "completed", orderId });
  const actions = (await shop.db.select().from(auditLog)).filter((row) => row.entityId === draftId);
  expect(actions.map((row) => row.action)).toEqual([
    ...["draft.created", "draft.changed", "draft.held", "draft.sent"],
    ...["draft.link_revoked", "draft.marked_paid"],
  ]);
  expect(actions.every((row) => row.actorName === "Grace")).toBe(true);
  expect(JSON.stringify(actions)).not.toContain(token);
});

test("a call that is sent again by its key makes no second draft, link, mail or order, and keeps no token", async () => {
  const sku = await aSku(shop, 5);
  const { actor } = aStaffRequest();
  const keyed = () => caller(actor, "key");
  const content = draftContent([{ sku, quantity: 1 }]);
  const made = await keyed().create({ currency: "USD", content });
  const draftId = made.id;
  expect((await keyed().create({ currency: "USD", content })).id).toBe(draftId);
  const sent = await keyed().send({ id: draftId, version: 1 });
  expect(await keyed().send({ id: draftId, version: 1 })).toEqual(sent);
  expect((await keyed().get({ id: draftId })).links).toMatchObject([{ state: "open" }]);
  const paid = await keyed().markPaid({ id: draftId, version: 1 });
  expect(await keyed().markPaid({ id: draftId, version: 1 })).toEqual(paid);
  expect(await codeOf(keyed().create({ currency: "USD", content: draftContent([]) }))).toBe("idempotency_key_reused");
  const actions = (await shop.db.select().from(auditLog)).filter((row) => row.entityId === draftId);
  expect(actions.map((row) => row.action)).toEqual(["draft.created", "draft.sent", "draft.marked_paid"]);
  expect(JSON.stringify(await shop.db.select().from(idempotencyKeys))).not.toContain(sent.token);
});

test("drafts are listed newest first, a page at a time, by state", async () => {
  const sku = await aSku(shop, 5);
  const ids = [await aDraft(shop, sku), await aDraft(shop, sku), await aDraft(shop, sku)];
  await caller().cancel({ id: ids[0] ?? newId("drf"), version: 1 });
  const first = await caller().list({ limit: 2, states: ["open"] });
  expect(first.items.map((draft) => draft.id)).toEqual(ids.slice(1).reverse());
  const cancelled = await caller().list({ limit: 1, states: ["cancelled"] });
  expect(cancelled).toMatchObject({ total: 1, nextCursor: null, items: [{ id: ids[0] }] });
  const page = await caller().list({ limit: 1 });
  expect((await caller().list({ limit: 1, cursor: page.nextCursor ?? "" })).items[0]?.id).toBe(ids[1]);
  expect(await codeOf(caller().list({ limit: 1, cursor: "bm9uZQ" }))).toBe("validation_failed");
});

test("reading needs orders:read, everything else orders:write, and shoppers may nothing", async () => {
  const draftId = await aDraft(shop, await aSku(shop, 5));
  const content = draftContent([]);
  type Drafts = ReturnType<typeof caller>;
  const reading: ((drafts: Drafts) => Promise<unknown>)[] = [
    (drafts) => drafts.list({}),
    (drafts) => drafts.get({ id: draftId }),
  ];
  const writing: typeof reading = [
    (drafts) => drafts.create({ currency: "USD", content }),
    (drafts) => drafts.change({ id: draftId, version: 1, content }),
    (drafts) => drafts.hold({ id: draftId, version: 1, seconds: 60 }),
    (drafts) => drafts.send({ id: draftId, version: 1 }),
    (drafts) => drafts.revokeLink({ id: draftId }),
    (drafts) => drafts.markPaid({ id: draftId, version: 1 }),
    (drafts) => drafts.cancel({ id: draftId, version: 1 }),
  ];
  for (const actor of [guest, { kind: "system", name: "nobody" } as const]) {
    for (const call of [...reading, ...writing]) expect(await codeOf(call(caller(actor)))).toBe("unauthenticated");
  }
  const reader = caller(held("orders:read", "catalog:write"));
  for (const call of reading) await call(reader);
  for (const call of writing) expect(await codeOf(call(reader))).toBe("forbidden");
});

test("what is no draft is refused at the door", async () => {
  const sku = "tea";
  const content = draftContent([{ sku, quantity: 1 }]);
  for (const wrong of [
    { ...content, total: 1 },
    { ...content, lines: [{ sku, quantity: 0 }] },
    { ...content, lines: [{ sku, quantity: 1.5 }] },
    { ...content, lines: [{ sku, quantity: 1, unitPrice: 5 }] },
    { ...content, lines: [{ sku, quantity: 1, manualPrice: { amount: -1, reason: "x" } }] },
    { ...content, lines: [{ sku, quantity: 1, manualPrice: { amount: 1 } }] },
    { ...content, lines: [content.lines[0], content.lines[0]] },
    { ...content, discount: { off: { kind: "percent", basisPoints: 10_001 }, reason: "x" } },
    { ...content, shipping: { name: "Free", price: 0 } },
  ]) {
    expect(await codeOf(caller().create({ currency: "USD", content: wrong as never }))).toBe("validation_failed");
  }
  expect(await codeOf(caller().get({ id: newId("drf") }))).toBe("not_found");
});
