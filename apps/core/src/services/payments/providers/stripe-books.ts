import { type Clock, type Instant, isCurrency, isId } from "@stoa/kernel";
import type Stripe from "stripe";
import type { PaymentFact } from "../payment.ts";
import type { ProviderGate } from "./gate.ts";
import {
  type ListedMovement,
  type ListedPayment,
  type ListRange,
  type StatementPage,
  TooMuchListed,
} from "./provider-books.ts";
import { fromStripeAmount } from "./stripe-amount.ts";
import { disputeFacts, refundFacts } from "./stripe-event.ts";
import { paymentIntentSchema, reportOf } from "./stripe-report.ts";

const PAGE = 100;
/** 50,000 lines at once; who has more asks for shorter ranges. */
const PAGES_MAX = 500;

/** Stripe's own list of what was paid and given back, for reconciliation. */
export class StripeBooks {
  constructor(
    readonly stripe: Stripe,
    readonly gate: ProviderGate,
    readonly clock: Clock,
  ) {}

  async *list({ from, until }: ListRange): AsyncGenerator<ListedPayment> {
    const created = { gte: Math.floor(from / 1_000), lt: Math.ceil(until / 1_000) };
    const intents = this.#pages("list_intents", (page) =>
      this.stripe.paymentIntents.list({ created, expand: ["data.latest_charge"], ...page }),
    );
    for await (const objects of intents) {
      for (const object of objects.filter(isInOurCurrency)) {
        const intent = paymentIntentSchema.parse(object);
        yield {
          reference: intent.id,
          ...marksOf(intent.metadata),
          createdAt: (intent.created * 1_000) as Instant,
          facts: [...reportOf(intent).facts, ...(hasRefunds(object) ? await this.refundsOf(intent.id) : [])],
        };
      }
    }
  }

  /** The account's balance transactions, which Stripe tells of at once. */
  async *statement({ from, until }: ListRange): AsyncGenerator<StatementPage> {
    const created = { gte: Math.floor(from / 1_000), lt: Math.ceil(until / 1_000) };
    const lines = this.#pages("list_transactions", (page) =>
      this.stripe.balanceTransactions.list({ created, expand: ["data.source"], ...page }),
    );
    for await (const page of lines) {
      yield { movements: page.flatMap((line) => movementOf(line) ?? []), upTo: until as Instant };
    }
  }

  async disputesOf(paymentIntent: string): Promise<PaymentFact[]> {
    const facts: PaymentFact[] = [];
    const disputes = this.#pages("list_disputes", (page) =>
      this.stripe.disputes.list({ payment_intent: paymentIntent, ...page }),
    );
    for await (const page of disputes)
      for (const dispute of page) facts.push(...disputeFacts(dispute, this.clock.now()));
    return facts;
  }

  /** What was given back of one payment. */
  async refundsOf(paymentIntent: string): Promise<PaymentFact[]> {
    const facts: PaymentFact[] = [];
    const refunds = this.#pages("list_refunds", (page) =>
      this.stripe.refunds.list({ payment_intent: paymentIntent, ...page }),
    );
    for await (const page of refunds) for (const refund of page) facts.push(...refundFacts(refund));
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

  async *#pages<T extends { readonly id: string }>(
    operation: string,
    list: (page: { limit: number; starting_after?: string }) => Promise<{ data: T[]; has_more: boolean }>,
  ): AsyncGenerator<T[]> {
    let after: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const where = { limit: PAGE, ...(after !== undefined && { starting_after: after }) };
      const call = { operation, paymentId: null, key: null, safe: true };
      const { data, has_more: hasMore } = await this.gate.run(call, () => list(where));
      yield data;
      after = data.at(-1)?.id;
      if (!hasMore || after === undefined) return;
    }
    throw new TooMuchListed("Stripe lists more than is read at once");
  }
}

/** The ids that an object of Stripe's was given by us; another shop's has none. */
function marksOf(metadata: Readonly<Record<string, string>> | null | undefined) {
  const { orderId, paymentId } = metadata ?? {};
  return { paymentId: isId("pay", paymentId) ? paymentId : null, orderId: isId("ord", orderId) ? orderId : null };
}

/** A charge counts as refunded what was never captured of it, too. */
function hasRefunds({ latest_charge: charge }: Stripe.PaymentIntent): boolean {
  return typeof charge === "object" && charge !== null && charge.amount_captured > 0 && charge.amount_refunded > 0;
}

const idOf = (object: string | { readonly id: string } | null) => (typeof object === "string" ? object : object?.id);

/** No shop sells in a currency that it does not know: such an object is another's on the same account. */
const isInOurCurrency = ({ currency }: { readonly currency: string }) => isCurrency(currency.toUpperCase());

/**
 * What a line of the statement tells about a payment, in the payment's own currency and not in the account's; null for payouts, fees and
 * the like, and for what is another's.
 */
function movementOf({ source, amount: moved }: Stripe.BalanceTransaction): ListedMovement | null {
  if (typeof source !== "object" || source === null) return null;
  if (source.object !== "charge" && source.object !== "refund" && source.object !== "dispute") return null;
  if (!isInOurCurrency(source)) return null;
  const paymentReference = idOf(source.payment_intent) ?? null;
  const line = { reference: source.id, of: null, paymentReference };
  const amountOf = (amount: number) => fromStripeAmount(amount, source.currency);
  switch (source.object) {
    case "charge": {
      const amount = amountOf(source.amount_captured);
      return { ...line, ...marksOf(source.metadata), amount, type: "captured", refundId: null };
    }
    case "refund": {
      const { refundId } = source.metadata ?? {};
      // Weeks after it was given, what a bank would not take comes back to the account.
      const type = moved < 0 ? "refunded" : "refund_failed";
      const told = {
        amount: amountOf(source.amount),
        type,
        refundId: isId("ref", refundId) ? refundId : null,
      } as const;
      return { ...line, ...marksOf(source.metadata), ...told };
    }
    case "dispute": {
      const type = moved < 0 ? "disputed" : "dispute_won";
      return { ...line, ...marksOf(null), amount: amountOf(source.amount), type, refundId: null };
    }
  }
}
