import type { Stores } from "./stores.ts";

/** What one provider says about one of its objects that we know by reference; amounts in minor units. */
export interface BookEntry {
  readonly provider: "stripe" | "paypal";
  /** The payment intent, or PayPal's order. */
  readonly reference: string;
  /** Our payment, as we told it to the provider. */
  readonly paymentId: string | null;
  readonly held: number;
  readonly captured: number;
  readonly refunded: number;
  /** Charges or authorisations that took or hold money. */
  readonly charges: number;
}

interface StripeBooks {
  readonly charges: readonly {
    readonly paymentIntent: string | null;
    readonly status: string;
    readonly captured: number;
    readonly refunded: number;
    readonly held: number;
    readonly metadata: Readonly<Record<string, string>>;
  }[];
}

interface PaypalBooks {
  readonly orders: readonly { readonly id: string; readonly customId: string | null }[];
  readonly authorizations: readonly { readonly order: string; readonly held: number; readonly captured: number }[];
  readonly captures: readonly {
    readonly order: string;
    readonly status: string;
    readonly amount: number;
    readonly refunded: number;
  }[];
}

const PATIENCE_MS = 10_000;

/** The books of every provider that is named, an entry for each object with money in it. */
export async function readBooks({ stripe, paypal }: Pick<Stores, "stripe" | "paypal">): Promise<BookEntry[]> {
  const books = await Promise.all([
    stripe === null ? [] : ask<StripeBooks>(stripe).then(ofStripe),
    paypal === null ? [] : ask<PaypalBooks>(paypal).then(ofPaypal),
  ]);
  return books.flat();
}

async function ask<Books>(url: string): Promise<Books> {
  const response = await fetch(new URL("/_stoa/books", url), { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!response.ok) throw new Error(`the books at ${url} answered ${response.status}`);
  return (await response.json()) as Books;
}

function ofStripe({ charges }: StripeBooks): BookEntry[] {
  const succeeded = charges.filter(({ status, paymentIntent }) => status === "succeeded" && paymentIntent !== null);
  return [...Map.groupBy(succeeded, (charge) => charge.paymentIntent ?? "")].map(([reference, of]) => ({
    provider: "stripe",
    reference,
    paymentId: of[0]?.metadata.paymentId ?? null,
    held: sum(of, (charge) => charge.held),
    captured: sum(of, (charge) => charge.captured),
    refunded: sum(of, (charge) => Math.min(charge.refunded, charge.captured)),
    charges: of.length,
  }));
}

function ofPaypal({ orders, authorizations, captures }: PaypalBooks): BookEntry[] {
  return orders.map(({ id, customId }) => {
    const holding = authorizations.filter(({ order, held, captured }) => order === id && held + captured > 0);
    const taken = captures.filter(({ order, status }) => order === id && status !== "DECLINED" && status !== "PENDING");
    return {
      provider: "paypal",
      reference: id,
      paymentId: customId,
      held: sum(holding, ({ held }) => held),
      captured: sum(taken, ({ amount }) => amount),
      refunded: sum(taken, ({ refunded }) => refunded),
      charges: holding.length,
    };
  });
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
