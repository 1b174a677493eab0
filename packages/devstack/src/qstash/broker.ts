import { randomUUID } from "node:crypto";
import type { FaultAction, Faults } from "../faults.ts";
import { type Attempt, attemptDelivery } from "./attempt.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { Entry } from "./entry.ts";
import { QstashRefusal } from "./errors.ts";
import { EventLog } from "./event-log.ts";
import { parseFlowControl } from "./flow-control.ts";
import type { KeyRing } from "./keys.ts";
import { deduplicationKey, type Message, newMessageId, type Publication, readMessage } from "./message.ts";
import { type CallbackInput, callbackPublication, decideOutcome, failureCallbackPublication } from "./settlement.ts";
import type { DeadLetter, Store, StoredMessage } from "./store.ts";

const CONCURRENCY = 64;
const PENDING_MAX = 100_000;
const STOP_GRACE_MS = 1_000;

export interface Accepted {
  readonly messageId: string;
  readonly url: string;
  readonly deduplicated: boolean;
}

export interface BrokerOptions {
  readonly store: Store;
  readonly keys: KeyRing;
  readonly timeScale: number;
  readonly faults: Faults | null;
}

/** Takes messages in, delivers each until it is answered, and keeps what gave up. */
export class Broker {
  readonly events = new EventLog();
  readonly dispatcher: Dispatcher;
  readonly #cancelled = new Set<string>();
  readonly #faults = new Map<string, FaultAction>();
  readonly #stopping = new AbortController();

  constructor(readonly options: BrokerOptions) {
    this.dispatcher = new Dispatcher({
      concurrency: CONCURRENCY,
      timeScale: options.timeScale,
      holdBack: (entry) => this.#drawFault(entry),
      run: (entry) => this.#deliver(entry),
    });
  }

  /** Takes up what an earlier run of the process left undelivered. */
  resume(): void {
    for (const stored of this.options.store.all()) {
      this.#dispatch(stored.message, stored.seq, stored.dueAt);
    }
  }

  /** Accepts all of them or none; they are on the disk when it returns. */
  publish(publications: readonly Publication[]): Accepted[] {
    if (this.dispatcher.size + publications.length > PENDING_MAX) {
      throw new QstashRefusal(429, `more than ${PENDING_MAX} messages are waiting`);
    }
    const fresh: { readonly message: Message; readonly seq: number }[] = [];
    const accepted = this.options.store.durably(() =>
      publications.map((publication) => this.#insert(publication, fresh)),
    );
    for (const { message, seq } of fresh) this.#dispatch(message, seq, message.notBefore);
    return accepted;
  }

  /** Delivers the content of a dead letter once more under a new id, or answers null when there is none of this name. */
  retryDead(dlqId: string): string | null {
    const { store } = this.options;
    const dead = store.findDead(dlqId);
    if (dead === null) return null;
    const message: Message = { ...dead.message, messageId: newMessageId(), notBefore: Date.now() };
    const seq = store.durably(() => {
      store.forgetDead(dlqId);
      return store.insert(message, dead.body);
    });
    this.#dispatch(message, seq, message.notBefore);
    return message.messageId;
  }

  /** Takes a message back; one that is being delivered at this moment is not tried again. False when unknown. */
  cancel(id: string): boolean {
    const { store } = this.options;
    const stored = store.load(id);
    const entry = this.dispatcher.find(id);
    if (stored === null || entry === undefined) return false;
    this.events.add("CANCEL_REQUESTED", stored.message);
    if (entry.state === "running") {
      this.#cancelled.add(id);
      return true;
    }
    store.durably(() => store.delete(id));
    this.dispatcher.remove(id);
    this.events.add("CANCELED", stored.message);
    return true;
  }

  /** Starts nothing more, gives deliveries in flight a moment, then cuts them: they are delivered again after a restart. */
  async stop(): Promise<void> {
    const cut = setTimeout(() => this.#stopping.abort(), STOP_GRACE_MS);
    await this.dispatcher.stop();
    clearTimeout(cut);
  }

  #insert(publication: Publication, fresh: { readonly message: Message; readonly seq: number }[]): Accepted {
    const { store, timeScale } = this.options;
    const nowMs = Date.now();
    const message = readMessage(publication, { nowMs, timeScale });
    this.#checkLater(message, publication);
    const key = deduplicationKey(publication, message);
    const original = key === null ? null : store.duplicateOf(key, nowMs);
    if (original !== null) return { messageId: original, url: message.url, deduplicated: true };
    fresh.push({ message, seq: store.insert(message, publication.body) });
    if (key !== null) store.remember(key, message.messageId, nowMs);
    return { messageId: message.messageId, url: message.url, deduplicated: false };
  }

  /** Refuses now what would otherwise fail only when the message is delivered. */
  #checkLater(message: Message, { body }: Publication): void {
    if (message.flowControlValue !== null) parseFlowControl(message.flowControlValue);
    const attempt: Attempt = { status: 0, header: {}, body: new Uint8Array(), error: null };
    const input: CallbackInput = { message, body: body.subarray(0, 0), retried: 0, attempt, dlqId: null };
    for (const callback of [callbackPublication(input), failureCallbackPublication(input)]) {
      if (callback !== null) readMessage(callback, { nowMs: 0, timeScale: 1 });
    }
  }

