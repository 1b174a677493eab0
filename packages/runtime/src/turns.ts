import { Unavailable } from "./resilience.ts";

export interface TurnsOptions {
  /** What is waited for, e.g. "images". */
  readonly name: string;
  readonly atOnceMax: number;
  readonly waitingMax: number;
}

/** Heavy work of this process, so much at once; the rest waits in line, and who comes when the line is full is sent away. */
export class Turns {
  readonly #line: (() => void)[] = [];
  #busy = 0;

  constructor(readonly options: TurnsOptions) {}

  /** @throws Unavailable `bulkhead_full`, or what the work throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { name, atOnceMax, waitingMax } = this.options;
    if (this.#busy < atOnceMax) this.#busy += 1;
    else if (this.#line.length < waitingMax) await new Promise<void>((resolve) => this.#line.push(resolve));
    else throw new Unavailable(name, "bulkhead_full");
    try {
      return await work();
    } finally {
      const next = this.#line.shift();
      // The place goes from one to the next without becoming free for a third.
      if (next) next();
      else this.#busy -= 1;
    }
  }
}
