import { type Instant, type OrderId, type PaymentId, problem } from "@stoa/kernel";
import { and, desc, eq, inArray, type SQL, sql } from "drizzle-orm";
import { type Database, prepared, type Transaction, type ValueOf } from "../../platform/db/index.ts";
import type { DescribedActor } from "../../platform/rpc/index.ts";
import { readSetting } from "../../platform/settings/index.ts";
import { attemptOf, type PaymentsDeps, providerOf, type RemoteVerb, type VerbContext } from "./attempt.ts";
import type { EndedAct } from "./ended-acts.ts";
import type { PaymentState, ProviderName } from "./payment.ts";
import type { CaptureCall, ProviderAttempt } from "./providers/provider.ts";
import type { ProviderReport } from "./providers/provider-report.ts";
import { readFacts } from "./read-facts.ts";
import { type PaymentRow, recordNews } from "./record-news.ts";
import { paymentsSetting } from "./settings.ts";
import { payment } from "./tables.ts";

export interface CapturePayment {
  readonly orderId: OrderId;
  /** Staff say that the money of a manual payment has come. */
  readonly byStaff?: boolean;
}

export interface PreparedCapture {
  readonly provider: ProviderName;
  readonly attempt: ProviderAttempt;
  readonly call: CaptureCall;
  readonly how: "capture" | "left_to_staff";
}

/** How a capture stands. `failed`: the provider will not, and calling again does not help. */
export type Capture = {
  readonly paymentId: PaymentId;
  /** What others had begun by hand, and this has ended. */
  readonly ended: readonly EndedAct[];
} & (
  | { readonly kind: "captured" }
  | { readonly kind: "pending"; readonly until: Instant }
  | { readonly kind: "left_to_staff" }
  | { readonly kind: "failed"; readonly state: PaymentState; readonly code: string }
);

export type CaptureVerb = RemoteVerb<VerbContext, CapturePayment, PreparedCapture, ProviderReport | null, Capture>;

const PENDING_POLL_MS = 5 * 60 * 1_000;

/**
 * Takes all the money that is held by an order's latest payment. Tried for as long as it is held: the provider is asked what has been
 * taken before it is told to take. Whoever prepares it has locked the order, to see that it is still wanted.
 */
export function createCapturePayment(deps: PaymentsDeps): CaptureVerb {
  return {
    prepare,
    call: (prepared) => callCapture(deps, prepared),
    async settle(context, prepared, report) {
      await deps.lockOrder(context.tx, prepared.attempt.orderId);
      return settleCapture(context, prepared, report);
    },
  };
}

/** The call of one prepared capture, outside any transaction. */
export async function callCapture(
  deps: PaymentsDeps,
  { provider: name, attempt, call, how }: PreparedCapture,
): Promise<ProviderReport | null> {
  if (how === "left_to_staff") return null;
  return providerOf(deps, { provider: name, amount: attempt.amount.amount }).capture(attempt, call);
}

/** Writes down what became of one capture. The order is locked by the caller. */
export async function settleCapture(
  context: VerbContext,
  { attempt, call, how }: PreparedCapture,
  report: ProviderReport | null,
): Promise<Capture> {
  const { paymentId } = attempt;
  if (how === "left_to_staff") return { kind: "left_to_staff", paymentId, ended: [] };
  const { facts, reference, isClosed, refusal } = report ?? nothingTold;
  const news = { facts, reference, isClosed, capture: refusal === null ? "answered" : "refused" } as const;
  const { payment: row, mismatched, ended } = await recordNews(context, paymentId, news);
  const of = { paymentId, ended };
  if (row.state === "captured" && row.captured >= call.to) {
    const isAll = row.captured >= row.captureTarget || row.held === 0;
    return isAll ? { ...of, kind: "captured" } : { ...of, kind: "pending", until: context.now };
  }
  if (row.held > 0 && mismatched.length === 0 && report !== null && refusal === null) {
    return { ...of, kind: "pending", until: (context.now + PENDING_POLL_MS) as Instant };
  }
  return { ...of, kind: "failed", state: row.state, code: refusal ?? "not_captured" };
}

