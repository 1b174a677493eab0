import { type Instant, isId } from "@stoa/kernel";
import type Stripe from "stripe";
import type { PaymentFact } from "../payment.ts";
import type { ProviderGate } from "./gate.ts";
import type { ListedPayment, ListRange } from "./provider.ts";
import { refundFacts } from "./stripe-event.ts";
import { paymentIntentSchema, reportOf } from "./stripe-report.ts";

const PAGE = 100;
/** 50,000 payments in a run; a shop with more asks for shorter ranges. */
const PAGES_MAX = 500;

/** Stripe's own list of what was paid and given back, for reconciliation. */
export class StripeBooks {
  constructor(
    readonly stripe: Stripe,
    readonly gate: ProviderGate,
  ) {}

  async *list({ from, until }: ListRange): AsyncGenerator<ListedPayment> {
    const refunds = await this.#refundsSince(from);
    const created = { gte: Math.floor(from / 1_000), lt: Math.ceil(until / 1_000) };
    const intents = this.#pages("list_intents", (page) => this.stripe.paymentIntents.list({ created, ...page }));
    for await (const object of intents) {
      const intent = paymentIntentSchema.parse(object);
      const { orderId, paymentId } = intent.metadata;
      yield {
        reference: intent.id,
        paymentId: isId("pay", paymentId) ? paymentId : null,
        orderId: isId("ord", orderId) ? orderId : null,
        createdAt: (intent.created * 1_000) as Instant,
        facts: [...reportOf(intent).facts, ...(refunds.get(intent.id) ?? [])],
      };
    }
  }

  /** What was given back of one payment. */
  async refundsOf(paymentIntent: string): Promise<PaymentFact[]> {
    const facts: PaymentFact[] = [];
    const refunds = this.#pages("list_refunds", (page) =>
      this.stripe.refunds.list({ payment_intent: paymentIntent, ...page }),
    );
    for await (const refund of refunds) facts.push(...refundFacts(refund));
    return facts;
  }

  /** Lets go of an object that no order of ours knows: what is held is cancelled, what was taken is refunded. */
  async release(reference: string): Promise<void> {
    const call = { paymentId: null, safe: true };
    const key = `reconciliation/${reference}`;
    const intent = await this.gate.run({ ...call, operation: "retrieve", key: null }, () =>
      this.stripe.paymentIntents.retrieve(reference),
    );
    if (intent.status === "succeeded") {
      await this.gate.run({ ...call, operation: "refund", key }, () =>
        this.stripe.refunds.create({ payment_intent: reference }, { idempotencyKey: key }),
      );
    } else if (intent.status !== "canceled") {
      await this.gate.run({ ...call, operation: "cancel", key }, () =>
        this.stripe.paymentIntents.cancel(reference, {}, { idempotencyKey: key }),
      );
    }
  }

  async #refundsSince(from: number): Promise<Map<string, PaymentFact[]>> {
    const created = { gte: Math.floor(from / 1_000) };
    const found = new Map<string, PaymentFact[]>();
    for await (const refund of this.#pages("list_refunds", (page) => this.stripe.refunds.list({ created, ...page }))) {
      const intent = typeof refund.payment_intent === "string" ? refund.payment_intent : refund.payment_intent?.id;
      if (intent) found.set(intent, [...(found.get(intent) ?? []), ...refundFacts(refund)]);
    }
    return found;
  }

  async *#pages<T extends { readonly id: string }>(
    operation: string,
    list: (page: { limit: number; starting_after?: string }) => Promise<{ data: T[]; has_more: boolean }>,
  ): AsyncGenerator<T> {
    let after: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const where = { limit: PAGE, ...(after !== undefined && { starting_after: after }) };
      const call = { operation, paymentId: null, key: null, safe: true };
      const { data, has_more: hasMore } = await this.gate.run(call, () => list(where));
      yield* data;
      after = data.at(-1)?.id;
      if (!hasMore || after === undefined) return;
    }
    throw new Error("Stripe lists more than one run takes; ask for a shorter range");
  }
}
