import type { z } from "zod";

/** Where a message goes: over QStash to `/webhooks/qstash/…`, or straight into the read models. */
export type Channel = "queue" | "projection";

export interface Message {
  readonly channel: Channel;
  readonly type: string;
  /** What it is about, e.g. an order id; for logs and for the dead-letter list. */
  readonly key: string;
  readonly payload: unknown;
  /** Not before this many seconds from now. */
  readonly delaySeconds?: number;
}

/** A kind of message with the shape of its payload; both ends parse by it. */
export interface MessageDefinition<S extends z.ZodType> {
  readonly channel: Channel;
  readonly type: string;
  readonly schema: S;
  of(key: string, payload: z.infer<S>, options?: { readonly delaySeconds?: number }): Message;
}

/** Defines a kind of message. @param type unique in the shop, e.g. `order.confirmed`; handlers are found by it. */
export function defineMessage<S extends z.ZodType>(channel: Channel, type: string, schema: S): MessageDefinition<S> {
  return {
    channel,
    type,
    schema,
    of: (key, payload, options) => ({ channel, type, key, payload, ...options }),
  };
}
