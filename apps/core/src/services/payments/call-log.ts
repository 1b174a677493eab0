import { type Clock, type Instant, toTimestamp, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { type Database, prepared, type ValueOf } from "../../platform/db/index.ts";
import type { CallRecord } from "./providers/gate.ts";

const BATCH = 500;
const WAITING_MAX = 10_000;

export interface CallLog {
  /** Takes a record and returns at once; it is written in a batch with those of other calls. */
  record(call: CallRecord): void;
  /** Resolves when everything recorded so far has been written or given up. */
  drain(): Promise<void>;
}

function rowOf({ paymentId, at, ...call }: CallRecord & { readonly at: Instant }) {
  return { ...call, paymentId: paymentId === null ? null : toUuid(paymentId), at: toTimestamp(at) };
}

/** One JSON parameter for any number of calls, so that the statement is prepared once. */
const insertCalls = prepared(
  (_, value: ValueOf<{ readonly rows: string }>) => sql`
    insert into payments.provider_call (payment_id, provider, operation, key, outcome, status, code, latency_ms, at)
    select c."paymentId", c.provider, c.operation, c.key, c.outcome, c.status, c.code, c."latencyMs", c.at
    from jsonb_to_recordset(${value("rows")}::jsonb) as c("paymentId" uuid, provider text, operation text, key text,
      outcome text, status int, code text, "latencyMs" int, at timestamptz)`,
);

export interface CallLogOptions {
  readonly db: Database;
  readonly clock: Clock;
  /** How long the first record waits for others to be written with it. */
  readonly gatherMs: number;
  /** Told how many records were lost because the database would not take them. */
  readonly onLost: (records: number, error: unknown) => void;
}

/** The log of calls to providers. It must never slow down or fail a payment, so it is written beside the work. */
export function createCallLog({ db, clock, gatherMs, onLost }: CallLogOptions): CallLog {
  let waiting: (CallRecord & { readonly at: Instant })[] = [];
  let writing: Promise<void> | null = null;
  const write = async () => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      try {
        await insertCalls(db, { rows: JSON.stringify(batch.map(rowOf)) });
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
      writing ??= Bun.sleep(gatherMs).then(write);
    },
    async drain() {
      while (writing) await writing;
    },
  };
}
