import type { PubSub, Subscriber } from "./pubsub.ts";

export type Topic = "channel" | "pattern";

/** The channels and patterns of one connection. Every change is confirmed to it, as the protocol asks. */
export class Subscriptions {
  readonly #topics: Record<Topic, Set<string>> = { channel: new Set(), pattern: new Set() };

  constructor(
    private readonly pubsub: PubSub,
    private readonly subscriber: Subscriber,
  ) {}

  get count(): number {
    return this.#topics.channel.size + this.#topics.pattern.size;
  }

  add(kind: Topic, names: readonly string[]): void {
    for (const name of names) {
      this.#topics[kind].add(name);
      this.pubsub.subscribe(kind, name, this.subscriber);
      this.subscriber.deliver([kind === "channel" ? "subscribe" : "psubscribe", name, this.count]);
    }
  }

  /** Without names: all of this kind. */
  remove(kind: Topic, names: readonly string[]): void {
    const word = kind === "channel" ? "unsubscribe" : "punsubscribe";
    const unwanted = names.length > 0 ? names : [...this.#topics[kind]];
    if (unwanted.length === 0) this.subscriber.deliver([word, null, this.count]);
    for (const name of unwanted) {
      this.#topics[kind].delete(name);
      this.pubsub.unsubscribe(kind, name, this.subscriber);
      this.subscriber.deliver([word, name, this.count]);
    }
  }

  /** Ends everything without a word, e.g. when the connection is gone. */
  clear(): void {
    for (const kind of ["channel", "pattern"] as const) {
      for (const name of this.#topics[kind]) this.pubsub.unsubscribe(kind, name, this.subscriber);
      this.#topics[kind].clear();
    }
  }
}
