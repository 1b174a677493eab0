import { DueHeap } from "./due-heap.ts";
import type { Entry, QueueState } from "./entry.ts";
import { Fifo } from "./fifo.ts";
import { Flow, type FlowSettings, OPEN_FLOW } from "./flow-control.ts";

const TIMER_MAX_MS = 2_147_483_647;
/** A message held back to arrive out of order waits for another one to overtake it, but no longer than this. */
const HOLD_BACK_MS = 200;

export interface DispatcherOptions {
  /** Deliveries in flight at once. */
  readonly concurrency: number;
  readonly timeScale: number;
  /** True when a fault wants this message to be overtaken by the next one. */
  readonly holdBack: (entry: Entry) => boolean;
  /** One delivery. Answers when to try again, or null when the message is done with. Never rejects. */
  readonly run: (entry: Entry) => Promise<number | null>;
}

/** Decides which message is sent when: due times, queues in order, flow control, and a cap on what is in flight. */
export class Dispatcher {
  readonly #entries = new Map<string, Entry>();
  readonly #delayed = new DueHeap<{ readonly dueAt: number; readonly seq: number; readonly entry: Entry }>();
  readonly #ready = new Fifo<Entry>();
  readonly #queues = new Map<string, QueueState>();
  readonly #flows = new Map<string, Flow<Entry>>();
  readonly #flowsWithWaiting = new Set<Flow<Entry>>();
  readonly #heldBack = new Set<Entry>();
  readonly #running = new Set<Promise<void>>();
  #timer: Timer | null = null;
  #stopped = false;

  constructor(readonly options: DispatcherOptions) {}

  get size(): number {
    return this.#entries.size;
  }

  get running(): number {
    return this.#running.size;
  }

  add(entry: Omit<Entry, "state" | "overtaken">, flowControlValue: string | null): void {
    const added: Entry = { ...entry, state: "held", overtaken: false };
    this.#entries.set(added.id, added);
    if (added.flow !== null) this.flow(added.flow).configure(flowControlValue);
    if (added.queue !== null) this.queue(added.queue).order.push(added);
    this.#admit(added);
    this.#pump();
  }

  find(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** Forgets a message that is not being delivered at this moment. */
  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#forget(entry);
    this.#pump();
  }

  queue(name: string): QueueState {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const created: QueueState = { name, parallelism: 1, paused: false, order: [] };
    this.#queues.set(name, created);
    return created;
  }

  configureQueue(name: string, settings: { readonly parallelism: number; readonly paused: boolean }): void {
    const queue = this.queue(name);
    queue.parallelism = settings.parallelism;
    queue.paused = settings.paused;
    this.#refresh(queue);
    this.#pump();
  }

  flow(key: string): Flow<Entry> {
    const known = this.#flows.get(key);
    if (known !== undefined) return known;
    const created = new Flow<Entry>(key, this.options.timeScale);
    this.#flows.set(key, created);
    return created;
  }

  configureFlow(key: string, settings: FlowSettings): void {
    this.flow(key).settings = settings;
    this.#pump();
  }

  resetFlowPeriod(key: string): void {
    this.flow(key).resetPeriod(Date.now());
    this.#pump();
  }