  #dispatch(message: Message, seq: number, dueAt: number): void {
    this.events.add("CREATED", message);
    const { messageId: id, queueName: queue, flowControlKey: flow } = message;
    this.dispatcher.add({ id, seq, queue, flow, dueAt }, message.flowControlValue);
  }

  #drawFault(entry: Entry): boolean {
    const fault = this.options.faults?.next("deliver") ?? null;
    if (fault?.kind === "reorder") return true;
    if (fault !== null) this.#faults.set(entry.id, fault);
    return false;
  }

  async #deliver(entry: Entry): Promise<number | null> {
    const stored = this.options.store.load(entry.id);
    if (stored === null) return null;
    const fault = this.#faults.get(entry.id) ?? null;
    this.#faults.delete(entry.id);
    this.events.add("ACTIVE", stored.message);
    const { message, body, retried } = stored;
    const { signal } = this.#stopping;
    const attempt = await attemptDelivery({ message, body, retried, keys: this.options.keys.pair, fault, signal });
    if (signal.aborted && attempt.status === 0) return entry.dueAt;
    return this.#settle(stored, attempt);
  }

  /** Records the outcome and its callbacks in one transaction, so that neither is ever without the other. */
  #settle(stored: StoredMessage, attempt: Attempt): number | null {
    const { store, timeScale } = this.options;
    const { message, retried } = stored;
    const nowMs = Date.now();
    const outcome = this.#cancelled.delete(message.messageId)
      ? ({ kind: "cancelled" } as const)
      : decideOutcome(message, retried, attempt, nowMs);
    const dead = outcome.kind === "dead" ? toDeadLetter(stored, attempt, nowMs) : null;
    const dueAt = outcome.kind === "retry" ? Math.ceil(nowMs + outcome.delayMs * timeScale) : null;
    const fresh: { readonly message: Message; readonly seq: number }[] = [];
    const record = () => {
      if (dueAt === null) store.delete(message.messageId);
      else store.scheduleRetry(message.messageId, dueAt, retried + 1);
      if (dead !== null) store.bury(dead);
      const input: CallbackInput = { message, body: stored.body, retried, attempt, dlqId: dead?.dlqId ?? null };
      const callbacks = [callbackPublication(input), dead === null ? null : failureCallbackPublication(input)];
      for (const callback of callbacks) if (callback !== null) this.#insert(callback, fresh);
    };
    if (dead === null && message.callback === null) store.lightly(record);
    else store.durably(record);
    this.#log(message, attempt, dueAt, outcome.kind);
    for (const callback of fresh) this.#dispatch(callback.message, callback.seq, callback.message.notBefore);
    return dueAt;
  }

  #log(message: Message, attempt: Attempt, dueAt: number | null, kind: string): void {
    const details = { responseStatus: attempt.status };
    if (kind === "cancelled" || kind === "delivered") {
      this.events.add(kind === "delivered" ? "DELIVERED" : "CANCELED", message, details);
      return;
    }
    const error = attempt.error ?? Buffer.from(attempt.body).toString("utf8", 0, 1_000);
    this.events.add("ERROR", message, { ...details, error });
    if (dueAt === null) this.events.add("FAILED", message, details);
    else this.events.add("RETRY", message, { nextDeliveryTime: dueAt });
  }
}

function toDeadLetter({ message, body, retried }: StoredMessage, attempt: Attempt, at: number): DeadLetter {
  const { status, header, body: responseBody } = attempt;
  return {
    dlqId: `${at}-${randomUUID().slice(0, 8)}`,
    at,
    message,
    body,
    retried,
    response: { status, header, body: responseBody },
  };
}
