import {
  AMOUNT_MAX,
  type CartId,
  type Instant,
  type Money,
  money,
  newId,
  type OrderChangeId,
  type OrderId,
  type PaymentRequestId,
  problem,
} from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { paymentOfOrder, requestPayment } from "../payments/index.ts";
import { applyChange } from "./apply-change.ts";
import type { ActContext, OrdersDeps } from "./deps.ts";
import { type LockedOrder, linesOf, lockOrder } from "./lock-order.ts";
import { orderPaymentRequested } from "./messages.ts";
import type { OrderRow } from "./move-order.ts";
import {
  type AddedLine,
  amountsAfter,
  type ChangeContent,
  changeMoney,
  type OrderChangeState,
} from "./order-change.ts";
import { hashAccessToken } from "./order-token.ts";
import { paymentLinkToken } from "./payment-request.ts";
import { priceAdded } from "./price-change.ts";
import { reserveUnits } from "./stock-units.ts";
import { order, orderChange } from "./tables.ts";
import { noteInTimeline } from "./timeline.ts";

export interface PreviewChange {
  readonly orderId: OrderId;
  readonly content: ChangeContent;
}

export interface PreviewedChange {
  /** Names what was looked at: only that is changed. */
  readonly version: number;
  readonly added: readonly AddedLine[];
  readonly total: { readonly before: Money; readonly after: Money };
  /** What has to be paid, or with a minus goes back. */
  readonly difference: Money;
}

/**
 * What an edit would cost, without doing anything. `total` counts what is taken out as well, as it does with what is cancelled.
 * @throws problem as `commitChange`.
 */
export async function previewChange(
  deps: OrdersDeps,
  { tx, actor }: Pick<ActContext, "tx" | "actor">,
  { orderId, content }: PreviewChange,
): Promise<PreviewedChange> {
  const [row] = await tx.select().from(order).where(eq(order.id, orderId));
  if (!row) throw problem("not_found");
  const added = await priceAdded(deps, { tx, actor }, row, content.add);
  const lines = await linesOf(tx, orderId);
  refuseTooMuch({ order: row, lines }, added);
  const { difference, setOff } = changeMoney(lines, { removed: content.remove, added }, row.currency);
  const of = (amount: number) => money(amount, row.currency);
  const total = { before: of(row.total), after: of(amountsAfter(row, added, setOff).total) };
  return { version: row.version, added, total, difference: of(difference) };
}

export interface CommitChange extends PreviewChange {
  /** Of the preview that staff have seen. */
  readonly version: number;
  /** Why; it stands in the timeline. */
  readonly reason: string;
  /** How long the link is good, if there is something to pay. */
  readonly expiresInSeconds: number;
}

export interface CommittedChange {
  readonly changeId: OrderChangeId;
  readonly state: OrderChangeState;
  readonly difference: Money;
  /** What the link ends in by which the difference can be paid; null when nothing is to be paid. */
  readonly token: string | null;
  /** What the token is of. */
  readonly requestId: PaymentRequestId | null;
}

/** Longer than any saga takes to make the units the order's own. */
const APPLYING_MS = 7 * 24 * 60 * 60 * 1_000;

/**
 * Edits a confirmed order: units that are in no parcel are taken out, lines are put in. What costs no more takes effect at once, and what
 * is left over goes back; what costs more takes effect when the difference is paid, and its units are held until then.
 * @throws problem `not_found`, `version_conflict` when the order is not as it was previewed, `state_conflict`: it is not confirmed, its money has
 * not been taken, another edit waits to be paid, units are in a parcel, it would have too many lines, or nothing would be left; `sku_unknown`, `out_of_stock`, `forbidden`.
 */
