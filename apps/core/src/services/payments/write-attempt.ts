import type { PaymentId } from "@stoa/kernel";
import { and, eq, isNull, or, sql } from "drizzle-orm";
import { prepared, type ValueOf } from "../../platform/db/index.ts";
import type { PaymentRow } from "./record-news.ts";
import { payment } from "./tables.ts";

type NewAttempt = Pick<
  PaymentRow,
  | "id"
  | "orderId"
  | "key"
  | "provider"
  | "paymentMethod"
  | "providerCustomer"
  | "savesMethod"
  | "returnUrl"
  | "customerId"
  | "requestId"
  | "currency"
  | "amount"
  | "expiresAt"
  | "createdAt"
>;

/** A new attempt to be paid, or one more try of the one under this key. */
export const beginAttempt = prepared((db, value: ValueOf<NewAttempt>) => {
  const now = value("createdAt", payment.createdAt);
  // Once somebody has asked to let go of it, no call is begun that could hold anything.
  const hasOpenCall = sql`${payment.hasOpenCall} or ${payment.releaseRequestedAt} is null`;
  return db
    .insert(payment)
    .values({
      id: value("id"),
      orderId: value("orderId"),
      attempt: sql`(select coalesce(max(attempt), 0) + 1 from payments.payment where order_id = ${value("orderId", payment.orderId)})`,
      key: value("key"),
      provider: value("provider"),
      paymentMethod: value("paymentMethod"),
      providerCustomer: value("providerCustomer"),
      savesMethod: value("savesMethod"),
      returnUrl: value("returnUrl"),
      customerId: value("customerId"),
      requestId: value("requestId"),
      state: "pending",
      currency: value("currency"),
      amount: value("amount"),
      tries: 1,
      hasOpenCall: true,
      expiresAt: value("expiresAt"),
      createdAt: now,
      updatedAt: now,
    })
    .onConflictDoUpdate({
      target: payment.key,
      set: { hasOpenCall, tries: sql`${payment.tries} + 1`, updatedAt: now },
    })
    .returning();
});

/** Notes what the provider calls an attempt; answers nothing when it was released, or has another name there. */
export const setReference = prepared(
  (db, value: ValueOf<{ readonly id: PaymentId; readonly reference: string | null }>) => {
    const reference = value("reference", payment.providerReference);
    return db
      .update(payment)
      .set({ providerReference: reference })
      .where(
        and(
          eq(payment.id, value("id", payment.id)),
          isNull(payment.releaseRequestedAt),
          or(isNull(payment.providerReference), eq(payment.providerReference, reference)),
        ),
      )
      .returning({ id: payment.id });
  },
);
