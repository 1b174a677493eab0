import { startMailbox } from "@stoa/devstack/mailbox";
import { money, newId, type OrderId } from "@stoa/kernel";
import type { OrderView } from "@stoa/read-models";
import { z } from "zod";
import { transact } from "../../platform/db/index.ts";
import type { StaffActor } from "../../platform/rpc/index.ts";
import { writeSetting } from "../../platform/settings/index.ts";
import { movableClock, testDatabase } from "../../testing/index.ts";
import type { MailFile } from "../facts.ts";
import { createNotifications } from "../notifications.ts";
import { mailSetting } from "../settings.ts";
import { email } from "../tables.ts";
import { createSmtpTransport } from "../transport.ts";

export const staff: StaffActor = {
  kind: "staff",
  staffId: newId("stf"),
  userId: "staff-1",
  name: "Sam",
  email: "sam@shop.example",
  roles: ["owner"],
  rights: new Set(["orders:read", "orders:write", "settings:read", "settings:write"]),
};

const mailSchema = z.object({
  id: z.string(),
  recipients: z.array(z.string()),
  subject: z.string(),
  messageId: z.string(),
  deliveries: z.int(),
});
const wholeSchema = mailSchema.extend({
  text: z.string(),
  html: z.string(),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  files: z.array(z.object({ name: z.string(), mimeType: z.string() })),
});

/** Notifications over a database of their own and a mailbox; their orders are plain values that a test may change. */
export async function aBench() {
  const database = await testDatabase();
  const { db } = database;
  const clock = movableClock();
  const mailbox = await startMailbox({ port: 0, pagePort: 0, dataDir: null, faults: { seed: 1 } });
  const orders = new Map<OrderId, OrderView>();
  const accounts = new Map<string, { email: string; name: string }>();
  const invoices = new Map<OrderId, MailFile>();
  /** Orders that cannot be read, and requests that are open no longer. */
  const damaged = new Set<OrderId>();
  const over = new Set<string>();
  const seen: string[] = [];
  const openNotifications = (url: string | null = mailbox.url) =>
    createNotifications({
      db,
      clock,
      random: () => 0.5,
      gatherMs: 0,
      transport: url === null ? null : createSmtpTransport({ url, from: "Stoa shop <orders@shop.example>" }),
      observe: {
        sent: (kind) => seen.push(`sent ${kind}`),
        failed: ({ kind }, error) => seen.push(`failed ${kind}: ${error}`),
        unwanted: ({ kind }) => seen.push(`unwanted ${kind}`),
        dead: ({ kind }, error) => seen.push(`dead ${kind}: ${error}`),
      },
      sources: {
        readOrders: async (ids) => {
          if (ids.some((id) => damaged.has(id))) throw new Error("an order cannot be read");
          return new Map(
            ids.flatMap((id) => {
              const view = orders.get(id);
              return view ? [[id, { stored: { view, customerId: null, accessTokenHash: "", settled: true } }]] : [];
            }),
          );
        },
        accessToken: (orderId) => `token-of-${orderId}`,
        findAccount: async (userId) => accounts.get(userId) ?? null,
        refund: async () => ({ amount: money(1_234, "EUR"), to: "original" }),
        paymentRequest: async (id) =>
          over.has(id)
            ? null
            : {
                ...{ token: "to/ken", amount: money(500, "EUR"), expiresAt: null },
                ...(id.startsWith("draft") && { to: { name: "Grace", address: `${id}@example.com` } }),
              },
        paymentLinkUrl: "https://pay.example/",
        returnRejection: async () => "It was worn.",
        invoice: async (orderId) => invoices.get(orderId) ?? null,
      },
    });
  let notifications = openNotifications();
  return {
    ...{ db, database, clock, mailbox, orders, accounts, invoices, damaged, over, seen, openNotifications },
    get notifications() {
      return notifications;
    },
    /** Delivers a message, as the queue would. */
    deliver: (type: string, payload: unknown, id: string = newId("msg")) =>
      notifications.consumers[type]?.({ id, payload }),
    rows: () => db.select().from(email).orderBy(email.createdAt),
    async mails(): Promise<z.infer<typeof mailSchema>[]> {
      const answer = await fetch(`${mailbox.pageUrl}/api/mails`);
      return z.object({ items: z.array(mailSchema) }).parse(await answer.json()).items;
    },
    async open(id: string): Promise<z.infer<typeof wholeSchema>> {
      return wholeSchema.parse(await (await fetch(`${mailbox.pageUrl}/api/mails/${id}`)).json());
    },
    /** As at the start, with no connection open. */
    async clear() {
      await notifications[Symbol.asyncDispose]();
      notifications = openNotifications();
      mailbox.faults?.clear();
      seen.length = 0;
      await db.delete(email);
      await fetch(`${mailbox.pageUrl}/api/mails`, { method: "DELETE" });
      const settings = mailSetting.fallback;
      await transact(db, (tx) => writeSetting(tx, clock.now(), mailSetting, settings));
    },
    async [Symbol.asyncDispose]() {
      await notifications[Symbol.asyncDispose]();
      await mailbox.stop();
      await database[Symbol.asyncDispose]();
    },
  };
}

export type Bench = Awaited<ReturnType<typeof aBench>>;

/** An order of two things in euros, for somebody who may be named in a test. */
export function anOrder(bench: Bench, changes: Partial<OrderView> = {}): OrderId {
  const id = newId("ord");
  const eur = (amount: number) => money(amount, "EUR");
  const address = { name: "Ada Lovelace", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };
  bench.orders.set(id, {
    id,
    number: "10042",
    state: "confirmed",
    currency: "EUR",
    email: "ada@example.com",
    items: [
      {
        ...{ sku: "MUG-1", title: "Mug", options: { colour: "Blue", size: "L" }, quantity: 2 },
        ...{ unitPrice: eur(1_250), discount: eur(0), tax: eur(399), total: eur(2_500) },
      },
    ],
    totals: { subtotal: eur(2_500), discount: eur(250), shipping: eur(490), tax: eur(399), total: eur(3_139) },
    shippingAddress: address,
    shippingMethod: { id: "standard", name: "Standard", price: eur(490) },
    payment: { state: "captured", provider: "stripe", refundedTotal: eur(0) },
    fulfilment: { state: "unfulfilled", shipments: [] },
    placedAt: "2026-11-27T10:00:00Z",
    timeline: [],
    ...changes,
  });
  return id;
}
