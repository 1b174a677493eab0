import type { Logger } from "@stoa/runtime/portable";
import type { Redis } from "ioredis";

export type MessageHandler = (message: string) => void;

/** Messages of Redis channels, over one connection for all who listen. */
export interface Subscriptions {
  /** Listens for as long as there is a connection, from the first one on; never rejects. */
  listen(channel: string, handler: MessageHandler): void;
  /** Resolves once messages are sure to come, to a function that ends it. Rejects while Redis is away. */
  subscribe(channel: string, handler: MessageHandler): Promise<() => void>;
  /** Calls back when messages begin to be heard and when they may be missed. */
  onHearing(listener: (hearing: boolean) => void): void;
}

/**
 * Shares a connection that does nothing but listen. After a reconnect every channel is subscribed again before
 * `onHearing(true)` says so; what was published in between is lost, so listeners read the truth again.
 */
export function createSubscriptions(redis: Redis, logger: Logger): Subscriptions {
  const handlers = new Map<string, Set<MessageHandler>>();
  const listeners = new Set<(hearing: boolean) => void>();
  const tell = (hearing: boolean) => {
    for (const listener of listeners) listener(hearing);
  };
  redis.on("message", (channel: string, message: string) => {
    for (const handler of [...(handlers.get(channel) ?? [])]) handler(message);
  });
  redis.on("close", () => tell(false));
  const resume = async () => {
    if (handlers.size > 0) await redis.subscribe(...handlers.keys());
    tell(true);
  };
  redis.on("ready", () => {
    resume().catch((error: unknown) => {
      logger.warn("subscribing again failed", { error });
      redis.disconnect(true);
    });
  });
  return {
    listen: (channel, handler) => {
      handlers.set(channel, (handlers.get(channel) ?? new Set()).add(handler));
    },
    subscribe: async (channel, handler) => {
      const present = handlers.get(channel) ?? new Set();
      handlers.set(channel, present.add(handler));
      const end = () => leave(redis, handlers, { channel, handler });
      try {
        await redis.subscribe(channel);
      } catch (error) {
        end();
        throw error;
      }
      return end;
    },
    onHearing: (listener) => {
      listeners.add(listener);
    },
  };
}

function leave(
  redis: Redis,
  handlers: Map<string, Set<MessageHandler>>,
  { channel, handler }: { readonly channel: string; readonly handler: MessageHandler },
): void {
  const present = handlers.get(channel);
  present?.delete(handler);
  if (present?.size !== 0) return;
  handlers.delete(channel);
  // A failed unsubscribe means that the connection is gone, and with it the subscription.
  redis.unsubscribe(channel).catch(() => {});
}
