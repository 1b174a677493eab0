import { type Instant, type Money, money, type OrderId, type PaymentId, problem } from "@stoa/kernel";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import type { DescribedActor } from "../../platform/rpc/index.ts";
import type { PaymentsDeps, RemoteVerb, VerbContext } from "./attempt.ts";
import {
  beginCapture,
  type Capture,
  callCapture,
  type PreparedCapture,
  preparedCapture,
  settleCapture,
} from "./capture-payment.ts";
import { creditsLeft } from "./credits/refund-credits.ts";
import type { EndedAct } from "./ended-acts.ts";
import type { ProviderReport } from "./providers/provider-report.ts";
import type { PaymentRow } from "./record-news.ts";
import { captureRequest, payment } from "./tables.ts";

export interface CaptureOfOrder {
  readonly orderId: OrderId;
  /** How much more is to be taken, or all that is held and has not been asked for. */
  readonly amount: Money | "rest";
  /** No more than this may be asked for, in minor units; of the rest, no more is. */
  readonly atMost?: number | undefined;
  /** Of this payment only; left out, of all, oldest first. */
  readonly only?: PaymentId | undefined;
  /** Why: the same cause twice asks once. Such as `fulfilment/<id>`. */
  readonly cause: string;
  /** Staff say that the money of a manual payment has come. */
  readonly byStaff?: boolean;
  /** Who takes it by hand; left out for what follows by itself. */
  readonly by?: DescribedActor | undefined;
}

export interface PreparedCaptures {
  readonly orderId: OrderId;
  readonly parts: readonly PreparedCapture[];
}

/**
 * How an order's captures stand. `captured` is what has been taken for the order in all, by whatever cause; `short` is what has been
 * asked for and cannot be taken, because it is neither held nor paid by gift card.
 */
export interface CapturedOfOrder {
  readonly kind: "captured" | "pending" | "left_to_staff" | "failed";
  readonly captured: Money | null;
  readonly short: Money | null;
  /** When to call again; only while pending. */
  readonly until: Instant | null;
  /** The provider's word for why not; only when failed. */
  readonly code: string | null;
  /** What was begun by hand, by this or by another act, and has come to its end with it. */
  readonly ended: readonly EndedAct[];
}

export type CaptureOrderVerb = RemoteVerb<
  VerbContext,
  CaptureOfOrder,
  PreparedCaptures,
  readonly (ProviderReport | null)[],
  CapturedOfOrder
>;

/**
 * Takes part or all of what is held for an order, over all of its payments, oldest first. Each cause raises what is to be taken in
 * all, once; so a cause that finds more taken already than all causes have asked for (a hold that could be captured only once, or a
 * shop that captures at checkout) takes nothing. Never more than is held.
 */
export function createCaptureOrder(deps: PaymentsDeps): CaptureOrderVerb {
  return {
    async prepare(context, input) {
      const due = (await deps.dueOfOrder?.(context.tx, input.orderId)) ?? null;
      const rows = await lockPayable(context.tx, input);
      await ask(context, input, rows);
      const parts: PreparedCapture[] = [];
      for (const { id } of rows) {
        const most = await mostOf(context.tx, input.orderId, { id, due });
        const how = { byStaff: input.byStaff ?? false, by: input.by ?? null, most };
        const begun = await beginPart(context, id, how);
        if (begun) parts.push(begun);
      }
      return { orderId: input.orderId, parts };
    },
    async call({ parts }) {
      const reports: (ProviderReport | null)[] = [];
      for (const part of parts) reports.push(await callCapture(deps, part));
      return reports;
    },
    async settle(context, { orderId, parts }, reports) {
      await deps.lockOrder(context.tx, orderId);
      const outcomes: Capture[] = [];
      for (const [index, part] of parts.entries()) {
        outcomes.push(await settleCapture(context, part, reports[index] ?? null));
      }
      return standingOfOrder(context.tx, orderId, outcomes);
    },
  };
}

function lockPayable(tx: Transaction, { orderId, only }: CaptureOfOrder): Promise<PaymentRow[]> {
  return tx
    .select()
    .from(payment)
    .where(
      and(
        eq(payment.orderId, orderId),
        only && eq(payment.id, only),
        inArray(payment.state, ["authorized", "captured"]),
      ),
    )
    .orderBy(asc(payment.attempt))
    .for("update");
}

/** What is to be taken of a payment in all; what was taken without being asked for counts as asked. */
const targetOf = (row: PaymentRow) => Math.max(row.captureTarget, row.captured);

