import type { Progress, SagaState } from "@stoa/core/testing";

export type Failure = Progress["failure"];

export interface SagaRow {
  readonly order: string;
  readonly type: "place" | "cancel";
  state: SagaState;
  failure: Failure;
  abort: Failure;
  isPastPivot: boolean;
  attempts: number;
  fence: number;
  leaseUntil: number;
  wakeAt: number | null;
  steps: Record<string, Progress["steps"] extends ReadonlyMap<string, infer Step> ? Step : never>;
}

export interface OrderRow {
  state: "pending" | "confirmed" | "refused" | "cancelled";
  readonly key: string;
  readonly declines: boolean;
  /** Paid by a wallet, whose owner has to approve before this time; null for a card. */
  readonly approveBy: number | null;
  hold: "none" | "held" | "allocated";
  /** The attempt's row, committed before the bank hears of it. */
  attempt: { reference: string | null; releaseRequested: boolean } | null;
  captured: boolean;
}

export interface OutboxRow {
  readonly id: string;
  readonly saga: string;
  sent: boolean;
}

/** What Postgres holds: it survives every kill, and changes by whole transactions only. */
export interface Tables {
  orders: Record<string, OrderRow>;
  keys: Record<string, string>;
  sagas: Record<string, SagaRow>;
  outbox: OutboxRow[];
  onHand: number;
  reserved: number;
  allocated: number;
}

/** A Postgres of the mind, with no more than what it guarantees: a transaction is whole or was never, one after another. */
export class Books {
  tables: Tables;

  constructor(units: number) {
    this.tables = { orders: {}, keys: {}, sagas: {}, outbox: [], onHand: units, reserved: 0, allocated: 0 };
  }

  transact<Result>(work: (tables: Tables) => Result): Result {
    const before = structuredClone(this.tables);
    try {
      return work(this.tables);
    } catch (error) {
      this.tables = before;
      throw error;
    }
  }
}
