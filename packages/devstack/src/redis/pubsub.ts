import { globPattern } from "./glob.ts";
import type { Reply } from "./reply.ts";

/** Whoever has subscribed. `deliver` must not throw. */
export interface Subscriber {
  deliver(message: Reply): void;
}

/** Channels and patterns, and who listens to them. */
export class PubSub {
  readonly #channels = new Map<string, Set<Subscriber>>();
  readonly #patterns = new Map<string, Set<Subscriber>>();

  subscribe(kind: "channel" | "pattern", name: string, subscriber: Subscriber): void {
    const topics = this.#topics(kind);
    topics.set(name, (topics.get(name) ?? new Set()).add(subscriber));
  }

  unsubscribe(kind: "channel" | "pattern", name: string, subscriber: Subscriber): void {
    const topics = this.#topics(kind);
    const subscribers = topics.get(name);
    subscribers?.delete(subscriber);
    if (subscribers?.size === 0) topics.delete(name);
  }

  /** Hands the message to everybody who listens; answers how many that were. */
  publish(channel: string, message: string): number {
    let receivers = 0;
    for (const subscriber of this.#channels.get(channel) ?? []) {
      subscriber.deliver(["message", channel, message]);
      receivers += 1;
    }
    for (const [pattern, subscribers] of this.#patterns) {
      if (!globPattern(pattern).test(channel)) continue;
      for (const subscriber of subscribers) subscriber.deliver(["pmessage", pattern, channel, message]);
      receivers += subscribers.size;
    }
    return receivers;
  }

  channels(glob: string): string[] {
    const pattern = globPattern(glob);
    return [...this.#channels.keys()].filter((channel) => pattern.test(channel));
  }

  subscribers(channel: string): number {
    return this.#channels.get(channel)?.size ?? 0;
  }

  patternCount(): number {
    return this.#patterns.size;
  }

  #topics(kind: "channel" | "pattern"): Map<string, Set<Subscriber>> {
    return kind === "channel" ? this.#channels : this.#patterns;
  }
}
