import { composeExplorable, type ExplorableCore, type ExplorableDelivery, type OutboxRow } from "@stoa/core/testing";
import type { Instant } from "@stoa/kernel";
import type postgres from "postgres";
import { currentActivity, Killed, type Life } from "./activity.ts";
import { countBlocked } from "./book-keeping.ts";
import { type FaultPlan, noFaults } from "./faults.ts";
import { gatedDatabase } from "./gated-database.ts";
import { codeOf, type Outcome } from "./outcome.ts";
import { ProviderNews, type ToldEvent } from "./provider-news.ts";
import { Queue } from "./queue.ts";
import type { Scenario } from "./scenario.ts";
import { Scheduler } from "./scheduler.ts";
import { takeOver } from "./take-over.ts";

export interface WorldOptions {
  readonly scenario: Scenario;
  readonly startsAt: number;
  /** Explored: what goes through it waits at gates. */
  readonly client: postgres.Sql;
  /** The harness's own connection. */
  readonly own: postgres.Sql;
  readonly stripe: { readonly url: string; readonly secretKey: string };
  readonly paypal: { readonly url: string; readonly clientId: string; readonly clientSecret: string };
}

interface RunningCore {
  readonly life: Life;
  readonly core: ExplorableCore;
}

const RESTART_MS_MAX = 3_000;
const FIRST_SWEEP_MS = 700;
const SWEEP_ROUNDS = 2;
/** When nothing goes wrong, one core sweeps, and less often: it costs time and finds nothing. */
const CALM_BEAT = 2;

/** A shop of one or two cores, a queue, a provider and a bad network, all of it moved by one scheduler. */
export class World {
  readonly scheduler: Scheduler;
  readonly queue: Queue;
  readonly news: ProviderNews;
  faults: FaultPlan;
  /** The network as it is without us. */
  readonly realFetch = globalThis.fetch;
  readonly #cores: (RunningCore | null)[];
  readonly #restore: () => void;
  #isCalm = false;

