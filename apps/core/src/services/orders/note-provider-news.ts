import type { Instant, OrderId } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import { wakeSaga } from "../../platform/saga/index.ts";
import { orderChanged } from "./messages.ts";
import { PLACE_ORDER } from "./place-order.saga.ts";
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
