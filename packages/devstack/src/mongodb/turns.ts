import { othersTurn } from "../stand-in/others-turn.ts";

/** How long a read may keep all other clients waiting. */
const TURN_MS = 10;
/** Documents between two looks at the clock. */
const LOOK_EVERY = 16;

/** Stands among documents where others may have their turn. What comes behind it may have been changed by them, as in MongoDB. */
export const PAUSE = Symbol("pause");
export type Paused<T> = T | typeof PAUSE;

/** What is there now, or later. */
export type Later<T> = T | Promise<T>;

/** Work that may be left between any two of its steps. */
export type Steps<T> = Generator<typeof PAUSE, T>;

/** Tells a read when others should have their turn. */
export class Turn {
  #asked = 0;
  #until: number | null = null;

  /** To be asked for every document. After it has been, the next turn begins. */
  isOver(): boolean {
    this.#asked += 1;
    if (this.#asked % LOOK_EVERY !== 0) return false;
    const now = performance.now();
    this.#until ??= now + TURN_MS;
    if (now < this.#until) return false;
    this.#until = null;
    return true;
  }
}

/** Without the pauses, for whoever cannot wait. */
export function* withoutPauses<T>(items: Iterable<Paused<T>>): Generator<T> {
  for (const item of items) if (item !== PAUSE) yield item;
}

/** Work that pauses nowhere is done at once; else others have their turn at each pause. */
export function inTurns<T>(steps: Steps<T>): Later<T> {
  const step = steps.next();
  return step.done ? step.value : goOn(steps);
}

async function goOn<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    await othersTurn();
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Does all of it at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
