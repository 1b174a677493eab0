import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type CustomerId, type Money, money, newId, type OrderId, type SavedMethodId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { transact } from "../../platform/db/index.ts";
import { applyProviderEvent } from "./apply-event.ts";
import type { PaymentEventDeps } from "./attempt.ts";
import { listDisputes, submitEvidence } from "./disputes.ts";
import type { ProviderName } from "./payment.ts";
import { paymentOfOrder } from "./payment-of-order.ts";
import { createPaypalClient } from "./providers/paypal-client.ts";
import { readFacts } from "./read-facts.ts";
import { listSavedMethods, removeSavedMethod } from "./saved/saved-methods.ts";
import { sweepSavedMethods } from "./saved/sweep-saved-methods.ts";
import { dispute } from "./tables.ts";
import { takeProviderEvent } from "./take-event.ts";
import {
  authorize,
  balances,
  capture,
  captureOf,
  crashAfterCall,
  decide,
  paymentRow,
  plain,
  refund,
  release,
  type TestOrder,
  type TestShop,
  testOrder,
  testShop,
  timed,
} from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

/** What a provider's own books say about an order, in minor units. */
interface Books {
  readonly charges: number;
  readonly held: number;
  readonly taken: number;
  readonly returned: number;
}

const sum = (amounts: readonly number[]) => amounts.reduce((left, right) => left + right, 0);

async function stripeBooks({ orderId }: TestOrder): Promise<Books> {
  const { data } = await shop.stripeClient.paymentIntents.search({ query: `metadata["orderId"]:"${orderId}"` });
  const refunds = await Promise.all(
    data.map((intent) => shop.stripeClient.refunds.list({ payment_intent: intent.id })),
  );
  const charges = await Promise.all(
    data.map((intent) => shop.stripeClient.charges.list({ payment_intent: intent.id })),
  );
  return {
    charges: charges.flatMap((page) => page.data.filter((charge) => charge.status === "succeeded")).length,
    held: sum(data.map((intent) => intent.amount_capturable)),
    taken: sum(data.map((intent) => intent.amount_received)),
    returned: sum(refunds.flatMap((page) => page.data.map((one) => one.amount))),
  };
}

const paypalBooksSchema = z.object({
  authorizations: z.array(z.object({ order: z.string(), held: z.int() })),
  captures: z.array(z.object({ order: z.string(), amount: z.int(), refunded: z.int() })),
});

async function paypalBooks(order: TestOrder): Promise<Books> {
  const reference = (await paymentRow(shop, order)).providerReference;
  const books = paypalBooksSchema.parse(await (await fetch(`${shop.paypal.url}/_stoa/books`)).json());
  const authorizations = books.authorizations.filter((one) => one.order === reference);
  const captures = books.captures.filter((one) => one.order === reference);
  return {
    charges: authorizations.length,
    held: sum(authorizations.map((one) => one.held)),
    taken: sum(captures.map((one) => one.amount)),
    returned: sum(captures.map((one) => one.refunded)),
  };
}

/** Nobody keeps books about manual payments but us. */
async function manualBooks({ orderId }: TestOrder): Promise<Books> {
  const view = await paymentOfOrder(shop.db, orderId);
  if (!view) throw new Error("no payment");
  const { heldAmount: held, capturedAmount: taken, refundedAmount: returned } = view;
  return { charges: 1, held, taken, returned };
}

/** What a provider took, as its events name it. */
interface Taken {
  readonly reference: string;
  readonly captureReference: string;
}

type DisputeEvent = (taken: Taken, told: "opened" | "won" | "lost") => object;

const stripeDispute: DisputeEvent = ({ reference }, told) => ({
  id: `evt_${crypto.randomUUID()}`,
  type: told === "opened" ? "charge.dispute.created" : "charge.dispute.closed",
  data: {
    object: {
      ...{ id: `dp_${reference}`, amount: 5_200, currency: "usd", payment_intent: reference, reason: "fraudulent" },
      status: told === "opened" ? "needs_response" : told,
    },
  },
});

