const LOOK_MS = 20;

/**
 * A server's way out without a failed request. From `begin` on its answers say that the connection closes, so that clients let go of it by
 * themselves; whoever balances the load has time to see that it is not ready; and its door may be closed once nobody asks any more.
 */
export class Departure {
  readonly #controller = new AbortController();
  #lastAskedAt = Number.NEGATIVE_INFINITY;

  /** Aborted as soon as the server is to leave. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get hasBegun(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Somebody still asks. */
  noteRequest(): void {
    this.#lastAskedAt = performance.now();
  }

  /** Resolves once nobody has asked for `quietMs`, and at the latest after `longestMs`. */
  async begin({ quietMs, longestMs }: { readonly quietMs: number; readonly longestMs: number }): Promise<void> {
    const begunAt = performance.now();
    this.#controller.abort();
    const isOver = () => {
      const now = performance.now();
      return now - begunAt >= longestMs || now - Math.max(begunAt, this.#lastAskedAt) >= quietMs;
    };
    while (!isOver()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
