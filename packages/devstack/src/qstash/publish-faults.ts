import type { FaultAction, Faults } from "../faults.ts";

const REORDER_HOLD_MS = 200;

/** What happens to one publish request: how often it takes effect, and what the publisher hears. */
export interface PublishFate {
  readonly effects: 0 | 1 | 2;
  readonly answer: "true" | "cut" | { readonly status: number; readonly error: string; readonly retryAfter?: number };
}

const BEHAVE: PublishFate = { effects: 1, answer: "true" };

/** Draws the fate of each publish from the armed faults. */
export class PublishFaults {
  #overtaken: (() => void)[] = [];

  constructor(readonly faults: Faults | null) {}

  async next(): Promise<PublishFate> {
    if (this.faults === null) return BEHAVE;
    const action = this.faults.next("publish");
    if (action?.kind === "reorder") {
      await this.#heldBack();
      return BEHAVE;
    }
    for (const release of this.#overtaken.splice(0)) setTimeout(release, 1);
    return action === null ? BEHAVE : fateOf(action);
  }

  /** Waits until another publish has gone past, or a moment when none comes. */
  #heldBack(): Promise<void> {
    return new Promise((resolve) => {
      this.#overtaken.push(resolve);
      setTimeout(resolve, REORDER_HOLD_MS);
    });
  }
}

async function fateOf(action: FaultAction): Promise<PublishFate> {
  switch (action.kind) {
    case "delay":
      await Bun.sleep(action.delayMs);
      return BEHAVE;
    case "drop":
      return { effects: 0, answer: "cut" };
    case "loseAnswer":
      return { effects: 1, answer: "cut" };
    case "duplicate":
      return { effects: 2, answer: "true" };
    case "fail": {
      const answer = { status: action.status ?? 500, error: action.code ?? "failed by an armed fault" };
      const retryAfter = action.retryAfterSeconds;
      return { effects: 0, answer: retryAfter === undefined ? answer : { ...answer, retryAfter } };
    }
    case "reorder":
      return BEHAVE;
  }
}