const paypalDispute: DisputeEvent = ({ reference, captureReference }, told) => ({
  id: `WH-${crypto.randomUUID()}`,
  event_type: told === "opened" ? "CUSTOMER.DISPUTE.CREATED" : "CUSTOMER.DISPUTE.RESOLVED",
  resource: {
    ...{ dispute_id: `PP-${reference}`, reason: "UNAUTHORISED" },
    dispute_amount: { currency_code: "USD", value: "52.00" },
    disputed_transactions: [{ seller_transaction_id: captureReference }],
    ...(told !== "opened" && {
      dispute_outcome: { outcome_code: told === "won" ? "RESOLVED_SELLER_FAVOUR" : "RESOLVED_BUYER_FAVOUR" },
    }),
  },
});

/** The money is gone, and nobody was asked: a bank took back what it had paid. */
const stripeReversal = (taken: Taken) => {
  const { data, ...event } = stripeDispute(taken, "lost") as ReturnType<typeof JSON.parse>;
  return { ...event, type: "charge.dispute.created", data };
};

const paypalReversal = ({ captureReference }: Taken) => ({
  ...{ id: `WH-${crypto.randomUUID()}`, event_type: "PAYMENT.CAPTURE.REVERSED", resource_type: "refund" },
  resource: {
    ...{ id: `REV-${captureReference}`, status: "COMPLETED", amount: { currency_code: "USD", value: "52.00" } },
    links: [{ rel: "up", href: `https://api.paypal.com/v2/payments/captures/${captureReference}`, method: "GET" }],
  },
});

/** The stand-in's test card disputes what it has paid. */
async function openStripeDispute({ reference: intent }: Taken) {
  const [opened] = (await shop.stripeClient.disputes.list({ payment_intent: intent })).data;
  if (!opened) throw new Error("no dispute");
  const event = async () => ({
    ...{ id: `evt_${crypto.randomUUID()}`, type: "charge.dispute.updated" },
    data: { object: await shop.stripeClient.disputes.retrieve(opened.id) },
  });
  return { reference: opened.id, event };
}

async function openPaypalDispute({ captureReference: capture }: Taken) {
  const answer = await fetch(`${shop.paypal.url}/_stoa/disputes`, {
    method: "POST",
    body: JSON.stringify({ capture }),
  });
  const reference = z.object({ dispute_id: z.string() }).parse(await answer.json()).dispute_id;
  const event = async () => ({
    ...{ id: `WH-${crypto.randomUUID()}`, event_type: "CUSTOMER.DISPUTE.UPDATED" },
    resource: await paypalGet(`/v1/customer/disputes/${reference}`),
  });
  return { reference, event };
}

/** What PayPal shows, asked over the wire. */
async function paypalGet(path: string): Promise<unknown> {
  const client = createPaypalClient({ apiUrl: shop.paypal.url, clientId: "stoa", clientSecret: "stoa-secret" });
  const { accessToken } = await client.clientCredentialsAuthManager.fetchToken();
  const answer = await fetch(shop.paypal.url + path, { headers: { authorization: `Bearer ${accessToken}` } });
  return answer.json();
}

const providers: readonly {
  readonly name: ProviderName;
  readonly paymentMethod?: string;
  readonly books: (order: TestOrder) => Promise<Books>;
  /** How a shopper pays who has to act first; null where nobody has to. */
  readonly acting: { readonly paymentMethod?: string } | null;
  /** An event by which the provider tells of a dispute over what it took; null where it sends none. */
  readonly disputeEvent: DisputeEvent | null;
  /** One by which it tells that the money was taken back without a dispute that could be answered. */
  readonly reversal: ((taken: Taken) => object) | null;
  /** Lets a shopper dispute what was taken of them, in the provider's own books. */
  readonly openDispute: {
    readonly method: { readonly paymentMethod?: string };
    readonly open: (taken: Taken) => Promise<{ reference: string; event: () => Promise<object> }>;
  } | null;
  readonly faults: readonly { readonly verb: "authorize" | "capture" | "void"; readonly operation: string }[];
}[] = [
  {
    name: "stripe",
    paymentMethod: "pm_card_visa",
    books: stripeBooks,
    acting: { paymentMethod: "pm_card_authenticationRequired" },
    disputeEvent: stripeDispute,
    reversal: stripeReversal,
    openDispute: { method: { paymentMethod: "pm_card_createDispute" }, open: openStripeDispute },
    faults: [
      { verb: "authorize", operation: "payment_intents.confirm" },
      { verb: "capture", operation: "payment_intents.capture" },
      { verb: "void", operation: "payment_intents.cancel" },
    ],
  },
  {
    name: "paypal",
    books: paypalBooks,
    acting: {},
    disputeEvent: paypalDispute,
    reversal: paypalReversal,
    openDispute: { method: {}, open: openPaypalDispute },
    faults: [
      { verb: "authorize", operation: "orders.authorize" },
      { verb: "capture", operation: "authorizations.capture" },
      { verb: "void", operation: "authorizations.void" },
    ],
  },
  {
    name: "manual",
    books: manualBooks,
    acting: null,
    disputeEvent: null,
    reversal: null,
    openDispute: null,
    faults: [],
  },
];

