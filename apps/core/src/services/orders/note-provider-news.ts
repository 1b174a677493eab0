import { type Instant, type OrderId, problem } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import { wakeSaga } from "../../platform/saga/index.ts";
import type { PaymentRequest } from "../payments/index.ts";
import { applyPaidChange } from "./apply-change.ts";
import { orderChanged } from "./messages.ts";
import { PLACE_ORDER } from "./place-order.saga.ts";
import { isStillConfirmed } from "./queries.ts";
import { touchOrder } from "./timeline.ts";

/**
 * A payment provider has told something about an order's payment: a checkout that waits for it goes on,
 * and the order's view is written again. Harmless when it was news to nobody.
 */
export async function noteProviderNews(tx: Transaction, now: Instant, orderId: OrderId): Promise<void> {
  await touchOrder(tx, now, orderId);
  await wakeSaga(tx, now, PLACE_ORDER, orderId);
  await enqueue(tx, now, [orderChanged.of(orderId, { orderId })]);
}

/** Money that was asked for beside the checkout is held. A problem thrown here lets it go again. */
export async function noteRequestPaid(tx: Transaction, now: Instant, request: PaymentRequest): Promise<void> {
  const { orderId } = request;
  if (await applyPaidChange({ tx, now }, request)) return;
  if (!(await isStillConfirmed(tx, orderId))) {
    throw problem("state_conflict", { detail: "The order takes no more payments." });
  }
  await touchOrder(tx, now, orderId);
  await enqueue(tx, now, [orderChanged.of(orderId, { orderId })]);
}
