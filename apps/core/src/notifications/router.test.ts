import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { sql } from "drizzle-orm";
import type { Actor } from "../platform/rpc/index.ts";
import { createNotificationsRouter } from "./index.ts";
import { mailSetting } from "./settings.ts";
import { aBench, anOrder, type Bench, staff } from "./testing/bench.ts";

setDefaultTimeout(60_000);

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
});
beforeEach(() => bench.clear());
afterAll(() => bench[Symbol.asyncDispose]());

let requests = 0;
function callerOf(actor: Actor = staff, idempotencyKey: string | null = null) {
  requests += 1;
  const context = { requestId: `request-${requests}`, traceparent: null, idempotencyKey, clock: bench.clock };
  return createNotificationsRouter(bench.notifications.router).createCaller({ ...context, actor });
}

async function aSentMail() {
  const orderId = anOrder(bench);
  await bench.deliver("order.confirmed", { orderId, items: [] });
  await bench.notifications.idle();
  const { items } = await callerOf().mails({ orderId });
  const [mail] = items;
  if (!mail) throw new Error("no mail");
  return { orderId, mail };
}

const refusal = (code: string) => ({ cause: { code } });

test("staff see the mails of an order with their state", async () => {
  const { orderId, mail } = await aSentMail();
  await aSentMail();
  expect(mail).toMatchObject({ kind: "order_placed", state: "sent", orderId, attempts: 1, nextTryAt: null });
  expect(mail.receipt).toContain("250");
  expect(await callerOf().mails({ states: ["dead"] })).toMatchObject({ items: [], total: 0 });
  const first = await callerOf().mails({ limit: 1 });
  expect(first).toMatchObject({ total: 2 });
  const second = await callerOf().mails({ limit: 1, cursor: first.nextCursor ?? "" });
  expect([second.nextCursor, second.items.length]).toEqual([null, 1]);
  await expect(callerOf().mails({ cursor: "nonsense" })).rejects.toMatchObject(refusal("validation_failed"));
});

test("a mail is sent again as a mail of its own, on record with who asked, once for each wish", async () => {
  const { orderId, mail } = await aSentMail();
  const caller = callerOf();
  const again = await caller.resend({ id: mail.id });
  await expect(caller.resend({ id: mail.id })).rejects.toMatchObject(refusal("state_conflict"));
  await bench.notifications.idle();
  expect(again).toMatchObject({ resendOf: mail.id, requestedBy: "Sam" });
  const mails = await bench.mails();
  expect(mails.map(({ subject }) => subject)).toEqual(Array.from({ length: 2 }, () => "Your order 10042 is confirmed"));
  expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(2);
  const audit = await bench.db.execute(
    sql`select action, actor_name from platform.audit_log where entity_id = ${orderId}`,
  );
  expect([...audit]).toEqual([{ action: "mail.resent", actor_name: "Sam" }]);
  expect((await callerOf().resend({ id: mail.id })).resendOf).toBe(mail.id);
});

test("a wish for a mail that is sent again by its key sends one", async () => {
  const { mail } = await aSentMail();
  const again = await callerOf(staff, "key").resend({ id: mail.id });
  await bench.notifications.idle();
  expect((await callerOf(staff, "key").resend({ id: mail.id })).id).toBe(again.id);
  await bench.notifications.idle();
  expect(await bench.mails()).toHaveLength(2);
});

test("what is on its way, and what carries a personal link, is not sent again by staff", async () => {
  bench.mailbox.faults?.arm({ operation: "connect", action: { kind: "drop" } });
  const { mail } = await aSentMail();
  await expect(callerOf().resend({ id: mail.id })).rejects.toMatchObject(refusal("state_conflict"));
  bench.accounts.set("u1", { email: "ada@example.com", name: "Ada" });
  const link = { kind: "reset_password", userId: "u1", customerId: null, url: "https://s.example/?t=s3cr3t" } as const;
  await bench.notifications.sendAccountMail({ ...link, token: "s3cr3t" });
  const { items } = await callerOf().mails({});
  const account = items.find(({ kind }) => kind === "reset_password");
  expect(JSON.stringify(items)).not.toContain("s3cr3t");
  if (!account) throw new Error("no account mail");
  await expect(callerOf().resend({ id: account.id })).rejects.toMatchObject(refusal("state_conflict"));
  await expect(callerOf().preview({ id: account.id })).rejects.toMatchObject(refusal("not_found"));
});

test("a preview shows the mail as it would be sent now, without what lets somebody act as the guest", async () => {
  const orderUrl = "https://shop.example/{orderId}?t={accessToken}";
  await callerOf().settings.save({ ...mailSetting.fallback, orderUrl, locale: "de-DE" });
  const { orderId, mail } = await aSentMail();
  const preview = await callerOf().preview({ id: mail.id });
  expect(preview).toMatchObject({ to: "ada@example.com", subject: "Ihre Bestellung 10042 ist bestätigt", files: [] });
  expect(preview.html).toContain("31,39");
  expect(preview.html).not.toContain("token-of-");
  expect(await callerOf().preview({ orderId, kind: "order_shipped" })).toMatchObject({ to: "ada@example.com" });
  expect((await callerOf().settings.get()).locale).toBe("de-DE");
});

test("settings that would break mails are refused", async () => {
  for (const wrong of [
    { timeZone: "Mars/Olympus" },
    { orderUrl: "javascript:alert(1)" },
    { replyTo: "a\r\nBcc: b@c.d" },
  ]) {
    const settings = { ...mailSetting.fallback, ...wrong };
    await expect(callerOf().settings.save(settings)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  }
});

test("who is no staff, or has not the right, gets nothing", async () => {
  const { mail } = await aSentMail();
  const reader: Actor = { ...staff, rights: new Set(["orders:read"]) };
  await expect(callerOf(reader).resend({ id: mail.id })).rejects.toMatchObject(refusal("forbidden"));
  await expect(callerOf(reader).settings.save(mailSetting.fallback)).rejects.toMatchObject(refusal("forbidden"));
  for (const actor of [{ kind: "guest" }, { kind: "system", name: "nobody" }] as const) {
    await expect(callerOf(actor).mails({})).rejects.toMatchObject(refusal("unauthenticated"));
    await expect(callerOf(actor).preview({ id: mail.id })).rejects.toMatchObject(refusal("unauthenticated"));
  }
});
