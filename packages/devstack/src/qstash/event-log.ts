import type { Message } from "./message.ts";

export type EventState =
  | "CREATED"
  | "ACTIVE"
  | "RETRY"
  | "ERROR"
  | "DELIVERED"
  | "FAILED"
  | "CANCEL_REQUESTED"
  | "CANCELED";

export interface LogEvent {
  readonly time: number;
  readonly state: EventState;
  readonly message: Message;
  readonly details: Readonly<Record<string, unknown>>;
}

const EVENTS_MAX = 10_000;
const SETTLED: readonly EventState[] = ["DELIVERED", "FAILED", "CANCELED"];

/** The latest events, newest first, in memory: a log to look at, never a source of truth. */
export class EventLog {
  #events: LogEvent[] = [];

  add(state: EventState, message: Message, details: Readonly<Record<string, unknown>> = {}): void {
    this.#events.push({ time: Date.now(), state, message, details });
    if (this.#events.length > 2 * EVENTS_MAX) this.#events = this.#events.slice(-EVENTS_MAX);
  }

  /** Events in this state, or every one; IN_PROGRESS means whatever has not reached an end. */
  list(state: string | null): LogEvent[] {
    const newestFirst = this.#events.slice(-EVENTS_MAX).reverse();
    if (state === null) return newestFirst;
    if (state === "IN_PROGRESS") {
      const settled = new Set(
        newestFirst.filter((event) => SETTLED.includes(event.state)).map((event) => event.message.messageId),
      );
      return newestFirst.filter((event) => !settled.has(event.message.messageId));
    }
    const wanted = state === "CANCELLED" ? "CANCELED" : state;
    return newestFirst.filter((event) => event.state === wanted);
  }
}
