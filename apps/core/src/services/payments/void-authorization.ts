import { type Instant, money, type OrderId, type PaymentId } from "@stoa/kernel";
import { and, eq, gt, inArray, isNull, or, sql } from "drizzle-orm";
import { type Transaction, transact } from "../../platform/db/index.ts";
import type { DescribedActor } from "../../platform/rpc/index.ts";
import { attemptOf, type PaymentsDeps, providerOf, type RemoteVerb, type VerbContext } from "./attempt.ts";
import type { EndedAct } from "./ended-acts.ts";
import type { ProviderName, RefundState } from "./payment.ts";
import type { ProviderAttempt, RefundOrder } from "./providers/provider.ts";
import type { ProviderReport, RefundReport } from "./providers/provider-report.ts";
import { readFacts } from "./read-facts.ts";
import { type PaymentRow, type Recorded, recordNews } from "./record-news.ts";
import { releaseKeyOf } from "./release-refunds.ts";
import { lotsOfPayment } from "./start-parts.ts";
import { settleRefund, startRefund } from "./start-refund.ts";
import { payment, refund } from "./tables.ts";

export interface VoidAuthorization {
  readonly orderId: OrderId;
  /** Only the attempts with these keys; left out, all. */
  readonly keys?: readonly string[];
  /** Only lets go of what is still held, and leaves what was taken where it is: nothing more will be delivered. */
  readonly keepsCaptured?: boolean;
  /** Who lets go of it by hand; left out for what follows by itself. */
  readonly by?: DescribedActor | undefined;
}

export interface PreparedRelease {
  readonly provider: ProviderName;
  readonly attempt: ProviderAttempt;
  readonly keepsCaptured: boolean;
}

export interface ReleasedAttempt {
  readonly paymentId: PaymentId;
  readonly report: ProviderReport;
  /** It was too late to let go: the money had been taken and was sent back. */
  readonly refunds: readonly { readonly order: RefundOrder; readonly report: RefundReport }[];
  /** The provider has refused to send it back, and is not asked again yet. */
  readonly isRefused: boolean;
}

/**
 * `nothing`: no attempt held anything. `refund_pending`: the provider has yet to say that the money is back, or has refused and will be
 * asked again.
 */
export interface Release {
  readonly kind: "nothing" | "released" | "refunded" | "refund_pending";
  /** What was begun by hand, by this or by another act, and has come to its end with it. */
  readonly ended: readonly EndedAct[];
}

export type VoidVerb = RemoteVerb<
  VerbContext,
  VoidAuthorization,
  readonly PreparedRelease[],
  readonly ReleasedAttempt[],
  Release
>;

/**
 * Lets go of whatever is held for an order: the opposite of `authorizePayment`. Accepts that nothing was ever tried, that the answer
 * to a call was lost (the provider is asked and closed first), that it is done already, and that the money was taken: then it is refunded.
 */
export function createVoidAuthorization(deps: PaymentsDeps): VoidVerb {
  return {
    async prepare({ tx, now }, input) {
      await deps.lockOrder(tx, input.orderId);
      return prepareRelease(tx, now, input);
    },
    async call(prepared) {
      const released: ReleasedAttempt[] = [];
      for (const one of prepared) released.push(await release(deps, one));
      return released;
    },
    async settle(context, prepared, released) {
      for (const { attempt } of prepared.slice(0, 1)) await deps.lockOrder(context.tx, attempt.orderId);
      const ended: EndedAct[] = [];
      for (const one of released) ended.push(...(await settleOne(context, one)));
      return { kind: kindOf(released), ended };
    },
  };
}

/** From here on no call that is still under way can charge anything: it finds the request when it stores its reference. */
async function prepareRelease(
  tx: Transaction,
  now: Instant,
  { orderId, keys, keepsCaptured = false, by }: VoidAuthorization,
): Promise<PreparedRelease[]> {
  const requestedAt = sql`coalesce(${payment.releaseRequestedAt}, ${new Date(now).toISOString()}::timestamptz)`;
  const rows = await tx
    .update(payment)
    .set({
      // Whose release is asked for has all of its money sent back by the sweep.
      ...(keepsCaptured ? {} : { releaseRequestedAt: requestedAt }),
      ...(by && { letGoBy: by }),
      tries: sql`${payment.tries} + 1`,
      updatedAt: now,
    })
    .where(
      and(
        eq(payment.orderId, orderId),
        keys && inArray(payment.key, [...keys]),
        keepsCaptured ? gt(payment.held, 0) : or(isNull(payment.closedAt), eq(payment.state, "captured")),
      ),
    )
    .returning();
  const prepared: PreparedRelease[] = [];
  for (const row of rows) {
    prepared.push({ provider: row.provider, attempt: attemptOf(row, await readFacts(tx, row.id)), keepsCaptured });
  }
  return prepared;
}

