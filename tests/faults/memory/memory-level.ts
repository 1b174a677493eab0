import { currentActivity, Killed, type Life } from "../explorer/activity.ts";
import { drawFaults, type FaultPlan, noFaults } from "../explorer/faults.ts";
import type { SeedReport } from "../explorer/postgres-level.ts";
import { Stream } from "../explorer/random.ts";
import { Scheduler } from "../explorer/scheduler.ts";
import { Bank } from "./bank.ts";
import { Books } from "./books.ts";
import { run, start, tell } from "./engine.ts";

const SHOPPERS_MAX = 4;
const FAULTS_MS = 8_000;
const WHOLE_MS = 60_000;
const SWEEP_MS = 1_000;
const RESTART_MS = 500;
const DELAY_MS_MAX = 20_000;
const LOOKS_MAX = 10;
/** How long a wallet's owner has. */
const APPROVE_MS = 20_000;
const CANCELLED = { code: "order_cancelled", members: {} } as const;

/** Runs seeds in memory: the engine's own decisions over a Postgres and a bank of the mind, hundreds of seeds a second. */
export async function exploreInMemory(seeds: Iterable<number>, told: (report: SeedReport) => void): Promise<void> {
  for (const seed of seeds) told(await new MemoryWorld(seed).explore());
}

const isUnderWay = (state: string) => state === "running" || state === "waiting";

class MemoryWorld {
  readonly #scheduler: Scheduler;
  readonly #books: Books;
  readonly #bank: Bank;
  readonly #stream: Stream;
  #faults: FaultPlan;
  #life: Life = { name: "core 1", isOver: false };
  #kills = 0;

