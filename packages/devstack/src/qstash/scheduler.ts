import { z } from "zod";
import type { Broker } from "./broker.ts";
import { nextCronTime, parseCron } from "./cron.ts";
import { QstashRefusal } from "./errors.ts";
import type { Publication } from "./message.ts";
import type { Store } from "./store.ts";
import type { Topics } from "./topics.ts";

const SCHEDULES_MAX = 1_000;
const TIMER_MAX_MS = 2_147_483_647;

const scheduleSchema = z.object({
  scheduleId: z.string(),
  cron: z.string(),
  destination: z.string(),
  headers: z.record(z.string(), z.string()),
  bodyBase64: z.string(),
  createdAt: z.number(),
  isPaused: z.boolean(),
  nextScheduleTime: z.number(),
  lastScheduleTime: z.number().nullable(),
});
export type Schedule = z.infer<typeof scheduleSchema>;

export interface SchedulerOptions {
  readonly store: Store;
  readonly broker: Broker;
  readonly topics: Topics;
  readonly timeScale: number;
}

/** Publishes what a cron expression asks for. A firing missed while the process was down is made up for once. */
export class Scheduler {
  readonly #schedules = new Map<string, Schedule>();
  #timer: Timer | null = null;

  constructor(readonly options: SchedulerOptions) {
    for (const value of options.store.settings("schedule").values()) {
      const schedule = scheduleSchema.parse(value);
      this.#schedules.set(schedule.scheduleId, schedule);
    }
  }

  list(): Schedule[] {
    return [...this.#schedules.values()];
  }

  get(id: string): Schedule {
    const schedule = this.#schedules.get(id);
    if (schedule === undefined) throw new QstashRefusal(404, `schedule ${id} not found`);
    return schedule;
  }

  put(schedule: Omit<Schedule, "createdAt" | "isPaused" | "nextScheduleTime" | "lastScheduleTime">): void {
    const known = this.#schedules.get(schedule.scheduleId);
    if (known === undefined && this.#schedules.size >= SCHEDULES_MAX) {
      throw new QstashRefusal(412, `more than ${SCHEDULES_MAX} schedules`);
    }
    this.#save({
      ...schedule,
      createdAt: known?.createdAt ?? Date.now(),
      isPaused: known?.isPaused ?? false,
      nextScheduleTime: this.#next(schedule.cron),
      lastScheduleTime: known?.lastScheduleTime ?? null,
    });
    this.wake();
  }

  setPaused(id: string, isPaused: boolean): void {
    const schedule = this.get(id);
    this.#save({ ...schedule, isPaused, nextScheduleTime: this.#next(schedule.cron) });
    this.wake();
  }

  delete(id: string): void {
    this.get(id);
    this.#schedules.delete(id);
    this.options.store.durably(() => this.options.store.unset("schedule", id));
  }

  /** Fires what is due and sets the timer for what comes next. */
  wake(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const now = Date.now();
    let nextAt = Number.POSITIVE_INFINITY;
    for (const schedule of this.#schedules.values()) {
      if (schedule.isPaused) continue;
      if (schedule.nextScheduleTime <= now) this.#fire(schedule);
      nextAt = Math.min(nextAt, this.#schedules.get(schedule.scheduleId)?.nextScheduleTime ?? nextAt);
    }
    if (nextAt === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.wake(), Math.max(1, Math.min(nextAt - now, TIMER_MAX_MS)));
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #fire(schedule: Schedule): void {
    const { store, broker } = this.options;
    // One transaction, so that a crash can neither skip a firing nor repeat it.
    store.durably(() => {
      this.#save({ ...schedule, lastScheduleTime: Date.now(), nextScheduleTime: this.#next(schedule.cron) });
      broker.publish(this.#publications(schedule));
    });
  }

  /** A group that was deleted since has no endpoints: then nothing is sent, and the schedule stays for when it is back. */
  #publications(schedule: Schedule): Publication[] {
    const { topics } = this.options;
    const isUrl = /^https?:/i.test(schedule.destination);
    if (!isUrl && topics.get(schedule.destination) === null) return [];
    return topics.resolve(schedule.destination).map(({ url, topicName }) => ({
      destination: url,
      headers: new Headers(schedule.headers),
      body: new Uint8Array(Buffer.from(schedule.bodyBase64, "base64")),
      queueName: null,
      scheduleId: schedule.scheduleId,
      topicName,
    }));
  }

  #next(cron: string): number {
    const now = Date.now();
    return Math.ceil(now + (nextCronTime(parseCron(cron), now) - now) * this.options.timeScale);
  }

  #save(schedule: Schedule): void {
    this.#schedules.set(schedule.scheduleId, schedule);
    this.options.store.durably(() => this.options.store.set("schedule", schedule.scheduleId, schedule));
  }
}