async function release(deps: PaymentsDeps, prepared: PreparedRelease): Promise<ReleasedAttempt> {
  const { provider: name, attempt, keepsCaptured } = prepared;
  const provider = providerOf(deps, { provider: name, amount: attempt.amount.amount });
  const report = await provider.void(attempt);
  const { paymentId } = attempt;
  const isTaken = report.facts.some((fact) => fact.type === "captured");
  if (keepsCaptured || !isTaken) return { paymentId, report, refunds: [], isRefused: false };
  const now = deps.clock.now();
  const { orders, isRefused } = await transact(deps.db, async (tx) => {
    await deps.lockOrder(tx, attempt.orderId);
    const { payment: recorded } = await recordReport({ tx, now }, paymentId, report);
    return startReleaseRefunds(deps, { tx, now }, recorded);
  });
  const refunds: { order: RefundOrder; report: RefundReport }[] = [];
  for (const order of orders) {
    const known = { ...attempt, facts: report.facts, reference: report.reference };
    refunds.push({ order, report: await provider.refund(known, order) });
  }
  return { paymentId, report, refunds, isRefused };
}

const AGAIN_FIRST_MS = 60_000;
const AGAIN_MAX_MS = 24 * 60 * 60 * 1_000;

/**
 * Refunds of all that is left; those whose answer is out are taken up again, what failed is followed by others: at once the first time,
 * then ever less often, for a provider that will not today may never.
 */
async function startReleaseRefunds(deps: PaymentsDeps, context: VerbContext, row: PaymentRow) {
  const { tx, now } = context;
  const earlier = await tx.select().from(refund).where(eq(refund.paymentId, row.id)).orderBy(refund.createdAt);
  const isOpen = (state: RefundState) => state === "requested" || state === "pending";
  const open = earlier.filter((one) => isOpen(one.state) && one.key.startsWith(releaseKeyOf(row)));
  const again = open.map(({ key, amount, captureReference }) => ({ key, amount, captureReference }));
  const lots = await lotsOfPayment(deps, tx, row);
  const isRefused = lots.length > 0 && now < mayAskAgainAt(earlier.filter((one) => one.state === "failed"));
  const fresh = (isRefused ? [] : lots).map(({ left, captureReference }, index) => ({
    key: `${releaseKeyOf(row)}${earlier.length + index + 1}`,
    amount: left,
    captureReference,
  }));
  const orders: RefundOrder[] = [];
  for (const { key, amount, captureReference } of [...again, ...fresh]) {
    const started = await startRefund(tx, now, {
      paymentId: row.id,
      key,
      amount: money(amount, row.currency),
      reason: "order_not_completed",
      captureReference,
      requestId: null,
    });
    orders.push(started.order);
  }
  return { orders, isRefused };
}

function mayAskAgainAt(failed: readonly { readonly updatedAt: Instant }[]): number {
  if (failed.length < 2) return 0;
  const last = Math.max(...failed.map(({ updatedAt }) => updatedAt));
  return last + Math.min(AGAIN_MAX_MS, AGAIN_FIRST_MS * 2 ** Math.min(failed.length, 20));
}

function recordReport(context: VerbContext, paymentId: PaymentId, report: ProviderReport): Promise<Recorded> {
  const { facts, reference, isClosed } = report;
  return recordNews(context, paymentId, { facts, reference, isClosed, endsCall: true });
}

async function settleOne(context: VerbContext, { paymentId, report, refunds }: ReleasedAttempt) {
  const { ended } = await recordReport(context, paymentId, report);
  for (const sent of refunds) await settleRefund(context, paymentId, sent.order, sent.report);
  return ended;
}

function kindOf(released: readonly ReleasedAttempt[]): Release["kind"] {
  const refunds = released.flatMap((one) => one.refunds);
  if (released.some((one) => one.isRefused)) return "refund_pending";
  if (refunds.some((one) => one.report.state !== "succeeded")) return "refund_pending";
  if (refunds.length > 0) return "refunded";
  return released.some((one) => one.report.reference !== null) ? "released" : "nothing";
}
