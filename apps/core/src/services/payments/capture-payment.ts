import { type Instant, type OrderId, type PaymentId, problem } from "@stoa/kernel";
import { and, desc, eq, inArray, sql } from "drizzle-orm";
import { attemptOf, type PaymentsDeps, providerOf, type RemoteVerb, type VerbContext } from "./attempt.ts";
import type { PaymentState, ProviderName } from "./payment.ts";
import type { ProviderAttempt, ProviderReport } from "./providers/provider.ts";
import { readFacts, recordNews } from "./record-news.ts";
import { payment } from "./tables.ts";

export interface CapturePayment {
  readonly orderId: OrderId;
  /** Staff say that the money of a manual payment has come. */
  readonly byStaff?: boolean;
}

export interface PreparedCapture {
  readonly provider: ProviderName;
  readonly attempt: ProviderAttempt;
  /** `lookup`: the provider may have forgotten our keys, so from here on it is only asked. */
  readonly how: "capture" | "lookup" | "left_to_staff";
}

/** How a capture stands. `failed`: the provider will not, and calling again does not help. */
export type Capture =
  | { readonly kind: "captured"; readonly paymentId: PaymentId }
  | { readonly kind: "pending"; readonly paymentId: PaymentId; readonly until: Instant }
  | { readonly kind: "left_to_staff"; readonly paymentId: PaymentId }
  | {
      readonly kind: "failed";
      readonly paymentId: PaymentId;
      readonly state: PaymentState;
      readonly code: string;
    };

export type CaptureVerb = RemoteVerb<VerbContext, CapturePayment, PreparedCapture, ProviderReport | null, Capture>;

const RETRY_MS = 24 * 60 * 60 * 1_000;
const PENDING_POLL_MS = 5 * 60 * 1_000;

/** Takes the money that is held for an order. Retried with the same keys for 24 hours, then only looked up. */
export function createCapturePayment(deps: PaymentsDeps): CaptureVerb {
  return {
    prepare,
    async call({ provider: name, attempt, how }) {
      if (how === "left_to_staff") return null;
      const provider = providerOf(deps, { provider: name, amount: attempt.amount.amount });
      return how === "capture" ? provider.capture(attempt) : provider.lookup(attempt);
    },
    async settle(context, { attempt, how }, report) {
      const { paymentId } = attempt;
      if (how === "left_to_staff") return { kind: "left_to_staff", paymentId };
      const { facts, reference, isClosed } = report ?? { facts: [], reference: null, isClosed: false };
      const recorded = await recordNews(context, paymentId, { facts, reference, isClosed });
      const { state } = recorded.payment;
      if (state === "captured") return { kind: "captured", paymentId };
      const isHeld = state === "authorized" && recorded.mismatched.length === 0;
      if (isHeld && report !== null && report.refusal === null && how === "capture") {
        return { kind: "pending", paymentId, until: (context.now + PENDING_POLL_MS) as Instant };
      }
      return { kind: "failed", paymentId, state, code: report?.refusal ?? "not_captured" };
    },
  };
}

async function prepare({ tx, now }: VerbContext, { orderId, byStaff }: CapturePayment): Promise<PreparedCapture> {
  const payable = tx
    .select({ id: payment.id })
    .from(payment)
    .where(and(eq(payment.orderId, orderId), inArray(payment.state, ["authorized", "captured"])))
    .orderBy(desc(payment.attempt))
    .limit(1);
  const startedAt = sql`coalesce(${payment.captureStartedAt}, ${new Date(now).toISOString()}::timestamptz)`;
  const [row] = await tx
    .update(payment)
    .set({ captureStartedAt: startedAt, tries: sql`${payment.tries} + 1`, updatedAt: now })
    .where(inArray(payment.id, payable))
    .returning();
  if (!row) throw problem("state_conflict", { detail: "no money is held for this order" });
  const isLate = now - (row.captureStartedAt ?? now) > RETRY_MS;
  const isManual = row.provider === "manual" && row.amount > 0;
  return {
    provider: row.provider,
    attempt: attemptOf(row, await readFacts(tx, row.id)),
    how: isManual && !byStaff ? "left_to_staff" : isLate ? "lookup" : "capture",
  };
}
