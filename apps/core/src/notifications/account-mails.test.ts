import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { transact } from "../platform/db/index.ts";
import { eraseFromMails, purgeMails, readMailHealth } from "./index.ts";
import { aBench, anOrder, type Bench } from "./testing/bench.ts";

// A database is made and mails are sent here, on machines that may be busy with something else.
setDefaultTimeout(60_000);

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
});
beforeEach(() => bench.clear());
afterAll(() => bench[Symbol.asyncDispose]());

const anAccountMail = {
  kind: "verify_email",
  customerId: null,
  url: "https://shop.example/verify?t=a-secret-token",
  token: "a-secret-token",
} as const;

test("an account mail carries its link, which is gone from the table when it has left", async () => {
  bench.accounts.set("u1", { email: "ada@example.com", name: "Ada" });
  await bench.notifications.sendAccountMail({ ...anAccountMail, userId: "u1" });
  await bench.notifications.idle();
  const [mail] = await bench.mails();
  const whole = await bench.open(mail?.id ?? "");
  expect(whole.html).toContain('href="https://shop.example/verify?t=a-secret-token"');
  expect(whole.text).toContain("https://shop.example/verify?t=a-secret-token");
  const [row] = await bench.rows();
  expect(row).toMatchObject({ state: "sent", data: {} });
  expect(JSON.stringify(row)).not.toContain("a-secret-token");
});

test("nobody can be buried under account mails", async () => {
  bench.accounts.set("u1", { email: "ada@example.com", name: "Ada" });
  for (let n = 0; n < 9; n += 1)
    await bench.notifications.sendAccountMail({ ...anAccountMail, userId: "u1", token: `${n}` });
  await bench.notifications.idle();
  expect(await bench.rows()).toHaveLength(6);
});

test("whoever has been erased is not written to, and leaves no account mail", async () => {
  const orderId = anOrder(bench, { email: "" });
  const customerId = newId("cus");
  bench.mailbox.faults?.arm({ operation: "connect", action: { kind: "drop" } });
  bench.accounts.set("u1", { email: "ada@example.com", name: "Ada" });
  await bench.notifications.sendAccountMail({ ...anAccountMail, userId: "u1", customerId });
  await bench.deliver("order.confirmed", { orderId, items: [] });
  await bench.notifications.idle();
  await transact(bench.db, (tx) => eraseFromMails(tx, { customerId, userId: "u1" }));
  expect(await bench.rows()).toMatchObject([{ kind: "order_placed", state: "dead" }]);
  expect(await bench.mails()).toEqual([]);
  // Nobody has to look at that, so no alarm counts it.
  expect(bench.seen).toContain("unwanted order_placed");
  expect(await readMailHealth(bench.db, bench.clock.now())).toMatchObject({ dead: 0 });
});

test("a link that was over before a mail server was there is not sent, and no alarm counts it", async () => {
  bench.accounts.set("u1", { email: "ada@example.com", name: "Ada" });
  await bench.openNotifications(null).sendAccountMail({ ...anAccountMail, userId: "u1" });
  bench.clock.advance(61 * 60_000);
  await bench.notifications.sweep();
  expect(await bench.mails()).toEqual([]);
  expect(await bench.rows()).toMatchObject([{ state: "dead", data: {} }]);
  expect(await readMailHealth(bench.db, bench.clock.now())).toMatchObject({ dead: 0, waiting: 0 });
});

test("account mails that could never leave go after their time as well, with their links", async () => {
  bench.accounts.set("u1", { email: "ada@example.com", name: "Ada" });
  const silent = bench.openNotifications(null);
  await silent.sendAccountMail({ ...anAccountMail, userId: "u1" });
  bench.clock.advance(31 * 24 * 3_600_000);
  await silent.sendAccountMail({ ...anAccountMail, userId: "u1", token: "another" });
  expect(await purgeMails(bench.db, bench.clock.now())).toBe(1);
  expect(await bench.rows()).toHaveLength(1);
});

test("a member of staff whose second factors were taken away is told, once, and without any link", async () => {
  bench.accounts.set("u1", { email: "sam@shop.example", name: "Sam" });
  const id = newId("msg");
  for (const _ of [1, 2]) await bench.deliver("staff.second_factor_reset", { userId: "u1" }, id);
  await bench.notifications.idle();
  const mails = await bench.mails();
  expect(mails.map(({ recipients, subject }) => [recipients, subject])).toEqual([
    [["sam@shop.example"], "Your second factor at Stoa shop was reset"],
  ]);
  const { text, html } = await bench.open(mails[0]?.id ?? "");
  expect(text).toContain("Hello Sam,");
  expect(text).toContain("tell an owner of the shop at once");
  expect(html).not.toContain("href");
});

test("account mails go after their time, mails of orders stay", async () => {
  const orderId = anOrder(bench);
  bench.accounts.set("u1", { email: "ada@example.com", name: "Ada" });
  await bench.notifications.sendAccountMail({ ...anAccountMail, userId: "u1" });
  await bench.deliver("order.confirmed", { orderId, items: [] });
  await bench.notifications.idle();
  expect(await purgeMails(bench.db, bench.clock.now())).toBe(0);
  bench.clock.advance(31 * 24 * 3_600_000);
  expect(await purgeMails(bench.db, bench.clock.now())).toBe(1);
  expect(await bench.rows()).toMatchObject([{ kind: "order_placed" }]);
});
