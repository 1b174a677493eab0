import { type Clock, type Currency, canonicalJson, type Instant, Problem } from "@stoa/kernel";

/** What a provider of shipping rates is asked: one parcel, one destination, every service the shop offers there. */
export interface RateQuestion {
  readonly currency: Currency;
  readonly destination: {
    readonly country: string;
    readonly region?: string;
    readonly postalCode: string;
    readonly city: string;
  };
  readonly weightGrams: number;
  /** Minor units of the goods before discounts. */
  readonly goods: number;
  readonly items: readonly { readonly sku: string; readonly quantity: number; readonly weightGrams: number }[];
  /** The provider's own names for what is offered, in a fixed order. */
  readonly services: readonly string[];
}

/** Minor units by service. A service that is absent does not carry the parcel. */
export type ShippingQuotes = ReadonlyMap<string, number>;

export interface RateProvider {
  /** @throws when there is no answer that can be used; within a bounded time. */
  quote(question: RateQuestion): Promise<ShippingQuotes>;
}

export interface ShippingRatesOptions {
  readonly provider: RateProvider;
  readonly clock: Clock;
  /** The provider gave no answer, so options cost their fallback for a while. */
  readonly onSilence: (error: unknown) => void;
}

/** How long an answer holds: a shopper who goes on meanwhile pays what was shown. */
const QUOTE_TTL_MS = 10 * 60_000;
/** How long a provider that did not answer is left alone about the same parcel. */
const SILENCE_TTL_MS = 30_000;
const ANSWERS_MAX = 10_000;
/** How often one request may ask: its cart may change between question and answer. */
const ASKS_MAX = 3;

interface Answer {
  /** Null: the provider was silent. */
  readonly quotes: ShippingQuotes | null;
  readonly until: Instant;
}

/** Raised where a quote is needed that nobody has asked for yet, so that no transaction waits for a call outside. */
class RatesNeeded extends Problem {
  constructor(readonly question: RateQuestion) {
    super("service_unavailable", { detail: "Shipping rates are being asked for.", retryAfterSeconds: 1 });
  }
}

/** Answers of a rate provider, kept for a while in this process. */
export class ShippingRates {
  readonly #options: ShippingRatesOptions;
  readonly #answers = new Map<string, Answer>();

  constructor(options: ShippingRatesOptions) {
    this.#options = options;
  }

  /** What the provider answered; null when it was silent. @throws RatesNeeded when it has not been asked. */
  quotesFor(question: RateQuestion): ShippingQuotes | null {
    const answer = this.#answers.get(canonicalJson(question));
    if (!answer || answer.until <= this.#options.clock.now()) throw new RatesNeeded(question);
    return answer.quotes;
  }

  /**
   * Runs work that may need quotes. What it needs is asked for outside of it, and it then runs again: with a transaction in it,
   * that has been rolled back meanwhile.
   */
  async over<T>(work: () => Promise<T>): Promise<T> {
    for (let asked = 0; ; asked += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof RatesNeeded) || asked >= ASKS_MAX) throw error;
        await this.#ask(error.question);
      }
    }
  }

  async #ask(question: RateQuestion): Promise<void> {
    const { provider, clock, onSilence } = this.#options;
    const keep = (quotes: ShippingQuotes | null, ttlMs: number) => {
      const key = canonicalJson(question);
      this.#answers.delete(key);
      this.#answers.set(key, { quotes, until: (clock.now() + ttlMs) as Instant });
      const [oldest] = this.#answers.keys();
      if (this.#answers.size > ANSWERS_MAX && oldest !== undefined) this.#answers.delete(oldest);
    };
    try {
      keep(await provider.quote(question), QUOTE_TTL_MS);
    } catch (error) {
      onSilence(error);
      keep(null, SILENCE_TTL_MS);
    }
  }
}
