/** How long one piece of work may keep the rest of the process waiting. */
const TURN_MS = 10;

/** Lets other work of the process have its turn while something long is worked out. */
export class Turns {
  #until = performance.now() + TURN_MS;

  /** To be asked between small pieces; returns at once unless the turn is over. */
  async pause(): Promise<void> {
    if (performance.now() < this.#until) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#until = performance.now() + TURN_MS;
  }
}