  constructor(readonly options: WorldOptions) {
    const { scenario, own, stripe, paypal, startsAt } = options;
    this.faults = scenario.faults;
    this.scheduler = new Scheduler({ seed: scenario.seed, startsAt, countBlocked: () => countBlocked(own) });
    const { scheduler } = this;
    const faults = () => this.faults;
    const receiver = () => this.#pick();
    this.queue = new Queue({
      scheduler,
      faults,
      receiver: () => {
        const up = receiver();
        return up && { life: up.life, deliver: (delivery: ExplorableDelivery) => up.core.deliver(delivery) };
      },
    });
    this.news = new ProviderNews({
      scheduler,
      faults,
      stripe,
      paypal,
      receiver: () => {
        const up = receiver();
        return up && { life: up.life, hear: (event) => this.#hear(up, event) };
      },
    });
    this.#cores = Array.from({ length: scenario.cores }, () => null);
    this.#restore = takeOver({
      scheduler,
      network: {
        origins: [stripe.url, paypal.url],
        faults,
        before: (label) => this.#gateOfCurrent(label),
        reached: () => this.news.collect(),
      },
      nudged: (rows) => this.#nudged(rows),
    });
    for (let index = 0; index < scenario.cores; index += 1) this.#boot(index, 1);
  }

  /** Sends a call to a core that is up and tells what came of it: an answer, a refusal, or silence when it was killed. */
  request<Result>(
    name: string,
    call: (core: ExplorableCore) => Promise<Result>,
    then: (outcome: Outcome<Result>) => void,
  ): void {
    const up = this.#pick();
    if (!up) {
      this.scheduler.at(50, `${name} finds nobody`, () => then({ kind: "silence" }));
      return;
    }
    let outcome: Outcome<Result> = { kind: "silence" };
    const work = async () => {
      try {
        outcome = { kind: "answer", value: await call(up.core) };
      } catch (error) {
        const code = codeOf(error);
        if (!up.life.isOver && code !== null) outcome = { kind: "refusal", code };
      } finally {
        this.scheduler.at(1, `${name} hears`, () => then(outcome));
      }
    };
    this.scheduler.spawn(name, up.life, work, () => undefined);
  }

  /** From here on nothing goes wrong any more; whatever is down comes back. */
  calm(): void {
    this.faults = noFaults;
    this.#isCalm = true;
    this.scheduler.note("calm");
  }

  /** Every sweep of one core, one after another and unhindered, as often as there may be work for them. */
  async sweepAll(): Promise<void> {
    const up = this.#pick();
    for (let round = 0; round < SWEEP_ROUNDS; round += 1) {
      for (const sweep of Object.values(up?.core.sweeps ?? {})) await sweep.run();
    }
  }

  close(): void {
    this.#restore();
    for (const up of this.#cores) if (up) this.scheduler.kill(up.life);
  }

  #pick(): RunningCore | null {
    const up = this.#cores.filter((core) => core !== null);
    const [first, ...others] = up;
    return first ? this.scheduler.stream.pick([first, ...others]) : null;
  }

  #boot(index: number, generation: number): void {
    const { client, stripe, paypal, scenario } = this.options;
    const { scheduler } = this;
    const life: Life = { name: `core ${index + 1}.${generation}`, isOver: false };
    const before = (label: string) => this.#pass(label, index, life, generation);
    const core = composeExplorable({
      db: gatedDatabase(client, scheduler, before),
      clock: { now: () => scheduler.now as Instant },
      random: () => (currentActivity()?.stream ?? scheduler.stream).next(),
      stripe,
      paypal,
      prices: scenario.prices,
      hasRoom: () => (currentActivity()?.stream ?? scheduler.stream).chance(scenario.carried),
      carry: (work) => scheduler.spawn(`${life.name} carries`, life, work, () => undefined),
      publish: (row) => this.#publish(row, before),
      failed: (what, error) => {
        if (!(error instanceof Killed)) scheduler.note(`${what} failed: ${firstLine(error)}`);
      },
    });
    this.#cores[index] = { life, core };
    scheduler.note(`start ${life.name}`);
    for (const [name, sweep] of Object.entries(core.sweeps)) this.#beat(name, sweep, life, FIRST_SWEEP_MS);
  }

  /** A sweep on its beat, never beside itself. */
  #beat(name: string, sweep: Sweep, life: Life, delayMs: number): void {
    this.scheduler.at(delayMs, `${life.name} ${name}`, () => {
      if (life.isOver) return;
      const work = async () => {
        try {
          await sweep.run();
        } finally {
          const isFirst = this.#cores.find((core) => core !== null)?.life === life;
          if (!this.#isCalm) this.#beat(name, sweep, life, sweep.everyMs);
          else if (isFirst) this.#beat(name, sweep, life, sweep.everyMs * CALM_BEAT);
        }
      };
      this.scheduler.spawn(`${life.name} ${name}`, life, work, () => undefined);
    });
  }

  /** Every gate of a core: here it is held up, killed, or refused by Postgres. */
  async #pass(label: string, index: number, life: Life, generation: number): Promise<void> {
    await this.scheduler.gate(label);
    const activity = currentActivity();
    if (!activity) return;
    if (activity.stream.chance(this.faults.kill)) {
      this.#cores[index] = null;
      this.scheduler.kill(life);
      const restart = () => this.#boot(index, generation + 1);
      this.scheduler.at(activity.stream.between(50, RESTART_MS_MAX), `restart ${index + 1}`, restart);
      throw new Killed();
    }
    if (label !== "committed" && activity.stream.chance(this.faults.dropStatement)) {
      throw new Error("terminating connection due to administrator command");
    }
  }

  async #publish(row: OutboxRow, before: (label: string) => Promise<void>): Promise<void> {
    const { id, type, key, payload, availableAt } = row;
    await before(`publish ${type}`);
    const { stream } = this.scheduler;
    if (stream.chance(this.faults.loseRequest)) throw new TypeError("the queue was not reached");
    this.queue.publish({ id, type, key, payload }, Math.max(0, availableAt - this.scheduler.now));
    await before(`published ${type}`);
    if (stream.chance(this.faults.loseAnswer)) throw new TypeError("the queue's answer was lost");
  }

  /** As core's webhook does: stored and answered; then applied, by this process or by a sweep. */
  async #hear({ core, life }: RunningCore, { rawBody, provider }: ToldEvent): Promise<void> {
    const taken = await core.storeEvent(rawBody, provider);
    if (!taken) return;
    this.scheduler.spawn(
      "apply event",
      life,
      () => core.applyEvent(taken),
      () => undefined,
    );
  }

  async #gateOfCurrent(label: string): Promise<void> {
    const life = currentActivity()?.life;
    const index = this.#cores.findIndex((core) => core !== null && core.life === life);
    if (!life || index < 0) return this.scheduler.gate(label);
    const generation = Number(life.name.split(".")[1]);
    await this.#pass(label, index, life, generation);
  }

  #nudged(rows: readonly OutboxRow[]): void {
    const activity = currentActivity();
    // Outside of activities it is a sweep by `sweepAll`, in a core that is up.
    const up = activity ? this.#cores.find((core) => core !== null && core.life === activity.life) : this.#pick();
    if (up)
      this.scheduler.spawn(
        `${up.life.name} relay`,
        up.life,
        () => up.core.relay(rows),
        () => undefined,
      );
  }
}

type Sweep = ExplorableCore["sweeps"][keyof ExplorableCore["sweeps"]];

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]?.slice(0, 120) ?? "";
}
