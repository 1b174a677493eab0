import { z } from "zod";
import type { Dispatcher } from "./dispatcher.ts";
import { type FlowSettings, OPEN_FLOW } from "./flow-control.ts";
import type { Store } from "./store.ts";

const queueSchema = z.object({
  name: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
  parallelism: z.number(),
  paused: z.boolean(),
});
export type QueueSettings = z.infer<typeof queueSchema>;

const flowSchema = z.object({
  paused: z.boolean(),
  pinnedParallelism: z.number().nullable(),
  pinnedRate: z.number().nullable(),
  pinnedPeriodSeconds: z.number().nullable(),
});

/** Settings of queues and flow-control keys: on the disk first, then in force. */
export class Settings {
  constructor(
    readonly store: Store,
    readonly dispatcher: Dispatcher,
  ) {
    for (const queue of this.queues()) dispatcher.configureQueue(queue.name, queue);
    for (const [key, value] of store.settings("flow")) dispatcher.configureFlow(key, flowSchema.parse(value));
  }

  queues(): QueueSettings[] {
    return [...this.store.settings("queue").values()].map((value) => queueSchema.parse(value));
  }

  setQueue(name: string, change: Partial<Pick<QueueSettings, "parallelism" | "paused">>): void {
    const now = Date.now();
    const known = this.queues().find((queue) => queue.name === name);
    const queue = { name, createdAt: now, parallelism: 1, paused: false, ...known, ...change, updatedAt: now };
    this.store.durably(() => this.store.set("queue", name, queue));
    this.dispatcher.configureQueue(name, queue);
  }

  /** Makes a queue known that a message names for the first time. */
  ensureQueue(name: string): void {
    if (!this.store.settings("queue").has(name)) this.setQueue(name, {});
  }

  deleteQueue(name: string): void {
    this.store.durably(() => this.store.unset("queue", name));
    this.dispatcher.configureQueue(name, { parallelism: 1, paused: false });
  }

  setFlow(key: string, change: Partial<FlowSettings>): void {
    const settings = { ...OPEN_FLOW, ...this.dispatcher.flow(key).settings, ...change };
    this.store.durably(() => this.store.set("flow", key, settings));
    this.dispatcher.configureFlow(key, settings);
  }
}