export async function commitChange(
  deps: OrdersDeps,
  context: ActContext,
  input: CommitChange,
): Promise<CommittedChange> {
  const { tx, now, actor } = context;
  const { orderId, content, version, reason } = input;
  const locked = await lockOrder(tx, now, { orderId, states: ["confirmed"] });
  if (locked.order.version !== version + 1) throw problem("version_conflict");
  await refuseSecond(tx, orderId);
  await refuseUntaken(tx, orderId);
  const added = await priceAdded(deps, { tx, actor }, locked.order, content.add);
  refuseTooMuch(locked, added);
  const { difference } = changeMoney(locked.lines, { removed: content.remove, added }, locked.order.currency);
  const isDue = difference > 0;
  const expiresAt = (now + (isDue ? input.expiresInSeconds * 1_000 : APPLYING_MS)) as Instant;
  const holder = newId("cart");
  await holdAdded({ tx, now }, holder, { added, expiresAt });
  const due = isDue ? await askForDifference(deps, context, locked.order, { difference, expiresAt }) : null;
  const [change] = await tx
    .insert(orderChange)
    .values({
      ...{ id: due?.id ?? newId("chg"), orderId, holder, state: "awaiting_payment", removed: content.remove, added },
      ...{ difference, currency: locked.order.currency, reason, expiresAt: due ? expiresAt : null },
      ...{ requestId: due?.requestId ?? null, tokenHash: due ? hashAccessToken(due.token) : null },
      ...{ createdAt: now, updatedAt: now },
    })
    .returning();
  if (!change) throw new Error("an edit was not written");
  if (!due) await applyChange(context, change, locked);
  const state = due ? "awaiting_payment" : "applied";
  const link = { token: due?.token ?? null, requestId: due?.requestId ?? null };
  return { changeId: change.id, state, difference: money(difference, change.currency), ...link };
}

/** Far more than anybody wants; what is taken out stands in the order as well. */
const LINES_PER_ORDER_MAX = 1_000;

/** However often an order is edited, it can be read in one go and its sums are exact. */
function refuseTooMuch({ order, lines }: LockedOrder, added: readonly AddedLine[]): void {
  if (lines.length + added.length > LINES_PER_ORDER_MAX) {
    throw problem("state_conflict", { detail: `An order has at most ${LINES_PER_ORDER_MAX} lines.` });
  }
  const { total } = amountsAfter(order, added, 0);
  if (total > AMOUNT_MAX) throw problem("state_conflict", { detail: `An order costs at most ${AMOUNT_MAX}.` });
}

async function refuseSecond(tx: Transaction, orderId: OrderId): Promise<void> {
  const [open] = await tx
    .select({ id: orderChange.id })
    .from(orderChange)
    .where(and(eq(orderChange.orderId, orderId), eq(orderChange.state, "awaiting_payment")));
  if (open) throw problem("state_conflict", { detail: "Another edit of this order waits to be paid." });
}

/**
 * A hold is for what the order cost when it was placed: parcels take what their units cost out of it, and an edit would leave them
 * wrong. Once it has been taken, what an edit costs less goes back, and what it costs more is asked for.
 */
async function refuseUntaken(tx: Transaction, orderId: OrderId): Promise<void> {
  const payment = await paymentOfOrder(tx, orderId);
  if (payment === null || payment.heldAmount === 0) return;
  const detail =
    "The order's money is only held. Take it first (payments.captureOrder); or cancel units, which takes less of it.";
  throw problem("state_conflict", { detail, held: money(payment.heldAmount, payment.currency) });
}

async function holdAdded(
  context: Pick<ActContext, "tx" | "now">,
  holder: CartId,
  { added, expiresAt }: { readonly added: readonly AddedLine[]; readonly expiresAt: Instant },
): Promise<void> {
  if (added.length > 0) await reserveUnits(context, { holder, lines: added, expiresAt });
}

async function askForDifference(
  deps: OrdersDeps,
  { tx, now, actor }: ActContext,
  { id: orderId, currency }: OrderRow,
  { difference, expiresAt }: { readonly difference: number; readonly expiresAt: Instant },
) {
  const id = newId("chg");
  const amount = money(difference, currency);
  const { requestId } = await requestPayment({ tx, now }, { orderId, amount, cause: `edit/${id}`, expiresAt });
  await noteInTimeline(tx, now, {
    orderId,
    actor,
    entries: [{ type: "change_requested" }],
    announce: [orderPaymentRequested.of(orderId, { orderId, requestId })],
  });
  return { id, requestId, token: paymentLinkToken(deps, requestId) };
}
