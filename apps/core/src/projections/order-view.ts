import type { OrderId } from "@stoa/kernel";
import { channels, keys, packEnvelope, SET_IF_NEWER_LUA, type StoredOrder } from "@stoa/read-models";
import type { Redis } from "ioredis";
import type { OutboxRow } from "../platform/outbox/index.ts";

/** How long an order stays in Redis after its last change; edge asks core for older ones. */
const ORDER_TTL_SECONDS = 30 * 24 * 60 * 60;

export interface OrderViewDeps {
  readonly redis: Redis;
  /** The present views of some orders with their versions, from the truth. */
  readonly readOrders: (
    ids: readonly OrderId[],
  ) => Promise<ReadonlyMap<OrderId, { readonly version: number; readonly stored: StoredOrder }>>;
  readonly now: () => number;
  /** Told of each view that is in Redis by now. */
  readonly written?: (id: OrderId, stored: StoredOrder) => void;
}

/**
 * Writes the read models of the orders that have changed and wakes whoever waits for them. Several changes of one order
 * that come together are one write; an older view never replaces a newer one.
 */
export function createOrderProjection(deps: OrderViewDeps) {
  return async (rows: readonly OutboxRow[]): Promise<void> => {
    const ids = [...new Set(rows.map((row) => row.key))] as OrderId[];
    const views = await deps.readOrders(ids);
    const pipeline = deps.redis.pipeline();
    for (const [id, { version, stored }] of views) {
      const envelope = packEnvelope({
        version: { major: version, minor: 0 },
        etag: `"${version}"`,
        writtenAt: deps.now(),
        body: JSON.stringify(stored),
      });
      pipeline.eval(SET_IF_NEWER_LUA, 1, keys.order(id), version, 0, envelope, ORDER_TTL_SECONDS);
      pipeline.publish(channels.order(id), envelope);
    }
    if (views.size > 0) pipeline.publish(channels.orders, [...views.keys()].join("\n"));
    const results = await pipeline.exec();
    const failed = results?.find(([error]) => error !== null);
    if (failed?.[0]) throw failed[0];
    for (const [id, { stored }] of views) deps.written?.(id, stored);
  };
}
