import { channels, type StoredOrder } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import { findStoredOrder, parseStoredOrder } from "./read-order.ts";

/** Looks that often as well, should the message get lost while the connection is renewed. */
const LOOK_AGAIN_MS = 250;

/** The order once it has settled; what is known of it when the time is over, null for nothing. Never rejects. */
export async function waitForSettled(
  deps: Pick<EdgeDeps, "store" | "subscriptions">,
  orderId: string,
  waitMs: number,
): Promise<StoredOrder | null> {
  const { promise: settled, resolve } = Promise.withResolvers<void>();
  let latest: StoredOrder | null = null;
  const see = (order: StoredOrder | undefined) => {
    if (!order) return;
    latest = order;
    if (order.settled) resolve();
  };
  const look = () =>
    findStoredOrder(deps.store, orderId).then(
      (found) => see(found?.order),
      () => {},
    );
  const end = await deps.subscriptions
    .subscribe(channels.order(orderId), (message) => see(parseStoredOrder(message)?.order))
    .catch(() => () => {});
  const again = setInterval(look, LOOK_AGAIN_MS);
  const deadline = setTimeout(resolve, waitMs);
  await look();
  await settled;
  clearInterval(again);
  clearTimeout(deadline);
  end();
  return latest;
}
