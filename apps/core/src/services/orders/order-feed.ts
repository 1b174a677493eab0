import { channels } from "@stoa/read-models";
import type { Redis } from "ioredis";

/** Ids of orders whose views have just been written, by whichever core wrote them. */
export interface OrderFeed {
  /** Bundles of ids until the signal aborts. A slow watcher gets fewer, larger bundles; none is lost while it is connected. */
  watch(signal: AbortSignal | undefined): AsyncGenerator<readonly string[]>;
}

const BUNDLE_MAX = 1_000;

/** Fed by the Redis channel that every projection publishes to. The subscriber connection is shared by all watchers. */
export function createOrderFeed(subscriber: Redis): OrderFeed {
  const watchers = new Set<(ids: readonly string[]) => void>();
  subscriber.on("message", (channel: string, text: string) => {
    if (channel !== channels.orders) return;
    const ids = text.split("\n");
    for (const tell of watchers) tell(ids);
  });
  return {
    async *watch(signal) {
      const waiting = new Set<string>();
      let wake: () => void = () => undefined;
      const tell = (ids: readonly string[]) => {
        for (const id of ids) if (waiting.size < BUNDLE_MAX) waiting.add(id);
        wake();
      };
      const stop = () => wake();
      watchers.add(tell);
      signal?.addEventListener("abort", stop);
      try {
        while (!signal?.aborted) {
          if (waiting.size === 0) await new Promise<void>((resolve) => (wake = resolve));
          if (waiting.size === 0) continue;
          const bundle = [...waiting];
          waiting.clear();
          yield bundle;
        }
      } finally {
        watchers.delete(tell);
        signal?.removeEventListener("abort", stop);
      }
    },
  };
}
