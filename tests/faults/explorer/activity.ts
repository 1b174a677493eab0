import { AsyncLocalStorage } from "node:async_hooks";
import { Stream } from "./random.ts";

/** Thrown out of every wait of a process that has been killed. Nobody may catch it and go on: the next wait throws it again. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** A life of a process, from its start to its kill. */
export interface Life {
  readonly name: string;
  isOver: boolean;
}

/** Where an activity stands until it is let go on. */
export interface Gate {
  readonly label: string;
  readonly open: () => void;
  readonly refuse: (error: Error) => void;
}

/** Something that runs by itself: a delivery, a sweep, a shopper. It stands still at each gate until the scheduler opens it. */
export class Activity {
  readonly waiting: Gate[] = [];
  /** Work that has been let through a gate and has not come back. */
  inFlight = 0;
  isDone = false;
  /** Whether it waits for what another one of its process has begun, such as a token that both need. */
  isFollowing = false;
  /** The last gate's time; gates of one activity are opened in the order in which it came to them. */
  lastAt = 0;
  /** Only its own stream, so that what others draw at the same time cannot matter. */
  readonly stream: Stream;

  constructor(
    readonly name: string,
    readonly life: Life | null,
    seed: number,
  ) {
    this.stream = new Stream(seed, name);
  }

  get isResting(): boolean {
    return this.isDone || this.isFollowing || (this.inFlight === 0 && this.waiting.length > 0);
  }
}

export const current = new AsyncLocalStorage<Activity>();

/** The activity that runs the present code, if any. */
export function currentActivity(): Activity | undefined {
  return current.getStore();
}