  /** Starts nothing more and waits for what is in flight. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await Promise.all(this.#running);
  }

  #admit(entry: Entry): void {
    if (entry.queue === null) this.#schedule(entry);
    else this.#refresh(this.queue(entry.queue));
  }

  #refresh(queue: QueueState): void {
    if (queue.paused) return;
    for (const entry of queue.order.slice(0, queue.parallelism)) {
      if (entry.state === "held") this.#schedule(entry);
    }
  }

  #schedule(entry: Entry): void {
    if (entry.dueAt > Date.now()) {
      entry.state = "delayed";
      this.#delayed.push({ dueAt: entry.dueAt, seq: entry.seq, entry });
    } else {
      entry.state = "ready";
      this.#ready.push(entry);
    }
  }

  #pump(): void {
    if (this.#stopped) return;
    const now = Date.now();
    for (let next = this.#delayed.peek(); next !== undefined && next.dueAt <= now; next = this.#delayed.peek()) {
      this.#delayed.pop();
      if (next.entry.state === "delayed" && next.entry.dueAt === next.dueAt) this.#schedule(next.entry);
    }
    let wakeAt = this.#unpark(now);
    while (this.#running.size < this.options.concurrency) {
      const entry = this.#ready.shift();
      if (entry === undefined) break;
      if (entry.state === "ready") wakeAt = Math.min(wakeAt, this.#tryStart(entry, now));
    }
    this.#wake(Math.min(wakeAt, this.#delayed.peek()?.dueAt ?? Number.POSITIVE_INFINITY), now);
  }

  /** Lets parked messages of every flow with room line up again; answers when the next closed flow opens by itself. */
  #unpark(now: number): number {
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const flow of this.#flowsWithWaiting) {
      const closedUntil = flow.closedUntil(now);
      if (closedUntil !== null) {
        wakeAt = Math.min(wakeAt, closedUntil);
        continue;
      }
      this.#flowsWithWaiting.delete(flow);
      for (const entry of flow.waiting.splice(0)) {
        if (entry.state !== "parked") continue;
        entry.state = "ready";
        this.#ready.push(entry);
      }
    }
    return wakeAt;
  }

  /** Starts the delivery unless its queue, its flow or a fault says not yet; answers when to look again. */
  #tryStart(entry: Entry, now: number): number {
    const never = Number.POSITIVE_INFINITY;
    if (entry.queue !== null && this.queue(entry.queue).paused) {
      entry.state = "held";
      return never;
    }
    const flow = entry.flow === null ? null : this.flow(entry.flow);
    const closedUntil = flow?.closedUntil(now) ?? null;
    if (flow !== null && closedUntil !== null) {
      entry.state = "parked";
      flow.waiting.push(entry);
      this.#flowsWithWaiting.add(flow);
      return closedUntil;
    }
    if (!entry.overtaken && this.options.holdBack(entry)) {
      entry.overtaken = true;
      this.#heldBack.add(entry);
      setTimeout(() => this.#release(), HOLD_BACK_MS);
      return never;
    }
    this.#start(entry, flow);
    return never;
  }

  #start(entry: Entry, flow: Flow<Entry> | null): void {
    entry.state = "running";
    entry.overtaken = false;
    flow?.started();
    const delivery = this.options.run(entry).then((retryAt) => {
      if (flow !== null) this.#finish(flow);
      this.#running.delete(delivery);
      if (this.#heldBack.size > 0) this.#release();
      if (retryAt === null) {
        this.#forget(entry);
      } else {
        entry.dueAt = retryAt;
        entry.state = "held";
        this.#admit(entry);
      }
      this.#pump();
    });
    this.#running.add(delivery);
  }

  /** A key per order must not pile up: one that nobody uses and that limits no rate has nothing to remember. */
  #finish(flow: Flow<Entry>): void {
    flow.finished();
    const idle = flow.active === 0 && flow.waiting.length === 0 && flow.settings === OPEN_FLOW;
    if (idle && flow.limits.rate === null) this.#flows.delete(flow.key);
  }

  #release(): void {
    for (const entry of this.#heldBack) if (entry.state === "ready") this.#ready.push(entry);
    this.#heldBack.clear();
    queueMicrotask(() => this.#pump());
  }

  #forget(entry: Entry): void {
    entry.state = "gone";
    this.#entries.delete(entry.id);
    if (entry.queue === null) return;
    const queue = this.queue(entry.queue);
    const index = queue.order.indexOf(entry);
    if (index >= 0) queue.order.splice(index, 1);
    this.#refresh(queue);
  }

  #wake(at: number, now: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#pump(), Math.max(1, Math.min(at - now, TIMER_MAX_MS)));
  }
}
