import { Activity, current, currentActivity, type Gate, Killed, type Life } from "./activity.ts";
import { Agenda } from "./agenda.ts";
import { Stream } from "./random.ts";

export interface SchedulerOptions {
  readonly seed: number;
  readonly startsAt: number;
  /** How many statements stand in Postgres waiting for a lock of somebody else. */
  readonly countBlocked: () => Promise<number>;
}

const LATENCY_MS_MAX = 20;
/** Every so often something takes far longer, so that others overtake it. */
const SLOW_CHANCE = 0.03;
const SLOW_MS_MAX = 400;
const BLOCKED_CHECK_MS = 3;
/** Whoever neither stands at a gate nor has work under way for so long, while nothing moves, waits for another activity. */
const FOLLOWS_MS = 1_000;
const HANGS_MS = 20_000;
const STEPS_MAX = 60_000;

/**
 * One seed, one interleaving: a heap of events by virtual time, ties by name; an activity waits at a gate until its event comes.
 * Only one activity is let go at a time, and the next event waits until it stands at a gate again, has ended,
 * or waits in Postgres for a lock that another one holds.
 */
export class Scheduler {
  now: number;
  steps = 0;
  /** How many activities have stood in Postgres at once, waiting for locks. Of two that wait for one row, either may get it first. */
  mostBlocked = 0;
  /** What no activity may do, and one has done; each is a breach. */
  readonly wrongs: string[] = [];
  readonly trace: string[] = [];
  readonly stream: Stream;
  readonly #seed: number;
  readonly #countBlocked: () => Promise<number>;
  readonly #agenda = new Agenda();
  readonly #running = new Set<Activity>();
  #counter = 0;
  #names = new Map<string, number>();
  #moved = Promise.withResolvers<void>();

  constructor({ seed, startsAt, countBlocked }: SchedulerOptions) {
    this.#seed = seed;
    this.now = startsAt;
    this.#countBlocked = countBlocked;
    this.stream = new Stream(seed, "scheduler");
  }

  /** Lets `act` happen after some virtual time. */
  at(delayMs: number, name: string, act: () => void): void {
    this.#counter += 1;
    this.#agenda.add({ at: this.now + Math.max(0, delayMs), rank: `${name}#${this.#counter}`, act });
  }

  /** Starts an activity; it runs until its first gate. A kill of its life ends it without a word, any other error is `failed`. */
  spawn(name: string, life: Life | null, work: () => Promise<void>, failed: (error: unknown) => void): void {
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    const activity = new Activity(count === 1 ? name : `${name}(${count})`, life, this.#seed);
    this.#running.add(activity);
    const end = () => {
      activity.isDone = true;
      this.#running.delete(activity);
      this.#progress();
    };
    current.run(activity, work).then(end, (error: unknown) => {
      if (!(error instanceof Killed) && !life?.isOver) failed(error);
      end();
    });
  }

  /** Stands still until the scheduler lets the present activity go on. Outside of activities it is open. */
  gate(label: string, extraMs = 0): Promise<void> {
    const activity = currentActivity();
    if (!activity) return Promise.resolve();
    if (activity.life?.isOver) return Promise.reject(new Killed());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const gate: Gate = { label, open: resolve, refuse: reject };
    activity.waiting.push(gate);
    activity.isFollowing = false;
    const { stream } = activity;
    const latencyMs = stream.chance(SLOW_CHANCE) ? stream.between(1, SLOW_MS_MAX) : stream.between(1, LATENCY_MS_MAX);
    const at = Math.max(activity.lastAt, this.now + latencyMs + extraMs);
    activity.lastAt = at;
    this.#agenda.add({ at, rank: `${activity.name}@${label}`, act: () => this.#open(activity, gate) });
    this.#progress();
    return promise;
  }

  /** Counts work outside of the scheduler, such as a statement under way, so that nothing else is let go meanwhile. */
  async inFlight<Result>(work: () => Promise<Result>): Promise<Result> {
    const activity = currentActivity();
    if (!activity) return work();
    activity.inFlight += 1;
    activity.isFollowing = false;
    try {
      return await work();
    } finally {
      activity.inFlight -= 1;
      this.#progress();
    }
  }

  /** The opposite, for code of the activity that is called back in the middle of such work. */
  async outside<Result>(activity: Activity | undefined, work: () => Promise<Result>): Promise<Result> {
    if (!activity) return work();
    activity.inFlight -= 1;
    try {
      return await current.run(activity, work);
    } finally {
      activity.inFlight += 1;
    }
  }

  /** Ends a life: whatever waits in it is refused, now and at every further gate. */
  kill(life: Life): void {
    life.isOver = true;
    this.note(`kill ${life.name}`);
    for (const activity of this.#running) {
      if (activity.life !== life) continue;
      for (const gate of activity.waiting.splice(0)) gate.refuse(new Killed());
    }
  }

  /** Lets time pass in which nothing happens: whatever is due comes late. */
  skip(durationMs: number): void {
    this.now += durationMs;
    this.note(`${durationMs / 1_000} s later`);
  }

  note(what: string): void {
    this.trace.push(`${this.now} ${what}`);
  }

  /** Takes one event after another while `goesOn` says so and there are any. */
  async run(goesOn: () => boolean): Promise<void> {
    await this.#settle();
    while (goesOn()) {
      const next = this.#agenda.next();
      if (!next) return;
      this.steps += 1;
      if (this.steps > STEPS_MAX) throw new Error(`more than ${STEPS_MAX} steps`);
      this.now = Math.max(this.now, next.at);
      next.act();
      await this.#settle();
    }
  }

  /** Names of the activities that have not ended, and where they stand. */
  standing(): string[] {
    return [...this.#running].map((one) => `${one.name} at ${one.waiting[0]?.label ?? `${one.inFlight} statements`}`);
  }

  #open(activity: Activity, gate: Gate): void {
    const index = activity.waiting.indexOf(gate);
    if (index < 0) return;
    activity.waiting.splice(index, 1);
    this.note(`${activity.name}: ${gate.label}`);
    gate.open();
  }

  async #settle(): Promise<void> {
    const startedAt = performance.now();
    let stillSince = startedAt;
    for (;;) {
      // One turn of the loop, so that what was let go has come as far as it can without waiting.
      await new Promise((resolve) => setImmediate(resolve));
      const busy = [...this.#running].filter((activity) => !activity.isResting);
      if (busy.length === 0) return;
      const now = performance.now();
      if (now - startedAt > HANGS_MS) throw new Error(`nothing moves: ${this.standing().join("; ")}`);
      const moved = await Promise.race([
        this.#moved.promise.then(() => true),
        Bun.sleep(BLOCKED_CHECK_MS).then(() => false),
      ]);
      if (moved) stillSince = performance.now();
      const idle = busy.filter((activity) => activity.inFlight === 0);
      if (now - stillSince > FOLLOWS_MS) for (const activity of idle) activity.isFollowing = true;
      if (moved || idle.length > 0) continue;
      if ((await this.#countBlocked()) < busy.length) continue;
      this.mostBlocked = Math.max(this.mostBlocked, busy.length);
      return;
    }
  }

  #progress(): void {
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }
}