  constructor(readonly seed: number) {
    this.#scheduler = new Scheduler({ seed, startsAt: 0, countBlocked: async () => 0 });
    this.#stream = new Stream(seed, "memory");
    this.#faults = drawFaults(this.#stream);
    this.#books = new Books(this.#stream.between(1, 3));
    this.#bank = new Bank(
      this.#scheduler,
      () => this.#faults,
      (label) => this.#pass(label),
    );
  }

  async explore(): Promise<SeedReport> {
    const units = this.#books.tables.onHand;
    this.#beat(0);
    for (let index = 1; index <= this.#stream.between(1, SHOPPERS_MAX); index += 1) this.#enter(`shopper ${index}`);
    await this.#until(FAULTS_MS);
    this.#faults = noFaults;
    await this.#until(FAULTS_MS + WHOLE_MS);
    const { trace, steps } = this.#scheduler;
    return { seed: this.seed, breaches: this.#breaches(units), trace, steps, kills: this.#kills };
  }

  async #until(at: number): Promise<void> {
    let isOver = false;
    this.#scheduler.at(at - this.#scheduler.now, "until", () => {
      isOver = true;
    });
    await this.#scheduler.run(() => !isOver);
  }

  async #pass(label: string): Promise<void> {
    await this.#scheduler.gate(label);
    const activity = currentActivity();
    if (!activity?.life || !activity.stream.chance(this.#faults.kill)) return;
    this.#kills += 1;
    this.#scheduler.kill(activity.life);
    this.#scheduler.at(RESTART_MS, "restart", () => {
      this.#life = { name: `core ${this.#kills + 1}`, isOver: false };
      this.#beat(0);
    });
    throw new Killed();
  }

  #spawn(name: string, work: () => Promise<void>): void {
    if (!this.#life.isOver) this.#scheduler.spawn(name, this.#life, work, () => undefined);
  }

  #run(id: string): Promise<void> {
    const engine = { books: this.#books, bank: this.#bank, now: () => this.#scheduler.now };
    return run({ ...engine, before: (label) => this.#pass(label) }, id);
  }

  /** The relay and the sweep of one life of core. */
  #beat(delayMs: number): void {
    const life = this.#life;
    this.#scheduler.at(delayMs, "beat", () => {
      if (life.isOver) return;
      this.#spawn("relay", async () => {
        for (const row of this.#books.tables.outbox.filter(({ sent }) => !sent)) {
          await this.#pass("publish");
          this.#deliver(row.saga);
          await this.#pass("mark");
          this.#books.transact(({ outbox }) => {
            const found = outbox.find(({ id }) => id === row.id);
            if (found) found.sent = true;
          });
        }
      });
      this.#spawn("sweep", async () => {
        await this.#pass("sweep");
        const { sagas } = this.#books.tables;
        const due = Object.keys(sagas).filter(
          (id) => (sagas[id]?.wakeAt ?? Number.POSITIVE_INFINITY) <= this.#scheduler.now,
        );
        for (const id of due) await this.#run(id);
      });
      this.#beat(SWEEP_MS);
    });
  }

  #deliver(saga: string): void {
    const { duplicate, lose, delay } = this.#faults;
    const later = () =>
      this.#stream.chance(delay) ? this.#stream.between(1, DELAY_MS_MAX) : this.#stream.between(1, 30);
    const once = () => this.#scheduler.at(later(), "delivery", () => this.#spawn("delivery", () => this.#run(saga)));
    if (!this.#stream.chance(lose)) once();
    if (this.#stream.chance(duplicate)) once();
  }

  #enter(name: string): void {
    const declines = this.#stream.chance(0.2);
    // Streams of their own, so that seeds from before there were wallets decide everything else as they did.
    const wallet = new Stream(this.seed, `${name} wallet`);
    const isWallet = wallet.chance(0.3);
    if (isWallet) this.#decide(name, wallet);
    const first = this.#stream.between(1, 2_000);
    const clicks = this.#stream.chance(this.#faults.doubleClick)
      ? [first, first + this.#stream.between(0, 300)]
      : [first];
    for (const at of clicks) this.#scheduler.at(at, `${name} clicks`, () => this.#place(name, { declines, isWallet }));
    if (this.#stream.chance(this.#faults.cancel)) {
      this.#scheduler.at(first + this.#stream.between(1, 4_000), `${name} cancels`, () => this.#cancel(name));
    }
  }

  /** A wallet's owner approves, declines, or never answers; the provider's news of it may come late, twice or never. */
  #decide(name: string, wallet: Stream): void {
    const decision = wallet.chance(0.6) ? "pay" : wallet.chance(0.5) ? "decline" : "leave";
    if (decision === "leave") return;
    let looks = 0;
    const look = () => {
      const id = this.#books.tables.keys[name];
      if (id && this.#bank.approve(id, decision)) this.#deliver(`place ${id}`);
      else if (looks < LOOKS_MAX) this.#scheduler.at(wallet.between(500, 2_500), `${name} looks`, look);
      looks += 1;
    };
    this.#scheduler.at(wallet.between(500, 2_500), `${name} looks`, look);
  }

  #place(key: string, pays: { readonly declines: boolean; readonly isWallet: boolean }): void {
    let isHeard = false;
    this.#spawn(`${key} checkout`, async () => {
      try {
        await this.#pass("place");
        this.#books.transact((tables) => {
          if (tables.keys[key]) return;
          const order = `order ${Object.keys(tables.orders).length + 1}`;
          tables.keys[key] = order;
          const approveBy = pays.isWallet ? this.#scheduler.now + APPROVE_MS : null;
          const open = { state: "pending", hold: "none", attempt: null, captured: false } as const;
          tables.orders[order] = { key, declines: pays.declines, approveBy, ...open };
          start(tables, "place", order, this.#scheduler.now);
        });
        await this.#pass("placed");
        isHeard = true;
      } finally {
        if (!isHeard) this.#scheduler.at(RESTART_MS, `${key} asks again`, () => this.#place(key, pays));
      }
    });
  }

  #cancel(key: string): void {
    this.#spawn(`${key} cancel`, async () => {
      await this.#pass("cancel");
      this.#books.transact((tables) => {
        const id = tables.keys[key];
        const order = id && tables.orders[id];
        const saga = tables.sagas[`place ${id}`];
        if (!id || !order || !saga) return;
        if (order.state === "confirmed") {
          order.state = "cancelled";
          start(tables, "cancel", id, this.#scheduler.now);
        } else if (order.state === "pending" && !saga.isPastPivot && saga.abort === null && isUnderWay(saga.state)) {
          saga.abort = CANCELLED;
          saga.wakeAt = Math.min(saga.wakeAt ?? 0, this.#scheduler.now + 3_000);
          tell(tables, `place ${id}`);
        }
      });
    });
  }

  #breaches(units: number): string[] {
    const { orders, sagas, outbox, keys, onHand, reserved, allocated } = this.#books.tables;
    const found: string[] = [];
    const all = Object.entries(orders);
    const holding = (hold: string) => all.filter(([, order]) => order.hold === hold).length;
    if (onHand !== units || onHand - reserved - allocated < 0) found.push("oversold");
    if (reserved !== holding("held") || allocated !== holding("allocated")) found.push("a counter is not its claims");
    if (Object.keys(keys).length !== all.length) found.push("one key, two orders");
    if (outbox.some(({ sent }) => !sent)) found.push("a message has not left");
    for (const [id, { state, hold }] of all) {
      const charges = [...this.#bank.charges.values()].filter((charge) => charge.order === id);
      const kept = charges.filter((charge) => charge.state === "held" || charge.state === "captured");
      if (state === "pending") found.push(`${id} is pending`);
      if (kept.length > 1) found.push(`${id} is charged twice`);
      if (state === "confirmed" && kept[0]?.state !== "captured") found.push(`${id} is confirmed and not paid`);
      if (state !== "confirmed" && kept.length > 0) found.push(`${id} is ${state} and charged`);
      if (state !== "confirmed" && hold !== "none") found.push(`${id} is ${state} and keeps a unit`);
    }
    const atWork = Object.values(sagas).filter((saga) => saga.state !== "done" && saga.state !== "unwound");
    return [...found, ...atWork.map((saga) => `${saga.type} of ${saga.order} is ${saga.state}`)];
  }
}
