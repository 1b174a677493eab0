import type { Logger } from "@stoa/runtime/portable";
import type { Redis } from "ioredis";
import { createRedis } from "./connect.ts";
import { createSubscriptions, type MessageHandler, type Subscriptions } from "./subscriptions.ts";

interface Listening {
  readonly redis: Redis;
  readonly subscriptions: Subscriptions;
}

/** Redis for one request: a connection for commands and one for listening, each opened when it is first needed. */
export class RequestConnections {
  #redis: Redis | null = null;
  #commands: Promise<Redis> | null = null;
  #listener: Listening | null = null;
  #listening: Promise<unknown> | null = null;

  constructor(
    readonly url: string,
    readonly logger: Logger,
  ) {}

  /** The connection for commands. It is waited for before the first one is sent: to open it has a patience of its own. */
  commands(): Promise<Redis> {
    if (this.#commands) return this.#commands;
    const redis = this.#open();
    this.#redis = redis;
    this.#commands = redis.connect().then(() => redis);
    return this.#commands;
  }

  /** Resolves once messages are sure to come, to a function that ends it. */
  async subscribe(channel: string, handler: MessageHandler): Promise<() => void> {
    if (!this.#listener) {
      const redis = this.#open();
      this.#listener = { redis, subscriptions: createSubscriptions(redis, this.logger) };
      this.#listening = redis.connect();
    }
    await this.#listening;
    return this.#listener.subscriptions.subscribe(channel, handler);
  }

  /** Closes everything with the end of the answer: at once, or when its stream is over. */
  closeAfter(response: Response): Response {
    const close = () => {
      this.#redis?.disconnect();
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
    return createRedis(this.url, this.logger, { autoResubscribe: false });
  }
}