async function ask({ tx, now }: VerbContext, input: CaptureOfOrder, rows: readonly PaymentRow[]): Promise<void> {
  const { orderId, amount, atMost = Number.POSITIVE_INFINITY, cause, only } = input;
  const [first] = rows;
  if (!first) return;
  const room = rows.reduce((sum, row) => sum + roomOf(row), 0);
  const asked = amount === "rest" ? money(Math.min(room, atMost), first.currency) : amount;
  if (asked.currency !== first.currency) throw problem("currency_mismatch");
  const inserted = await tx
    .insert(captureRequest)
    .values({ cause, orderId, amount: asked.amount, currency: asked.currency, createdAt: now })
    .onConflictDoNothing()
    .returning();
  if (inserted.length === 0) return;
  if (asked.amount > atMost) throw problem("state_conflict", { detail: "more than what the order costs by now" });
  // What gift cards have paid is the first to be used up, so that what never ships is never taken from a provider.
  const byCards = (await creditsLeft(tx, orderId))?.paid ?? 0;
  const covered = rows.reduce((sum, row) => sum + targetOf(row), byCards);
  const isDirect = amount === "rest" || only !== undefined;
  const need = isDirect ? asked.amount : (await askedInAll(tx, orderId)) - covered;
  for (const { row, share } of sharesOf(rows, need)) {
    await tx
      .update(payment)
      .set({ captureTarget: targetOf(row) + share })
      .where(and(eq(payment.id, row.id), sql`${payment.amount} >= ${targetOf(row) + share}`));
  }
}

/** What may still be asked for; of a hold that is gone, nothing. */
const roomOf = (row: PaymentRow) => (row.held > 0 ? row.amount - targetOf(row) : 0);

/** How a sum is spread over payments, oldest first; what does not fit is nobody's. */
function sharesOf(rows: readonly PaymentRow[], sum: number) {
  let left = sum;
  return rows.flatMap((row) => {
    const share = Math.min(left, roomOf(row));
    if (share <= 0) return [];
    left -= share;
    return [{ row, share }];
  });
}

async function askedInAll(tx: Transaction, orderId: OrderId): Promise<number> {
  const [row] = await tx
    .select({ sum: sql<string>`coalesce(sum(${captureRequest.amount}), 0)` })
    .from(captureRequest)
    .where(eq(captureRequest.orderId, orderId));
  return Number(row?.sum ?? 0);
}

/** What may be wanted of one payment: what the order costs by now, less what its others are to give. */
async function mostOf(tx: Transaction, orderId: OrderId, of: { readonly id: PaymentId; readonly due: number | null }) {
  if (of.due === null) return Number.POSITIVE_INFINITY;
  const rows = await tx.select().from(payment).where(eq(payment.orderId, orderId));
  return of.due - rows.reduce((sum, row) => sum + (row.id === of.id ? 0 : targetOf(row)), 0);
}

/** Nothing is begun for a payment of which all that was asked for has been taken, or whose hold is gone. */
async function beginPart(
  context: VerbContext,
  id: PaymentRow["id"],
  how: { readonly byStaff: boolean; readonly by: DescribedActor | null; readonly most: number },
): Promise<PreparedCapture | null> {
  const isManual = sql`(${payment.provider} = 'manual' and ${payment.amount} > 0)`;
  const isDue = sql`(${payment.captureTarget} > ${payment.captured} or (${payment.amount} = 0 and ${payment.state} = 'authorized'))`;
  const isHeld = sql`(${payment.held} > 0 or ${payment.amount} = 0 or ${payment.captureTo} is not null)`;
  const which = and(eq(payment.id, id), isDue, isHeld) ?? isDue;
  const isCalled = how.byStaff ? sql`true` : sql`not ${isManual}`;
  const row = await beginCapture(context, which, { target: sql`${payment.captureTarget}`, isCalled, by: how.by });
  return row && preparedCapture(context, row, how);
}

async function standingOfOrder(
  tx: Transaction,
  orderId: OrderId,
  outcomes: readonly Capture[],
): Promise<CapturedOfOrder> {
  const rows = await tx.select().from(payment).where(eq(payment.orderId, orderId));
  const sum = rows.reduce((total, row) => total + row.captured, 0);
  const currency = rows[0]?.currency;
  // Gift cards have paid their part of it already, whatever was asked for.
  const beyond = (await askedInAll(tx, orderId)) - sum;
  const missing = beyond > 0 ? Math.max(0, beyond - ((await creditsLeft(tx, orderId))?.paid ?? 0)) : 0;
  const failed = outcomes.find((outcome) => outcome.kind === "failed");
  const pending = outcomes.flatMap((outcome) => (outcome.kind === "pending" ? [outcome.until] : []));
  const isLeft = outcomes.some((outcome) => outcome.kind === "left_to_staff");
  const standing = {
    captured: currency ? money(sum, currency) : null,
    short: currency ? money(missing, currency) : null,
    until: null,
    code: null,
    ended: outcomes.flatMap((outcome) => outcome.ended),
  };
  if (failed) return { ...standing, kind: "failed", code: failed.code };
  if (pending.length > 0) return { ...standing, kind: "pending", until: Math.min(...pending) as Instant };
  if (isLeft) return { ...standing, kind: "left_to_staff" };
  if (rows.every((row) => row.state !== "captured")) return { ...standing, kind: "failed", code: "nothing_held" };
  return { ...standing, kind: "captured" };
}
