import { currentActivity } from "../explorer/activity.ts";
import type { FaultPlan } from "../explorer/faults.ts";
import type { Scheduler } from "../explorer/scheduler.ts";

export interface Charge {
  readonly order: string;
  state: "open" | "declined" | "held" | "captured" | "voided" | "refunded";
  /** Of a wallet: what its owner has said on the provider's page. A card needs nobody. */
  approval: "awaited" | "pay" | "decline" | null;
}

const LATE_MS_MAX = 20_000;

/** A provider that forgets nothing and answers when it likes: one charge a key; what has been asked of it happens. */
export class Bank {
  readonly charges = new Map<string, Charge>();
  readonly #byKey = new Map<string, string>();

  constructor(
    readonly scheduler: Scheduler,
    readonly faults: () => FaultPlan,
    readonly before: (label: string) => Promise<void>,
  ) {}

  create(key: string, order: string, isWallet: boolean): Promise<string> {
    return this.#call("create", () => {
      const known = this.#byKey.get(key);
      if (known) return known;
      const id = `ch_${this.charges.size}`;
      this.#byKey.set(key, id);
      this.charges.set(id, { order, state: "open", approval: isWallet ? "awaited" : null });
      return id;
    });
  }

  /** Holds the money; of a wallet, once its owner has approved, and until then nothing. */
  confirm(id: string, declines: boolean): Promise<Charge["state"]> {
    return this.#change("confirm", id, (state, approval) => {
      if (state !== "open" || approval === "awaited") return state;
      return declines || approval === "decline" ? "declined" : "held";
    });
  }

  /** What a shopper does on the provider's page, which asks nobody's network. Answers whether there was anything to say. */
  approve(order: string, decision: "pay" | "decline"): boolean {
    const waiting = [...this.charges.values()].filter((one) => one.order === order && one.approval === "awaited");
    for (const charge of waiting) charge.approval = decision;
    return waiting.length > 0;
  }

  capture(id: string): Promise<Charge["state"]> {
    return this.#change("capture", id, (state) => (state === "held" ? "captured" : state));
  }

  /** Lets go of what is held; what was taken is given back. */
  release(id: string): Promise<Charge["state"]> {
    return this.#change("release", id, (state) =>
      state === "captured" || state === "refunded" ? "refunded" : "voided",
    );
  }

  #change(
    label: string,
    id: string,
    next: (state: Charge["state"], approval: Charge["approval"]) => Charge["state"],
  ): Promise<Charge["state"]> {
    return this.#call(label, () => {
      const charge = this.charges.get(id);
      if (!charge) throw new Error(`no charge ${id}`);
      charge.state = next(charge.state, charge.approval);
      return charge.state;
    });
  }

  async #call<Result>(label: string, perform: () => Result): Promise<Result> {
    await this.before(`bank ${label}`);
    const faults = this.faults();
    const drawn = (chance: number) => currentActivity()?.stream.chance(chance) ?? false;
    if (drawn(faults.loseRequest)) throw new Error("the request was lost");
    if (drawn(faults.late)) {
      this.scheduler.at(currentActivity()?.stream.between(1, LATE_MS_MAX) ?? 0, `late ${label}`, perform);
      throw new Error("no answer came");
    }
    const answer = perform();
    if (drawn(faults.twice)) perform();
    await this.before(`bank answers ${label}`);
    if (drawn(faults.loseAnswer)) throw new Error("the answer was lost");
    return answer;
  }
}