async function takenOf(order: TestOrder): Promise<Taken> {
  const { id, providerReference } = await paymentRow(shop, order);
  const facts = await readFacts(shop.db, id);
  const captured = facts.find((fact) => fact.type === "captured");
  return { reference: providerReference ?? "", captureReference: captured?.reference ?? "" };
}

/** An event as it comes in by the provider's webhook, its origin proved. */
async function tell(provider: ProviderName, body: object): Promise<void> {
  const event = { provider, rawBody: JSON.stringify(body), verdict: "signature_valid" } as const;
  const id = await takeProviderEvent(shop.deps, event);
  if (id) await applyProviderEvent(shop.deps, id);
}

for (const { name, paymentMethod, books, acting, disputeEvent, reversal, openDispute, faults } of providers) {
  const newOrder = () => testOrder({ provider: name, paymentMethod, returnUrl: "https://shop.example/back" });
  const standIn = () => (name === "paypal" ? shop.paypal : shop.stripe);
  /** Goes as far as the provider does with a shopper who approves everything. */
  const pay = async (order: TestOrder) => {
    const first = await authorize(shop, order);
    if (first.kind !== "requires_action" || first.nextAction.type !== "redirect") return first;
    await decide(first.nextAction.url, "pay");
    return authorize(shop, order);
  };
  /** Up to the shopper's approval, where the provider asks for one. */
  const approve = async (order: TestOrder) => {
    if (name !== "paypal") return;
    const asked = await authorize(shop, order);
    if (asked.kind !== "requires_action" || asked.nextAction.type !== "redirect") throw new Error(asked.kind);
    await decide(asked.nextAction.url, "pay");
  };

  /** What a saga does: again, as long as the answer is that it is not over. */
  const captureAll = async (order: TestOrder, amount: Money | "rest", cause: string) => {
    for (;;) {
      const outcome = await captureOf(shop, order, { amount, cause: `${order.key}/${cause}`, byStaff: true });
      if (outcome.kind !== "pending") return outcome;
    }
  };

  describe(`every provider keeps its promises: ${name}`, () => {
    test("it holds the whole amount once, however often it is asked", async () => {
      const order = newOrder();
      expect(await pay(order)).toMatchObject({ kind: "authorized" });
      expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
      expect(await books(order)).toEqual({ charges: 1, held: 5_200, taken: 0, returned: 0 });
    });

    test("it takes what it holds once, and gives part of it back once a key", async () => {
      const order = newOrder();
      await pay(order);
      for (const _ of [1, 2]) expect(await capture(shop, order, true)).toMatchObject({ kind: "captured" });
      for (const _ of [1, 2]) {
        expect(await refund(shop, order, `${order.key}/r`, money(1_200, "USD"))).toMatchObject({ kind: "refunded" });
      }
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 5_200, returned: 1_200 });
      expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "partially_refunded" });
    });

    test("it lets go of what it holds, and twice is the same as once", async () => {
      const order = newOrder();
      await pay(order);
      for (const _ of [1, 2]) await release(shop, order);
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 0, returned: 0 });
      expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "voided" });
      expect(await authorize(shop, order)).toMatchObject({ kind: "declined" });
    });

    test("killed before it saw the answer, it holds the amount once all the same", async () => {
      const order = newOrder();
      await approve(order);
      await crashAfterCall(shop, shop.verbs.authorizePayment, timed(order.key, null), order);
      expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
      expect(await books(order)).toMatchObject({ charges: 1, held: 5_200 });
    });

    test("killed before it saw the answer, it lets go of what may be held", async () => {
      const order = newOrder();
      await approve(order);
      await crashAfterCall(shop, shop.verbs.authorizePayment, timed(order.key, null), order);
      await release(shop, order);
      expect(await books(order)).toMatchObject({ held: 0, taken: 0 });
    });

    test("killed before it saw the answer to a capture or a refund, it makes neither twice", async () => {
      const order = newOrder();
      await pay(order);
      await crashAfterCall(shop, shop.verbs.capturePayment, plain, { ...order, byStaff: true });
      expect(await capture(shop, order, true)).toMatchObject({ kind: "captured" });
      const partly = { ...order, amount: money(200, "USD"), reason: null, cause: `${order.key}/r` };
      await crashAfterCall(shop, shop.verbs.refundOrder, plain, partly);
      expect(await refund(shop, order, `${order.key}/r`, partly.amount)).toMatchObject({ kind: "refunded" });
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 5_200, returned: 200 });
    });

    test("money that was taken comes back when the order is let go of", async () => {
      const order = newOrder();
      await pay(order);
      await capture(shop, order, true);
      expect(await release(shop, order)).toMatchObject({ kind: "refunded" });
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 5_200, returned: 5_200 });
    });

    test("it takes what it holds in parts, each cause once, and never more than it holds", async () => {
      const order = newOrder();
      await pay(order);
      const part = (amount: number, cause: string) => captureAll(order, money(amount, "USD"), cause);
      for (const _ of [1, 2]) {
        expect(await part(2_000, "first")).toMatchObject({ kind: "captured", captured: money(2_000, "USD") });
      }
      expect(await books(order)).toMatchObject({ charges: 1, held: 3_200, taken: 2_000 });
      expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "authorized", heldAmount: 3_200 });
      const over = await part(4_000, "second");
      expect(over).toMatchObject({ kind: "captured", captured: money(5_200, "USD"), short: money(800, "USD") });
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 5_200, returned: 0 });
    });

    test("two causes at once take both parts, and a third the rest", async () => {
      const order = newOrder();
      await pay(order);
      await Promise.all([1, 2].map((part) => captureAll(order, money(1_000 * part, "USD"), `part ${part}`)));
      expect(await books(order)).toMatchObject({ held: 2_200, taken: 3_000 });
      expect(await captureAll(order, "rest", "rest")).toMatchObject({ kind: "captured", short: money(0, "USD") });
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 5_200, returned: 0 });
    });

    test("killed before it saw the answer to a part, it takes the part once", async () => {
      const order = newOrder();
      await pay(order);
      const input = { ...order, amount: money(2_000, "USD"), cause: `${order.key}/part`, byStaff: true };
      await crashAfterCall(shop, shop.verbs.captureOrder, plain, input);
      await captureAll(order, money(2_000, "USD"), "part");
      expect(await books(order)).toMatchObject({ held: 3_200, taken: 2_000 });
    });

    test("it gives back several parts of several captures, and what was never captured is let go of", async () => {
      const order = newOrder();
      await pay(order);
      await captureAll(order, money(2_000, "USD"), "first");
      await captureAll(order, money(1_500, "USD"), "second");
      const give = (cause: string, amount: number) =>
        refund(shop, order, `${order.key}/${cause}`, money(amount, "USD"));
      await expect(give("too much", 3_501)).rejects.toThrow("more than what is left");
      for (const _ of [1, 2]) expect(await give("r1", 1_700)).toMatchObject({ kind: "refunded" });
      expect(await give("r2", 300)).toMatchObject({ kind: "refunded" });
      expect(await books(order)).toMatchObject({ held: 1_700, taken: 3_500, returned: 2_000 });
      await release(shop, order);
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 3_500, returned: 3_500 });
      expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "refunded", heldAmount: 0 });
    });

    test("refunds at once never send back more than was captured", async () => {
      const order = newOrder();
      await pay(order);
      await captureAll(order, money(2_000, "USD"), "first");
      await captureAll(order, money(1_000, "USD"), "second");
      const asked = Array.from({ length: 6 }, (_, index) =>
        refund(shop, order, `${order.key}/p${index}`, money(700, "USD")),
      );
      const outcomes = await Promise.allSettled(asked);
      expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(4);
      expect(await books(order)).toMatchObject({ taken: 3_000, returned: 2_800 });
    });

    if (acting !== null) {
      /** Sends the shopper where the provider wants them; answers where that is. */
      const ask = async (order: TestOrder) => {
        const asked = await authorize(shop, order);
        if (asked.kind !== "requires_action" || asked.nextAction.type !== "redirect") throw new Error(asked.kind);
        expect(await books(order)).toMatchObject({ held: 0, taken: 0 });
        expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "requires_action" });
        return asked.nextAction.url;
      };
      const actingOrder = () => testOrder({ provider: name, returnUrl: "https://shop.example/back", ...acting });

      test("a shopper who has to act first is told where, and nothing is held until they have", async () => {
        const order = actingOrder();
        const url = await ask(order);
        expect(await ask(order)).toBe(url);
        await decide(url, "pay");
        expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
        expect(await books(order)).toEqual({ charges: 1, held: 5_200, taken: 0, returned: 0 });
        expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "authorized", nextAction: null });
      });

      test("a decline says why, holds nothing, and stays one", async () => {
        const order = actingOrder();
        await decide(await ask(order), "decline");
        const declined = await authorize(shop, order);
        expect(declined).toMatchObject({ kind: "declined", declineCode: expect.stringMatching(/^[a-z_]+$/) });
        expect(await authorize(shop, order)).toMatchObject({ kind: "declined" });
        expect(await books(order)).toMatchObject({ held: 0, taken: 0 });
        expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "failed", authorizedAmount: 0 });
        await expect(capture(shop, order, true)).rejects.toMatchObject({ code: "state_conflict" });
      });
    }

    test(`a dispute is ${disputeEvent === null ? "nothing that it tells of" : "told by events, in any order and often, and booked once"}`, async () => {
      const provider = shop.deps.providers.get(name);
      if (disputeEvent === null) {
        expect(() => provider?.parseEvent("{}")).toThrow("nobody sends events");
        expect(provider?.submitEvidence).toBeUndefined();
        return;
      }
      for (const [ends, account] of [
        [["opened", "won"], 0],
        [["won", "opened"], 0],
        [["opened", "lost"], 5_200],
        [["lost", "opened", "lost"], 5_200],
      ] as const) {
        const order = newOrder();
        await pay(order);
        await capture(shop, order, true);
        const taken = await takenOf(order);
        const before = (await balances(shop))[`${name}.disputes`] ?? 0;
        const bodies = ends.map((told) => disputeEvent(taken, told));
        for (const body of [...bodies, ...bodies]) await tell(name, body);
        expect((await balances(shop))[`${name}.disputes`] ?? 0).toBe(before + account);
        const { items } = await listDisputes(shop.db, { limit: 100 });
        const own = items.filter((item) => item.orderId === order.orderId);
        expect(own).toMatchObject([
          { state: account === 0 ? "won" : "lost", amount: { amount: 5_200 }, provider: name },
        ]);
        expect(shop.told).toContain(order.orderId);
      }
    });

    test("money that was taken back without a dispute is booked and shown as lost, and as a dispute's where there is one", async () => {
      if (disputeEvent === null || reversal === null) return;
      const story = ["reversal", "opened", "lost"] as const;
      const orders = [["reversal"], story, [story[1], story[0], story[2]], [story[1], story[2], story[0]]] as const;
      for (const events of orders) {
        const order = newOrder();
        await pay(order);
        await capture(shop, order, true);
        const taken = await takenOf(order);
        const before = await balances(shop);
        const bodies = events.map((one) => (one === "reversal" ? reversal(taken) : disputeEvent(taken, one)));
        for (const body of [...bodies, ...bodies]) await tell(name, body);
        const after = await balances(shop);
        const change = (account: string) => (after[account] ?? 0) - (before[account] ?? 0);
        expect([change(`${name}.disputes`), change(`${name}.balance`)]).toEqual([5_200, -5_200]);
        const { items } = await listDisputes(shop.db, { limit: 100 });
        const own = items.filter((item) => item.orderId === order.orderId);
        expect([events, own]).toMatchObject([events, [{ state: "lost", amount: { amount: 5_200 }, provider: name }]]);
        expect(own).toHaveLength(1);
      }
    });

    test("evidence is sent to the provider that tells of the dispute, once, and it says so itself", async () => {
      if (openDispute === null) return expect(shop.deps.providers.get(name)?.submitEvidence).toBeUndefined();
      const order = testOrder({ provider: name, returnUrl: "https://shop.example/back", ...openDispute.method });
      await pay(order);
      await capture(shop, order, true);
      const { reference, event } = await openDispute.open(await takenOf(order));
      await tell(name, await event());
      const evidence = { provider: name, reference, text: "It was signed for.", settled: async () => undefined };
      for (const _ of [1, 2]) {
        expect(await submitEvidence(shop.deps, evidence)).toMatchObject({ state: "evidence_sent" });
      }
      await shop.db.update(dispute).set({ state: "opened" }).where(eq(dispute.reference, reference));
      await tell(name, await event());
      const { items } = await listDisputes(shop.db, { limit: 100 });
      expect(items.find((item) => item.reference === reference)).toMatchObject({
        ...{ state: "evidence_sent", orderId: order.orderId, evidence: evidence.text },
      });
      const tooLong = { ...evidence, text: "x".repeat(20_001) };
      await expect(submitEvidence(shop.deps, tooLong)).rejects.toMatchObject({ code: "validation_failed" });
    });

    test("evidence locks the order before the dispute, as the provider's news do, and is on record though it is decided by then", async () => {
      if (openDispute === null) return;
      const order = testOrder({ provider: name, returnUrl: "https://shop.example/back", ...openDispute.method });
      await pay(order);
      await capture(shop, order, true);
      const { reference, event } = await openDispute.open(await takenOf(order));
      await tell(name, await event());
      const locked: OrderId[] = [];
      const lockOrder: PaymentEventDeps["lockOrder"] = async (_tx, orderId) => {
        locked.push(orderId);
        // News that come at this very moment: they would wait here for a row that is locked already.
        await shop.db.transaction(async (other) => {
          await other.select().from(dispute).where(eq(dispute.reference, reference)).for("update", { noWait: true });
          await other.update(dispute).set({ state: "won" }).where(eq(dispute.reference, reference));
        });
      };
      const evidence = { provider: name, reference, text: "It was signed for.", settled: async () => undefined };
      expect(await submitEvidence({ ...shop.deps, lockOrder }, evidence)).toMatchObject({
        ...{ state: "won", evidence: evidence.text },
      });
      expect(locked).toEqual([order.orderId]);
    });

    test("what a customer pays with is kept on their word, pays again for them alone, and goes when they say so", async () => {
      const customerId = newId("cus");
      const order = { ...newOrder(), customer: { customerId } };
      const saving = { ...order, method: { ...order.method, savePaymentMethod: true } };
      if (shop.deps.providers.get(name)?.vault === undefined) {
        return expect(pay(saving)).rejects.toMatchObject({ code: "validation_failed" });
      }
      expect(await pay(saving)).toMatchObject({ kind: "authorized" });
      const [kept] = await listSavedMethods(shop.db, customerId);
      if (!kept) throw new Error("nothing was kept");
      expect(kept).toMatchObject({ provider: name });
      const again = (owner: CustomerId, id: SavedMethodId = kept.id) => ({
        ...testOrder({ provider: name, paymentMethod: id, returnUrl: "https://shop.example/back" }),
        customer: { customerId: owner },
      });
      // Its owner has agreed before, so nobody is sent anywhere.
      const next = again(customerId);
      for (const _ of [1, 2]) expect(await authorize(shop, next)).toMatchObject({ kind: "authorized" });
      expect(await books(next)).toEqual({ charges: 1, held: 5_200, taken: 0, returned: 0 });
      await expect(authorize(shop, again(newId("cus")))).rejects.toMatchObject({ code: "validation_failed" });
      const now = shop.deps.clock.now();
      await transact(shop.db, (tx) => removeSavedMethod({ tx, now }, { customerId, id: kept.id }));
      expect(await sweepSavedMethods(shop.deps)).toMatchObject({ failed: [] });
      await expect(authorize(shop, again(customerId))).rejects.toMatchObject({ code: "validation_failed" });
    });

    for (const { verb, operation } of faults) {
      for (const kind of ["loseAnswer", "drop"] as const) {
        test(`a connection that breaks during ${verb} (${kind}) changes nothing about the end`, async () => {
          const order = newOrder();
          await approve(order);
          if (verb !== "authorize") await pay(order);
          standIn().faults?.arm({ operation, action: { kind }, times: 1 });
          if (verb === "capture") await capture(shop, order);
          else if (verb === "void") await release(shop, order);
          else await authorize(shop, order);
          const expected = {
            authorize: { held: 5_200 },
            capture: { held: 0, taken: 5_200 },
            void: { held: 0, taken: 0 },
          };
          expect(await books(order)).toMatchObject({ charges: 1, ...expected[verb] });
        });
      }
    }
  });
}
