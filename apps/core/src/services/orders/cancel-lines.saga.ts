import { allocateWithin, type CancellationId, type Currency, type Instant, money, type OrderId } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import {
  done,
  type Outcome,
  type SagaBuilder,
  type SagaType,
  type StepContext,
  saga,
  sagaStateOf,
  waiting,
} from "../../platform/saga/index.ts";
import { findAllocations, releaseAllocations } from "../inventory/index.ts";
import {
  askedBackFor,
  creditsLeft,
  isBeingCaptured,
  leftToRefund,
  type PaymentVerbs,
  paymentOfOrder,
} from "../payments/index.ts";
import { allocateEdits } from "./allocate-edits.ts";
import { countUnits } from "./count-units.ts";
import { paidForKept } from "./line-money.ts";
import { linesOf } from "./lock-order.ts";
import { packedStock } from "./parcel.ts";
import { PLACE_ORDER } from "./place-order.saga.ts";
import { isStillConfirmed } from "./queries.ts";
import { type RefundOfSaga, refundCall } from "./refund-step.ts";
import { releaseRest } from "./release-rest.ts";
import { stockOf } from "./stock-units.ts";

export const CANCEL_LINES = "cancel-lines";

export interface CancelledLine {
  readonly position: number;
  readonly sku: string;
  readonly quantity: number;
  /** For these units, in minor units. */
  readonly paid: number;
}

export interface CancelLinesInput {
  readonly orderId: OrderId;
  readonly cancellationId: CancellationId;
  readonly currency: Currency;
  readonly lines: readonly CancelledLine[];
}

export interface Owed {
  /** Minor units. */
  readonly amount: number;
}

/** How one is started. */
export const CANCEL_LINES_SAGA: SagaType<CancelLinesInput> = { type: CANCEL_LINES };

/** What is given back for units that are no longer the order's, by what was cancelled and what was edited. */
const CAUSES_OF_GONE_UNITS = ["cancellation/", "edit/"];

/** How soon a checkout's own last steps are looked at again. */
const LOOK_AGAIN_MS = 30_000;
const LOOK_AT_STUCK_MS = 60 * 60 * 1_000;

/** What follows from cancelling part of an order; the units themselves were cancelled in the transaction that started this. */
export function cancelLinesSaga(payments: PaymentVerbs): SagaBuilder<CancelLinesInput, unknown> {
  return saga<CancelLinesInput>(CANCEL_LINES)
    .pivot("cancelled", { do: async () => done(null) })
    .step("stock", { do: ({ tx, now, input }) => giveBackStock(tx, now, input) })
    .step("owed", { do: ({ tx, now, input }) => decideRefund(tx, now, input) })
    .remote("refunded", {
      do: refundCall<StepContext<CancelLinesInput, { readonly owed: Owed }>>(payments, {
        of: ({ input, outputs: { owed } }) => refundOf(input, owed),
        refunded: ({ tx }, { input }, given) => countUnits(tx, input.orderId, refundedLines(input, given)),
      }),
    })
    .remote("released", { do: releaseRest(payments) });
}

function refundOf({ orderId, cancellationId, currency }: CancelLinesInput, { amount }: Owed): RefundOfSaga {
  return { orderId, currency, amount, cause: `cancellation/${cancellationId}`, reason: "lines_cancelled" };
}

/** Lets go of the units that were cancelled. Waits while what the order has reserved is about to become its own. */
export async function giveBackStock(tx: Transaction, now: Instant, input: CancelLinesInput): Promise<Outcome<null>> {
  const { orderId, cancellationId, lines } = input;
  if (await isStillConfirmed(tx, orderId)) await allocateEdits({ tx, now }, orderId);
  const { isAllocated, allocations } = await findAllocations(tx, { orderId });
  if (!isAllocated) {
    // What checkout reserved becomes the order's own in a moment, these units with it; unless they were sold, which cancels the order.
    return (await isStillConfirmed(tx, orderId)) ? waiting((now + LOOK_AGAIN_MS) as Instant, "checkout") : done(null);
  }
  const tracked = new Set(allocations.map(({ sku }) => sku));
  const all = await linesOf(tx, orderId);
  const ordered = new Map(all.map((line) => [line.position, line]));
  const units = lines.flatMap(({ position, quantity }) => {
    const line = ordered.get(position);
    return line ? [{ line, quantity }] : [];
  });
  const own = stockOf(units).filter(({ sku }) => tracked.has(sku));
  if (own.length === 0 || !(await isStillConfirmed(tx, orderId))) return done(null);
  const keep = await packedStock(tx, orderId, all);
  await releaseAllocations({ tx, now }, { orderId, part: { lines: own, cause: cancellationId, keep } });
  return done(null);
}

/** What was paid beyond what the rest of the order costs; decided once, so that it is the same however often the call is made. */
export async function decideRefund(
  tx: Transaction,
  now: Instant,
  { orderId, currency, lines }: CancelLinesInput,
): Promise<Outcome<Owed>> {
  // A capture that is on its way takes the whole amount, so it is waited for.
  const checkout = await sagaStateOf(tx, PLACE_ORDER, orderId);
  if (checkout === "stuck") return waiting((now + LOOK_AT_STUCK_MS) as Instant, "stuck_checkout");
  if (checkout === "running" || checkout === "waiting") return waiting((now + LOOK_AGAIN_MS) as Instant, "checkout");
  // So is one by staff or for a parcel: what it takes beyond the rest of the order has to go back as well.
  if (await isBeingCaptured(tx, orderId)) return waiting((now + LOOK_AGAIN_MS) as Instant, "capture");
  // Cancelled as a whole meanwhile: that gives back all there is.
  if (!(await isStillConfirmed(tx, orderId))) return done({ amount: 0 });
  const captured = (await paymentOfOrder(tx, orderId))?.capturedAmount ?? 0;
  const received = captured + ((await creditsLeft(tx, orderId))?.paid ?? 0);
  // Other units may have been cancelled since, or before: what was promised back for them is theirs.
  const promised = await askedBackFor(tx, orderId, CAUSES_OF_GONE_UNITS);
  const beyond = received - paidForKept(await linesOf(tx, orderId), currency) - promised;
  const cancelled = lines.reduce((sum, line) => sum + line.paid, 0);
  // What went back by hand before cannot go back again.
  return done({ amount: Math.max(0, Math.min(cancelled, beyond, await leftToRefund(tx, orderId))) });
}

/** Each line's part of what went back. */
export function refundedLines({ lines, currency }: CancelLinesInput, amount: number) {
  const shares = allocateWithin(
    money(amount, currency),
    lines.map((line) => line.paid),
  );
  return lines.map(({ position }, place) => ({ position, refunded: shares[place]?.amount ?? 0 }));
}
