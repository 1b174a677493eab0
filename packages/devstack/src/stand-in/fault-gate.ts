import type { FaultAction, Faults } from "../faults.ts";
import type { DoorAnswer, DoorOutcome } from "./http-door.ts";

const DELAY_MS_MAX = 600_000;

export type Failure = Extract<FaultAction, { readonly kind: "fail" }>;

export interface GatedCall {
  /** Does the call and gives its answer; by then the effect is stored. */
  readonly run: () => DoorAnswer | Promise<DoorAnswer>;
  /** The vendor's own answer for a call that fails without effect. */
  readonly fail: (failure: Failure) => DoorAnswer;
}

/** Runs a call of the API under the next armed fault. Duplicating and reordering are for webhooks and do nothing here. */
export async function throughFaults(faults: Faults | null, operation: string, call: GatedCall): Promise<DoorOutcome> {
  const strike = faults?.next(operation) ?? null;
  switch (strike?.kind) {
    case "drop":
      return "hang-up";
    case "fail":
      return call.fail(strike);
    case "delay":
      await Bun.sleep(Math.min(strike.delayMs, DELAY_MS_MAX));
      return call.run();
    case "loseAnswer":
      await call.run();
      return "hang-up";
    default:
      return call.run();
  }
}
