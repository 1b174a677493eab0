import { expect, setDefaultTimeout, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { createNotesRouter } from "./notes-router.ts";
import { readOrder } from "./queries.ts";
import type { MailEntry } from "./staff-timeline.ts";
import { aCart, aSku, deliver, place } from "./testing/checkout.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();

const staff: Actor = {
  ...{ kind: "staff", staffId: newId("stf"), userId: "s", name: "Sam", email: "sam@shop.example", roles: [] },
  rights: new Set(["orders:read", "orders:write"]),
};

function callerOf(actor: Actor, mails: readonly MailEntry[] = [], idempotencyKey: string | null = null) {
  const context = { actor, requestId: crypto.randomUUID(), traceparent: null, idempotencyKey, clock: shop.clock };
  return createNotesRouter({ ...shop, mailsOfOrder: async () => mails }).createCaller(context);
}

async function anOrder() {
  const orderId = await place(shop, await aCart(shop, await aSku(shop, 1)));
  await deliver(shop, orderId);
  return orderId;
}

test("a note is kept with its author, and audited without its words", async () => {
  const orderId = await anOrder();
  const note = await callerOf(staff).add({ orderId, text: "  Call <b>Ada</b> before shipping " });
  expect(note).toMatchObject({ text: "Call <b>Ada</b> before shipping", author: "Sam" });
  expect(await callerOf(staff).list({ orderId })).toEqual({ items: [note] });
  const audit = await shop.db.execute(
    sql`select action, after::text as after from platform.audit_log where entity_id = ${orderId} and action = 'note.added'`,
  );
  expect(audit).toHaveLength(1);
  expect(String(audit[0]?.after)).not.toContain("Ada");
});

test("a note that is sent again by its key stands once", async () => {
  const orderId = await anOrder();
  const note = await callerOf(staff, [], "key").add({ orderId, text: "Fragile" });
  shop.clock.advance(1_000);
  expect(await callerOf(staff, [], "key").add({ orderId, text: "Fragile" })).toEqual(note);
  expect(await callerOf(staff).list({ orderId })).toEqual({ items: [note] });
});

test("staff see events, notes and mails in one timeline; the shopper's shows neither notes nor mails", async () => {
  const orderId = await anOrder();
  shop.clock.advance(1_000);
  const sentAt = new Date(shop.clock.now()).toISOString();
  const mail = { id: "eml_1", kind: "order_placed", state: "sent", createdAt: sentAt, sentAt, resendOf: null };
  shop.clock.advance(1_000);
  await callerOf(staff).add({ orderId, text: "Fragile" });
  shop.clock.advance(1_000);
  const later = new Date(shop.clock.now()).toISOString();
  const again = { ...mail, id: "eml_2", createdAt: later, sentAt: later, resendOf: "eml_1", requestedBy: "Sam" };
  const { items: timeline } = await callerOf(staff, [{ ...mail, requestedBy: null }, again]).timeline({ orderId });
  expect(timeline.map(({ type }) => type).slice(0, 3)).toEqual(["placed", "payment_authorized", "confirmed"]);
  expect(timeline.slice(-3).map(({ source, type, actor, detail }) => [source, type, actor, detail])).toEqual([
    ["mail", "mail_sent", "notifications", "order_placed"],
    ["note", "note", "Sam", "Fragile"],
    ["mail", "mail_resent", "Sam", "order_placed"],
  ]);
  const { view } = await readOrder(shop.db, orderId);
  expect(JSON.stringify(view)).not.toContain("Fragile");
  expect(view.timeline.some(({ type }) => type.startsWith("mail"))).toBe(false);
});

test("notes are for staff with the right, about orders that exist, and of a bounded length", async () => {
  const orderId = await anOrder();
  const add = (actor: Actor, text = "x", id = orderId) => callerOf(actor).add({ orderId: id, text });
  await expect(add({ kind: "guest" })).rejects.toMatchObject({ cause: { code: "unauthenticated" } });
  await expect(add({ ...staff, rights: new Set(["orders:read"]) })).rejects.toMatchObject({
    cause: { code: "forbidden" },
  });
  await expect(add(staff, "x", newId("ord"))).rejects.toMatchObject({ cause: { code: "not_found" } });
  await expect(callerOf(staff).timeline({ orderId: newId("ord") })).rejects.toMatchObject({
    cause: { code: "not_found" },
  });
  for (const text of ["", "   ", "x".repeat(2_001)])
    await expect(add(staff, text)).rejects.toMatchObject({ code: "BAD_REQUEST" });
});
