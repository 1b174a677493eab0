import type { PaymentId } from "@stoa/kernel";
import { and, eq, inArray, or } from "drizzle-orm";
import type { Database } from "../../../platform/db/index.ts";
import type { FactType, ProviderName } from "../payment.ts";
import type { ListedMovement } from "../providers/provider-books.ts";
import { payment, paymentEvent, refund } from "../tables.ts";
import type { Mismatch } from "./mismatch.ts";

/** What a page of a provider's statement comes to. */
export interface Placed {
  /** Movements of payments of ours that are not on record as they are told. */
  readonly unrecorded: readonly { readonly paymentId: PaymentId; readonly movement: ListedMovement }[];
  /** They bear our mark, and we have no such payment. */
  readonly unknown: readonly Mismatch[];
  /** They bear no mark of ours: another shop's on the same account, or made by hand. */
  readonly unmarked: number;
}

/** Finds out which lines of a statement we know. Three statements, however many lines. */
export async function placeMovements(
  db: Database,
  provider: ProviderName,
  movements: readonly ListedMovement[],
): Promise<Placed> {
  const known = await knownOf(db, provider, movements);
  const unrecorded: { paymentId: PaymentId; movement: ListedMovement }[] = [];
  const unknown: Mismatch[] = [];
  let unmarked = 0;
  for (const movement of movements) {
    const paymentId = known.paymentOf(movement);
    if (paymentId !== null) {
      if (!known.isOnRecord(movement, paymentId)) unrecorded.push({ paymentId, movement });
    } else if (movement.paymentId === null) unmarked += 1;
    else if (movement.type === "captured" || movement.type === "authorized") unknown.push(strange(movement));
  }
  return { unrecorded, unknown, unmarked };
}

function strange({ paymentReference, reference, orderId, type, amount }: ListedMovement): Mismatch {
  const theirs = [{ type, reference, amount }];
  const about = { reference: paymentReference ?? reference, paymentId: null, orderId };
  return { kind: "missing_here", ...about, ours: null, theirs };
}

async function knownOf(db: Database, provider: ProviderName, movements: readonly ListedMovement[]) {
  const of = <Value>(values: readonly (Value | null)[]) => [...new Set(values)].filter((value) => value !== null);
  const references = of(movements.flatMap((one) => [one.reference, one.of, one.paymentReference]));
  const ids = of(movements.map((one) => one.paymentId));
  const refundIds = of(movements.map((one) => one.refundId));
  const [payments, events, refunds] = await Promise.all([
    db
      .select({ id: payment.id, reference: payment.providerReference, captured: payment.captured })
      .from(payment)
      .where(
        and(
          eq(payment.provider, provider),
          or(inArray(payment.providerReference, references), inArray(payment.id, ids)),
        ),
      ),
    db
      .select({ paymentId: paymentEvent.paymentId, ...toldOf })
      .from(paymentEvent)
      .where(and(eq(paymentEvent.provider, provider), inArray(paymentEvent.reference, references))),
    db.select({ id: refund.id, paymentId: refund.paymentId }).from(refund).where(inArray(refund.id, refundIds)),
  ]);
  const byReference = new Map(payments.map((row) => [row.reference, row.id]));
  const byId = new Map(payments.map((row) => [row.id, row]));
  const byEvent = new Map(events.map((row) => [row.reference, row.paymentId]));
  const byRefund = new Map(refunds.map((row) => [row.id, row.paymentId]));
  const told = new Map(events.map((row) => [keyOf(row.type, row.reference), row.amount]));
  return {
    paymentOf: ({ paymentReference, paymentId, reference, of: onto, refundId }: ListedMovement): PaymentId | null =>
      byReference.get(paymentReference ?? "") ??
      (paymentId !== null && byId.has(paymentId) ? paymentId : undefined) ??
      byEvent.get(reference) ??
      byEvent.get(onto ?? "") ??
      (refundId === null ? undefined : byRefund.get(refundId)) ??
      null,
    isOnRecord({ type, reference, of: onto, paymentReference, amount }: ListedMovement, paymentId: PaymentId): boolean {
      if (type === "reversed")
        return [reference, onto ?? ""].some((id) => told.get(keyOf("disputed", id)) === amount.amount);
      const ours = told.get(keyOf(type, reference));
      if (ours !== undefined) return ours === amount.amount;
      // Stripe's facts tell of what was captured of an intent in all, its statement of single charges.
      return type === "captured" && paymentReference !== null && (byId.get(paymentId)?.captured ?? 0) >= amount.amount;
    },
  };
}

const toldOf = { type: paymentEvent.type, reference: paymentEvent.reference, amount: paymentEvent.amount };
const keyOf = (type: FactType | ListedMovement["type"], reference: string) => `${type} ${reference}`;
