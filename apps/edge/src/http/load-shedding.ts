import type { Endpoint } from "@stoa/contract";
import { Problem } from "@stoa/kernel";
import type { Guards, Metrics } from "@stoa/runtime/portable";
import { CORE } from "../core-client.ts";

/** What is given up first when there is more to do than can be done: looking around, then filling a cart, and buying last. */
export type Urgency = "browse" | "shop" | "buy";

/** From what delay of the whole process on some of a kind are turned away, and what part of all places the kind may take. */
const PATIENCE: Readonly<Record<Urgency, { readonly lagMs: number; readonly share: number }>> = {
  browse: { lagMs: 100, share: 0.6 },
  shop: { lagMs: 200, share: 0.8 },
  buy: { lagMs: 400, share: 1 },
};

/** Less than the platform lets through to one machine (`hard_limit` in fly.toml), so that what is held is given while these wait. */
const IN_FLIGHT_MAX = 750;
const SAMPLE_MS = 25;
/** The least of several samples: one long task or a collection of garbage is no overload. */
const SAMPLES = 4;
const RETRY_AFTER_SECONDS = [1, 2, 3] as const;

/** More is asked than this process can answer. */
export class Overloaded extends Problem {}

export interface LoadShedderOptions {
  readonly metrics: Metrics;
  readonly inFlightMax?: number;
  /** Whether what a kind of call waits for has more to do than it can. */
  readonly isFull?: (urgency: Urgency) => boolean;
}

/**
 * Turns work away before all of it becomes too slow for anybody. It goes by how late this process comes to what it has to do, and by
 * how many requests wait for something. An answer that is held costs no more than a refusal, so whoever has one gives it without asking here.
 */
export class LoadShedder {
  readonly #lags: number[] = [];
  /** What a kind may still let in of those that came while the process was late. */
  readonly #credit: Record<Urgency, number> = { browse: 0, shop: 0, buy: 0 };
  /** Made once: a refusal must cost less than the work it spares. */
  readonly #refusals = RETRY_AFTER_SECONDS.map(
    (retryAfterSeconds) =>
      new Overloaded("service_unavailable", { detail: "The shop is very busy.", retryAfterSeconds }),
  );
  readonly #count: (labels: { readonly urgency: Urgency }) => void;
  readonly #inFlightMax: number;
  readonly #isFull: (urgency: Urgency) => boolean;
  #inFlight = 0;
  #shed = 0;

  constructor({ metrics, inFlightMax = IN_FLIGHT_MAX, isFull = () => false }: LoadShedderOptions) {
    this.#inFlightMax = inFlightMax;
    this.#isFull = isFull;
    this.#count = metrics.counter({
      name: "requests_shed_total",
      help: "Requests turned away because there was too much to do, by how urgent they were.",
      labels: ["urgency"],
    });
    const lag = metrics.gauge({
      name: "process_lag_seconds",
      help: "How late this process comes to its work.",
      labels: [],
    });
    const inFlight = metrics.gauge({
      name: "requests_in_flight",
      help: "Requests that wait for something.",
      labels: [],
    });
    metrics.onReading(() => {
      lag({}, this.lagMs / 1_000);
      inFlight({}, this.#inFlight);
    });
  }

  /** Runs the work if there is room for it. Never asked for health checks. @throws Overloaded. */
  admit<T>(urgency: Urgency, work: () => Promise<T> | T): Promise<T> {
    return this.#hasRoom(urgency) ? this.#run(work) : Promise.reject(this.#refusal(urgency));
  }

  async #run<T>(work: () => Promise<T> | T): Promise<T> {
    this.#inFlight += 1;
    try {
      return await work();
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** The least delay among the last samples. */
  get lagMs(): number {
    return this.#lags.length < SAMPLES ? 0 : Math.min(...this.#lags);
  }

  /** Something that should have run came to it so much later. */
  noteLag(lateMs: number): void {
    this.#lags.push(Math.max(0, lateMs));
    if (this.#lags.length > SAMPLES) this.#lags.shift();
  }

  /** The longer the delay, the fewer are let in: at twice what a kind bears every second one. */
  #hasRoom(urgency: Urgency): boolean {
    const { lagMs, share } = PATIENCE[urgency];
    if (this.#inFlight >= this.#inFlightMax * share || this.#isFull(urgency)) return false;
    const lag = this.lagMs;
    if (lag <= lagMs) return true;
    this.#credit[urgency] += lagMs / lag;
    if (this.#credit[urgency] < 1) return false;
    this.#credit[urgency] -= 1;
    return true;
  }

  /** Not all are told to come back at the same time. */
  #refusal(urgency: Urgency): Overloaded {
    this.#count({ urgency });
    this.#shed += 1;
    return this.#refusals[this.#shed % this.#refusals.length] as Overloaded;
  }
}

/**
 * Carts and accounts live in core: while too many wait for it already, the next one is turned away at the door, before anything of it is
 * read. What leads to an order has a queue of its own, and what is answered from Redis waits for nothing in core.
 */
export function fullBy(guards: Guards): (urgency: Urgency) => boolean {
  return (urgency) => urgency === "shop" && guards.isFull(CORE);
}

/** Measures how late this process is, for as long as it lives. */
export function watchLag(shedder: LoadShedder): Disposable {
  let due = performance.now() + SAMPLE_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    shedder.noteLag(now - due);
    due = now + SAMPLE_MS;
  }, SAMPLE_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** How urgent a call of an endpoint is; null for health checks, which are never turned away. */
export function urgencyOf({ tag, cache, rateClass }: Endpoint): Urgency | null {
  if (tag === "system") return null;
  if (rateClass === "checkout" || tag === "orders") return "buy";
  return cache === "public" ? "browse" : "shop";
}
