import { type Clock, canonicalJson, type Instant, Problem } from "@stoa/kernel";

export interface QuotesOptions<Q, A> {
  /** @throws when there is no answer that can be used; within a bounded time. */
  readonly ask: (question: Q) => Promise<A>;
  readonly clock: Clock;
  /** There was no answer: what was asked for goes by the shop's own terms for a while. */
  readonly onSilence: (error: unknown) => void;
}

/** How long an answer holds: a shopper who goes on meanwhile pays what was shown. */
const QUOTE_TTL_MS = 10 * 60_000;
/** How long a provider that did not answer is left alone about the same question. */
const SILENCE_TTL_MS = 30_000;
const ANSWERS_MAX = 10_000;
/** How often one request may ask: its cart may change between question and answer. */
const ASKS_MAX = 5;

/** Raised where an answer is needed that nobody has asked for yet, so that no transaction waits for a call outside. */
class QuoteNeeded extends Problem {
  constructor(readonly ask: () => Promise<void>) {
    super("service_unavailable", { detail: "A quote is being asked for.", retryAfterSeconds: 1 });
  }
}

interface Kept<A> {
  /** Null: the provider was silent. */
  readonly answer: A | null;
  readonly until: Instant;
}

/** Answers of an outside provider, kept for a while in this process. */
export class Quotes<Q, A> {
  readonly #options: QuotesOptions<Q, A>;
  readonly #kept = new Map<string, Kept<A>>();
  readonly #asking = new Map<string, Promise<void>>();

  constructor(options: QuotesOptions<Q, A>) {
    this.#options = options;
  }

  /** What the provider answered; null when it was silent. @throws QuoteNeeded when it has not been asked; see `withQuotes`. */
  answerTo(question: Q): A | null {
    const key = canonicalJson(question);
    const kept = this.#kept.get(key);
    if (!kept || kept.until <= this.#options.clock.now()) throw new QuoteNeeded(() => this.#askOnce(key, question));
    return kept.answer;
  }

  /** Whoever needs the same meanwhile waits for the one answer: of two, a silence could take the other's place. */
  #askOnce(key: string, question: Q): Promise<void> {
    const asking = this.#asking.get(key) ?? this.#ask(key, question).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  async #ask(key: string, question: Q): Promise<void> {
    try {
      this.#keep(key, await this.#options.ask(question), QUOTE_TTL_MS);
    } catch (error) {
      this.#options.onSilence(error);
      this.#keep(key, null, SILENCE_TTL_MS);
    }
  }

  #keep(key: string, answer: A | null, ttlMs: number): void {
    this.#kept.delete(key);
    this.#kept.set(key, { answer, until: (this.#options.clock.now() + ttlMs) as Instant });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > ANSWERS_MAX && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/**
 * Runs work that prices a cart. What it needs from outside is asked for outside of it, and it then runs again: a transaction in
 * it has been rolled back meanwhile.
 */
export async function withQuotes<T>(work: () => Promise<T>): Promise<T> {
  for (let asked = 0; ; asked += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof QuoteNeeded) || asked >= ASKS_MAX) throw error;
      await error.ask();
    }
  }
}
