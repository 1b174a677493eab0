import { problem } from "@stoa/kernel";

/** Of one order: more tabs than anybody has open, and so few that nobody takes all places with one order. */
const STREAMS_PER_ORDER_MAX = 20;

/** Places for the streams of one process, each of which costs a socket and a subscription. */
export class StreamPlaces {
  readonly #taken = new Map<string, number>();
  readonly #max: number;
  #total = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get total(): number {
    return this.#total;
  }

  /** Takes one for an order; answers what gives it back, once. @throws problem `service_unavailable`, `rate_limited`. */
  take(orderId: string): () => void {
    if (this.#total >= this.#max) throw problem("service_unavailable", { retryAfterSeconds: 5 });
    const taken = this.#taken.get(orderId) ?? 0;
    if (taken >= STREAMS_PER_ORDER_MAX) {
      throw problem("rate_limited", { detail: "The order is watched often enough.", retryAfterSeconds: 30 });
    }
    this.#set(orderId, taken + 1);
    this.#total += 1;
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#total -= 1;
      this.#set(orderId, (this.#taken.get(orderId) ?? 1) - 1);
    };
  }

  #set(orderId: string, taken: number): void {
    if (taken === 0) this.#taken.delete(orderId);
    else this.#taken.set(orderId, taken);
  }
}
