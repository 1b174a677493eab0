import { z } from "zod";
import { applyProviderEvent } from "../apply-event.ts";
import type { ProviderName } from "../payment.ts";
import { paymentOfOrder } from "../payment-of-order.ts";
import { createPaypalClient } from "../providers/paypal-client.ts";
import { readFacts } from "../read-facts.ts";
import { takeProviderEvent } from "../take-event.ts";
import { authorize, decide, paymentRow, type TestOrder, type TestShop, testOrder } from "./shop.ts";

/** What a provider's own books say about an order, in minor units. */
interface Books {
  readonly charges: number;
  readonly held: number;
  readonly taken: number;
  readonly returned: number;
}

const sum = (amounts: readonly number[]) => amounts.reduce((left, right) => left + right, 0);

async function stripeBooks(shop: TestShop, { orderId }: TestOrder): Promise<Books> {
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

async function paypalBooks(shop: TestShop, order: TestOrder): Promise<Books> {
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
async function manualBooks(shop: TestShop, { orderId }: TestOrder): Promise<Books> {
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

/** `hour`: when the provider said so, by the hours of a day. */
type DisputeEvent = (taken: Taken, told: "opened" | "won" | "lost", hour?: number) => object;

const timeOf = (hour: number) => new Date(Date.UTC(2026, 10, 24, hour)).toISOString();

const stripeDispute: DisputeEvent = ({ reference }, told, hour = 1) => ({
  id: `evt_${crypto.randomUUID()}`,
  created: Date.parse(timeOf(hour)) / 1_000,
  type: told === "opened" ? "charge.dispute.created" : "charge.dispute.closed",
  data: {
    object: {
      ...{ id: `dp_${reference}`, amount: 5_200, currency: "usd", payment_intent: reference, reason: "fraudulent" },
      status: told === "opened" ? "needs_response" : told,
    },
  },
});

const paypalDispute: DisputeEvent = ({ reference, captureReference }, told, hour = 1) => ({
  id: `WH-${crypto.randomUUID()}`,
  event_type: told === "opened" ? "CUSTOMER.DISPUTE.CREATED" : "CUSTOMER.DISPUTE.RESOLVED",
  resource: {
    ...{ dispute_id: `PP-${reference}`, reason: "UNAUTHORISED", update_time: timeOf(hour) },
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

const paypalReversal = ({ captureReference }: Taken, hour = 1) => ({
  ...{ id: `WH-${crypto.randomUUID()}`, event_type: "PAYMENT.CAPTURE.REVERSED", resource_type: "refund" },
  resource: {
    ...{ id: `REV-${captureReference}`, status: "COMPLETED", amount: { currency_code: "USD", value: "52.00" } },
    create_time: timeOf(hour),
    links: [{ rel: "up", href: `https://api.paypal.com/v2/payments/captures/${captureReference}`, method: "GET" }],
  },
});

/** The stand-in's test card disputes what it has paid. */
async function openStripeDispute(shop: TestShop, { reference: intent }: Taken) {
  const [opened] = (await shop.stripeClient.disputes.list({ payment_intent: intent })).data;
  if (!opened) throw new Error("no dispute");
  const event = async () => ({
    ...{ id: `evt_${crypto.randomUUID()}`, type: "charge.dispute.updated" },
    data: { object: await shop.stripeClient.disputes.retrieve(opened.id) },
  });
  return { reference: opened.id, event };
}

async function openPaypalDispute(shop: TestShop, { captureReference: capture }: Taken) {
  const answer = await fetch(`${shop.paypal.url}/_stoa/disputes`, {
    method: "POST",
    body: JSON.stringify({ capture }),
  });
  const reference = z.object({ dispute_id: z.string() }).parse(await answer.json()).dispute_id;
  const event = async () => ({
    ...{ id: `WH-${crypto.randomUUID()}`, event_type: "CUSTOMER.DISPUTE.UPDATED" },
    resource: await paypalGet(shop, `/v1/customer/disputes/${reference}`),
  });
  return { reference, event };
}

/** What PayPal shows, asked over the wire. */
async function paypalGet(shop: TestShop, path: string): Promise<unknown> {
  const client = createPaypalClient({ apiUrl: shop.paypal.url, clientId: "stoa", clientSecret: "stoa-secret" });
  const { accessToken } = await client.clientCredentialsAuthManager.fetchToken();
  const answer = await fetch(shop.paypal.url + path, { headers: { authorization: `Bearer ${accessToken}` } });
  return answer.json();
}

/** A provider as the contract sees it. */
export interface ProviderUnderContract {
  readonly name: ProviderName;
  readonly paymentMethod?: string;
  readonly books: (shop: TestShop, order: TestOrder) => Promise<Books>;
  /** How a shopper pays who has to act first; null where nobody has to. */
  readonly acting: { readonly paymentMethod?: string } | null;
  /** An event by which the provider tells of a dispute over what it took; null where it sends none. */
  readonly disputeEvent: DisputeEvent | null;
  /** One by which it tells that the money was taken back without a dispute that could be answered. */
  readonly reversal: ((taken: Taken, hour?: number) => object) | null;
  /** Lets a shopper dispute what was taken of them, in the provider's own books. */
  readonly openDispute: {
    readonly method: { readonly paymentMethod?: string };
    readonly open: (shop: TestShop, taken: Taken) => Promise<{ reference: string; event: () => Promise<object> }>;
  } | null;
  readonly faults: readonly { readonly verb: "authorize" | "capture" | "void"; readonly operation: string }[];
}

export const providers: readonly ProviderUnderContract[] = [
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

export async function takenOf(shop: TestShop, order: TestOrder): Promise<Taken> {
  const { id, providerReference } = await paymentRow(shop, order);
  const facts = await readFacts(shop.db, id);
  const captured = facts.find((fact) => fact.type === "captured");
  return { reference: providerReference ?? "", captureReference: captured?.reference ?? "" };
}

/** An event as it comes in by the provider's webhook, its origin proved. */
export async function tell(shop: TestShop, provider: ProviderName, body: object): Promise<void> {
  const event = { provider, rawBody: JSON.stringify(body), verdict: "signature_valid" } as const;
  const taken = await takeProviderEvent(shop.deps, event);
  if (taken) await applyProviderEvent(shop.deps, taken.id);
}

/** An order that a shopper pays with this provider. */
export const orderWith = ({ name, paymentMethod }: Pick<ProviderUnderContract, "name" | "paymentMethod">) =>
  testOrder({ provider: name, paymentMethod, returnUrl: "https://shop.example/back" });

/** Goes as far as the provider does with a shopper who approves everything. */
export async function payAll(shop: TestShop, order: TestOrder) {
  const first = await authorize(shop, order);
  if (first.kind !== "requires_action" || first.nextAction.type !== "redirect") return first;
  await decide(first.nextAction.url, "pay");
  return authorize(shop, order);
}

/** Up to the shopper's approval, where the provider asks for one. */
export async function approveOnly(shop: TestShop, order: TestOrder): Promise<void> {
  if (order.method.provider !== "paypal") return;
  const asked = await authorize(shop, order);
  if (asked.kind !== "requires_action" || asked.nextAction.type !== "redirect") throw new Error(asked.kind);
  await decide(asked.nextAction.url, "pay");
}
