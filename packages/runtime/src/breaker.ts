export type BreakerState = "closed" | "half_open" | "open";

export interface BreakerOptions {
  /** Opens after so many failures in a row. */
  readonly failures: number;
  /** How long it stays open before one call is tried. */
  readonly halfOpenAfterMs: number;
  readonly onChange?: (state: BreakerState) => void;
  readonly now?: () => number;
}

/** Spares a dependency that fails, and its callers the wait: after some failures in a row no call is sent for a while, then one. */
export class Breaker {
  #state: BreakerState = "closed";
  #failures = 0;
  #openedAt = 0;
  /** The one call of the half-open state is under way. */
  #isProbing = false;

  constructor(readonly options: BreakerOptions) {}

  get state(): BreakerState {
    return this.#state;
  }

  /** Whether a call may be sent now. One that was has to end with `succeed`, `fail` or `leave`. */
  enter(): boolean {
    if (this.#state === "closed") return true;
    if (this.#state === "open" && this.#now() - this.#openedAt >= this.options.halfOpenAfterMs) this.#turn("half_open");
    if (this.#state === "open" || this.#isProbing) return false;
    this.#isProbing = true;
    return true;
  }

  succeed(): void {
    this.#isProbing = false;
    this.#failures = 0;
    this.#turn("closed");
  }

  fail(): void {
    this.#isProbing = false;
    this.#failures += 1;
    if (this.#state === "closed" && this.#failures < this.options.failures) return;
    this.#openedAt = this.#now();
    this.#turn("open");
  }

  /** The call ended without a word about the dependency: it was never sent, or its caller gave up. */
  leave(): void {
    this.#isProbing = false;
  }

  #turn(state: BreakerState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.options.onChange?.(state);
  }

  #now(): number {
    return this.options.now?.() ?? performance.now();
  }
}
