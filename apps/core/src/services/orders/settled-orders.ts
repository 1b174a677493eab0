import type { OrderId } from "@stoa/kernel";
import type { StoredOrder } from "@stoa/read-models";

/** Lets a request wait for a view that this very process writes, without asking anybody. */
export interface SettledOrders {
  /** A view has been written to the read models. */
  tell(orderId: OrderId, stored: StoredOrder): void;
  /** The order once its view says that it has settled; null when the time is over before. Never rejects. */
  wait(orderId: OrderId, waitMs: number): Promise<StoredOrder | null>;
}

/** Waiting requests of this process, by their order. */
export function createSettledOrders(): SettledOrders {
  const waiting = new Map<OrderId, (stored: StoredOrder | null) => void>();
  return {
    tell(orderId, stored) {
      if (stored.settled) waiting.get(orderId)?.(stored);
    },
    async wait(orderId, waitMs) {
      const { promise, resolve } = Promise.withResolvers<StoredOrder | null>();
      // The same order may be asked for twice; the earlier request then waits for its time to be over.
      waiting.set(orderId, resolve);
      const deadline = setTimeout(resolve, waitMs, null);
      const settled = await promise;
      clearTimeout(deadline);
      if (waiting.get(orderId) === resolve) waiting.delete(orderId);
      return settled;
    },
  };
}
