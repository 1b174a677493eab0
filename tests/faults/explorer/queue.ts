import type { Life } from "./activity.ts";
import type { FaultPlan } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";

/** A message as it travels: what core's webhook is handed after the signature has been checked. */
export interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly payload: unknown;
}

export interface QueueOptions {
  readonly scheduler: Scheduler;
  readonly faults: () => FaultPlan;
  /** A process that is up, or null when none is. */
  readonly receiver: () => { readonly life: Life; deliver(delivery: Delivery): Promise<void> } | null;
}

const DELAY_MS_MAX = 30;
const LATE_MS_MAX = 20_000;
const RETRY_FIRST_MS = 2_000;
const TRIES_MAX = 6;

/**
 * A queue that does what QStash promises, and no more: at least once, in any order; a message that nobody takes is tried again,
 * and in the end it is a dead letter.
 */
export class Queue {
  readonly dead: Delivery[] = [];
  #open = 0;

  constructor(readonly options: QueueOptions) {}

  /** Deliveries that are on their way. */
  get pending(): number {
    return this.#open;
  }

  publish(delivery: Delivery, delayMs: number): void {
    const { scheduler, faults } = this.options;
    const { stream } = scheduler;
    const plan = faults();
    const slow = () => (stream.chance(plan.delay) ? stream.between(1, LATE_MS_MAX) : stream.between(1, DELAY_MS_MAX));
    // A message that is lost once comes by the sweep of the one that sent it, or by the saga's own clock.
    if (!stream.chance(plan.lose)) this.#deliver(delivery, delayMs + slow(), 1);
    if (stream.chance(plan.duplicate)) this.#deliver(delivery, delayMs + slow(), 1);
  }

  #deliver(delivery: Delivery, delayMs: number, attempt: number): void {
    const { scheduler, receiver } = this.options;
    this.#open += 1;
    scheduler.at(delayMs, `deliver ${delivery.type}`, () => {
      this.#open -= 1;
      const again = () => {
        if (attempt >= TRIES_MAX) this.dead.push(delivery);
        else this.#deliver(delivery, RETRY_FIRST_MS * 2 ** (attempt - 1), attempt + 1);
      };
      const to = receiver();
      if (!to) return again();
      let isTaken = false;
      const work = async () => {
        try {
          await to.deliver(delivery);
          isTaken = true;
        } finally {
          if (!isTaken) again();
        }
      };
      scheduler.spawn(`delivery ${delivery.type}`, to.life, work, () => undefined);
    });
  }
}
