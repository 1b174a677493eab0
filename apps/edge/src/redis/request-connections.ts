import type { Logger } from "@stoa/runtime/portable";
import type { Redis } from "ioredis";
import { createRedis } from "./connect.ts";
import { createSubscriptions, type Subscriptions } from "./subscriptions.ts";

/** Redis for one request: a connection for commands and one for listening, each opened when it is first needed. */
export class RequestConnections {
  #commands: Redis | null = null;
  #listener: { readonly redis: Redis; readonly subscriptions: Subscriptions } | null = null;

  constructor(
    readonly url: string,
    readonly logger: Logger,
  ) {}

  /** Commands wait for the connection, since they cannot wait for a later request. */
  get commands(): Redis {
    this.#commands ??= this.#open();
    return this.#commands;
  }

  get subscriptions(): Subscriptions {
    if (!this.#listener) {
      const redis = this.#open();
      this.#listener = { redis, subscriptions: createSubscriptions(redis, this.logger) };
    }
    return this.#listener.subscriptions;
  }

  /** Closes everything with the end of the answer: at once, or when its stream is over. */
  closeAfter(response: Response): Response {
    const close = () => {
      this.#commands?.disconnect();
      this.#listener?.redis.disconnect();
    };
    if (response.headers.get("content-type") !== "text/event-stream" || !response.body) {
      close();
      return response;
    }
    const ending = new TransformStream<Uint8Array, Uint8Array>({ flush: close });
    response.body.pipeTo(ending.writable).then(close, close);
    return new Response(ending.readable, response);
  }

  #open(): Redis {
    return createRedis(this.url, this.logger, { enableOfflineQueue: true, autoResubscribe: false });
  }
}
