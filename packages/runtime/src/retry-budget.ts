const RETRIES_AT_ONCE = 10;
const RETRIES_PER_CALL = 0.1;

/** A tenth of the calls may be made again, and a few more at once: a dependency in trouble must not get twice the work. */
export class RetryBudget {
  #left = RETRIES_AT_ONCE;

  /** A call was made. */
  earn(): void {
    this.#left = Math.min(RETRIES_AT_ONCE, this.#left + RETRIES_PER_CALL);
  }

  /** Whether one more may be made; it is then spent. */
  spend(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
