import { money, newId, type PaymentId, toUuid } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { type Database, prepared, type Transaction, type ValueOf } from "../../platform/db/index.ts";
import type { PaymentFact } from "./payment.ts";
import { paymentEvent } from "./tables.ts";

/** The facts that a payment's events tell. */
export async function readFacts(db: Database | Transaction, paymentId: PaymentId): Promise<PaymentFact[]> {
  const rows = await eventsOf(db, { paymentId });
  return rows.map(factOf);
}

const eventsOf = prepared((db, value: ValueOf<{ readonly paymentId: PaymentId }>) =>
  db
    .select()
    .from(paymentEvent)
    .where(eq(paymentEvent.paymentId, value("paymentId", paymentEvent.paymentId)))
    .orderBy(paymentEvent.reference),
);

export type EventRow = Pick<typeof paymentEvent.$inferSelect, "type" | "reference" | "amount" | "currency" | "data">;

export function factOf({ type, reference, amount, currency, data }: EventRow): PaymentFact {
  return {
    // `data` is only ever written by `eventOf`.
    ...(data as Partial<PaymentFact>),
    type,
    reference,
    amount: amount === null || currency === null ? null : money(amount, currency),
  };
}

const dataSchemaKeys = [
  ...(["until", "declineCode", "refundId", "isTotal", "captureReference", "reason", "at"] as const),
  "toldLastAt",
] as const;

/** What an event's row holds of a fact beside its columns. */
export const dataOf = (fact: PaymentFact) =>
  Object.fromEntries(dataSchemaKeys.flatMap((key) => (fact[key] == null ? [] : [[key, fact[key]]])));

/** A fact as a row of the payment's events. */
export function eventOf(fact: PaymentFact) {
  return {
    id: toUuid(newId("evt")),
    reference: fact.reference,
    type: fact.type,
    amount: fact.amount?.amount ?? null,
    currency: fact.amount?.currency ?? null,
    data: dataOf(fact),
  };
}