const nothingTold = { facts: [], reference: null, isClosed: false, refusal: null };

async function prepare(
  { tx, now }: VerbContext,
  { orderId, byStaff = false }: CapturePayment,
): Promise<PreparedCapture> {
  const [row] = await beginWhole(tx, { orderId, byStaff, now });
  if (!row) throw problem("state_conflict", { detail: "no money is held for this order" });
  return preparedCapture({ tx, now }, row, { byStaff, most: row.amount });
}

interface BeginWhole {
  readonly orderId: OrderId;
  readonly byStaff: boolean;
  readonly now: Instant;
}

const beginWhole = prepared((db, value: ValueOf<BeginWhole>) => {
  const payable = db
    .select({ id: payment.id })
    .from(payment)
    .where(
      and(eq(payment.orderId, value("orderId", payment.orderId)), inArray(payment.state, ["authorized", "captured"])),
    )
    .orderBy(desc(payment.attempt))
    .limit(1);
  const isCalled = sql`(${value("byStaff")}::boolean or ${payment.provider} <> 'manual' or ${payment.amount} = 0)`;
  const target = sql`case when ${isCalled} then ${payment.amount} else ${payment.captureTarget} end`;
  return beginning(db, value("now", payment.updatedAt), inArray(payment.id, payable), { target, isCalled, by: null });
});

interface Begin {
  /** What shall have been taken in all. */
  readonly target: SQL;
  /** Whether a call is made at all. */
  readonly isCalled: SQL;
  /** Who takes it by hand; null for what follows by itself. */
  readonly by: DescribedActor | null;
}

/** Begins a capture up to the target, or takes up the one that is under way: there is never more than one. */
export async function beginCapture({ tx, now }: VerbContext, which: SQL, begin: Begin): Promise<PaymentRow | null> {
  const [row] = await beginning(tx, sql`${sql.param(now, payment.updatedAt)}`, which, begin);
  return row ?? null;
}

function beginning(db: Database | Transaction, now: SQL, which: SQL, { target, isCalled, by }: Begin) {
  const begunBy = by === null ? sql`null` : sql.param(by, payment.captureBy);
  return db
    .update(payment)
    .set({
      // Of the call that is under way; an earlier one's end is known.
      captureStartedAt: sql`case when ${payment.captureTo} is null then ${now}::timestamptz else ${payment.captureStartedAt} end`,
      captureTarget: target,
      captureFrom: sql`case when ${isCalled} then coalesce(${payment.captureFrom}, ${payment.captured}) end`,
      captureTo: sql`case when ${isCalled} then coalesce(${payment.captureTo}, ${target}) end`,
      captureBy: sql`case when ${payment.captureTo} is not null then ${payment.captureBy} when ${isCalled} then ${begunBy}::jsonb end`,
      // Whoever takes of it has thought better of letting it go.
      letGoBy: null,
      tries: sql`${payment.tries} + 1`,
      updatedAt: now,
    })
    .where(which)
    .returning();
}

export async function preparedCapture(
  { tx }: VerbContext,
  row: PaymentRow,
  { byStaff, most }: Pick<CaptureCall, "most"> & { readonly byStaff: boolean },
): Promise<PreparedCapture> {
  const isManual = row.provider === "manual" && row.amount > 0;
  const [from, to] = [row.captureFrom ?? row.captured, row.captureTo ?? row.captureTarget];
  const isPart = from > 0 || to < row.amount;
  const ifOnlyOnce = isPart ? (await readSetting(tx, paymentsSetting)).holdsCapturedOnce : "take_whole";
  return {
    provider: row.provider,
    // Stripe keeps its own account of an intent; the others are told what ours says.
    attempt: attemptOf(row, row.provider === "stripe" && row.amount > 0 ? [] : await readFacts(tx, row.id)),
    call: { from, to, round: row.captureRound, ifOnlyOnce, most: Math.min(row.amount, Math.max(to, most)) },
    how: isManual && !byStaff ? "left_to_staff" : "capture",
  };
}
