import type { Clock, Instant } from "@stoa/kernel";
import type { Database } from "../../platform/db/index.ts";
import type { CallRecord } from "./providers/gate.ts";
import { providerCall } from "./tables.ts";

const BATCH = 500;
const WAITING_MAX = 10_000;

export interface CallLog {
  /** Takes a record and returns at once; it is written in a batch with those of other calls. */
  record(call: CallRecord): void;
  /** Resolves when everything recorded so far has been written or given up. */
  drain(): Promise<void>;
}

export interface CallLogOptions {
  readonly db: Database;
  readonly clock: Clock;
  /** Told how many records were lost because the database would not take them. */
  readonly onLost: (records: number, error: unknown) => void;
}

/** The log of calls to providers. It must never slow down or fail a payment, so it is written beside the work. */
export function createCallLog({ db, clock, onLost }: CallLogOptions): CallLog {
  let waiting: (CallRecord & { readonly at: Instant })[] = [];
  let writing: Promise<void> | null = null;
  const write = async () => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      try {
        await db.insert(providerCall).values(batch);
      } catch (error) {
        onLost(batch.length, error);
      }
    }
    writing = null;
  };
  return {
    record(call) {
      if (waiting.length >= WAITING_MAX) return onLost(1, new Error("too many call records are waiting"));
      waiting.push({ ...call, at: clock.now() });
      // The first record waits for the end of this turn, so that those of the same turn go with it.
      writing ??= Promise.resolve().then(write);
    },
    async drain() {
      while (writing) await writing;
    },
  };
}
