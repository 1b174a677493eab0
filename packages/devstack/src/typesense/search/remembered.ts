const REMEMBERED_MAX = 32;

/** What was found for the latest searches, until anything changes that it was found by. */
export class Remembered<T> {
  readonly #found = new Map<string, T>();
  #state = "";

  /** @param state another one whenever anything has changed. */
  get(state: string, key: string): T | undefined {
    if (state !== this.#state) this.#found.clear();
    this.#state = state;
    return this.#found.get(key);
  }

  /** Only behind `get` of the same state. */
  put(key: string, found: T): void {
    this.#found.set(key, found);
    for (const oldest of this.#found.keys()) {
      if (this.#found.size <= REMEMBERED_MAX) break;
      this.#found.delete(oldest);
    }
  }
}
