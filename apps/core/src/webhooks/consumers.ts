import type { QueueHandler } from "./qstash.ts";

/** Handlers of queue messages by type: what one consumer takes. */
export type Consumer = Readonly<Record<string, QueueHandler>>;

/**
 * One handler a type out of several consumers. All of them work on a delivery, one's failure keeps no other from it, and the
 * delivery comes again unless all have done theirs; so each must bear to be run more than once.
 */
export function consumedBy(consumers: readonly Consumer[]): Consumer {
  const types = new Set(consumers.flatMap((consumer) => Object.keys(consumer)));
  return Object.fromEntries(
    [...types].map((type) => {
      const handlers = consumers.flatMap((consumer) => consumer[type] ?? []);
      return [type, handlers.length === 1 && handlers[0] ? handlers[0] : all(handlers)] as const;
    }),
  );
}

function all(handlers: readonly QueueHandler[]): QueueHandler {
  return async (delivery) => {
    const results = await Promise.allSettled(handlers.map((handle) => handle(delivery)));
    const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} consumers failed`);
  };
}
