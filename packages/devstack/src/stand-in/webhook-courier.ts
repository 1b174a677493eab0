import type { Database } from "bun:sqlite";
import type { Faults } from "../faults.ts";

/** How many are under way at once. */
const AT_ONCE_MAX = 8;
const ATTEMPT_TIMEOUT_MS = 5_000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 60_000;
const GIVE_UP_AFTER_MS = 3 * 24 * 60 * 60 * 1000;
/** How long a delivery struck by `reorder` lets later ones overtake it. */
const REORDER_HOLD_MS = 300;
const DELAY_MS_MAX = 600_000;

export interface CourierOptions {
  readonly database: Database;
  /** Where deliveries go; null keeps none. */
  readonly url: string | null;
  /** Headers of one attempt; they carry the vendor's signature over exactly this body. */
  readonly headersFor: (body: string) => Readonly<Record<string, string>>;
  readonly faults: Faults | null;
}

/**
 * Delivers webhooks at least once, as vendors do: several at once, so that a slow receiver does not let them fall behind.
 * While the receiver answers, those about one subject come one at a time, in order of creation.
 * A delivery that is refused is tried again after 250 ms, doubling to a minute, for three days; later ones do not wait for it.
 */
export interface Courier {
  /** Records a delivery inside the caller's transaction: it is owed from the moment the fact is. */
  enqueue(event: OwedEvent): void;
  /** Says that something was committed. Cheap; call it after every transaction. */
  wake(): void;
  isPending(eventId: string): boolean;
  /** Ends after the attempts under way, which are cut short. What was not delivered stays in the database. */
  stop(): Promise<void>;
}

export interface OwedEvent {
  readonly id: string;
  /** What it tells of, such as the id of a payment. */
  readonly subject: string;
  readonly body: string;
}

interface Delivery {
  readonly seq: number;
  readonly subject: string;
  readonly body: string;
  readonly attempts: number;
  readonly created_at: number;
  /** 1 once a fault has held it back, so that a standing fault cannot hold it back for ever. */
  readonly held: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    held INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due_at);
  CREATE INDEX IF NOT EXISTS delivery_event ON delivery (event_id);
  CREATE INDEX IF NOT EXISTS delivery_turn ON delivery (attempts > 0, seq);
`;

/** What an older stand-in left in the folder has no subjects; its deliveries come one at a time. */
function prepare(database: Database): void {
  database.run(SCHEMA);
  const hasSubject = database.query("SELECT 1 FROM pragma_table_info('delivery') WHERE name = 'subject'").get();
  if (hasSubject === null) database.run("ALTER TABLE delivery ADD COLUMN subject TEXT NOT NULL DEFAULT ''");
}

export function startCourier(options: CourierOptions): Courier {
  const { database } = options;
  prepare(database);
  const insert = database.query(
    "INSERT INTO delivery (event_id, subject, body, created_at, due_at) VALUES (?, ?, ?, ?, ?)",
  );
  const pending = database.query("SELECT 1 FROM delivery WHERE event_id = ?");
  const nextDueAt = database.query<{ at: number | null }, [number]>(
    "SELECT min(due_at) AS at FROM delivery WHERE due_at > ?",
  );
  // By that index, so that thousands which are owed are not sorted anew for each that leaves.
  const due = database.query<Delivery, [number]>(
    `SELECT seq, subject, body, attempts, created_at, held FROM delivery INDEXED BY delivery_turn
     WHERE due_at <= ? ORDER BY attempts > 0, seq`,
  );
  const stopping = new AbortController();
  const underWay = new Map<string, Promise<void>>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const chosen = (now: number): readonly Delivery[] => {
    const bySubject = new Map<string, Delivery>();
    for (const delivery of due.iterate(now)) {
      if (underWay.size + bySubject.size >= AT_ONCE_MAX) break;
      if (underWay.has(delivery.subject) || bySubject.has(delivery.subject)) continue;
      bySubject.set(delivery.subject, delivery);
    }
    return [...bySubject.values()];
  };
  const run = () => {
    if (stopping.signal.aborted || underWay.size >= AT_ONCE_MAX) return;
    clearTimeout(timer);
    const now = Date.now();
    for (const delivery of chosen(now)) {
      const done = deliver(options, delivery, stopping.signal).finally(() => {
        underWay.delete(delivery.subject);
        run();
      });
      underWay.set(delivery.subject, done);
    }
    const at = nextDueAt.get(now)?.at ?? null;
    if (at === null) return;
    timer = setTimeout(run, Math.max(0, at - now));
    timer.unref();
  };
  run();
  return {
    enqueue: ({ id, subject, body }) => {
      if (options.url !== null) insert.run(id, subject, body, Date.now(), Date.now());
    },
    wake: run,
    isPending: (eventId) => pending.get(eventId) !== null,
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await Promise.all(underWay.values());
    },
  };
}

async function deliver(options: CourierOptions, delivery: Delivery, stopping: AbortSignal): Promise<void> {
  const { database, faults } = options;
  const strike = delivery.held === 1 ? null : (faults?.next("webhook") ?? null);
  const forget = () => database.run("DELETE FROM delivery WHERE seq = ?", [delivery.seq]);
  const hold = (durationMs: number) =>
    database.run("UPDATE delivery SET due_at = ?, held = 1 WHERE seq = ?", [Date.now() + durationMs, delivery.seq]);
  const retry = () => {
    if (Date.now() - delivery.created_at > GIVE_UP_AFTER_MS) return forget();
    const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(delivery.attempts, 20));
    return database.run("UPDATE delivery SET due_at = ?, attempts = attempts + 1, held = 0 WHERE seq = ?", [
      Date.now() + waitMs,
      delivery.seq,
    ]);
  };
  switch (strike?.kind) {
    case "drop":
      forget();
      return;
    case "fail":
      retry();
      return;
    case "delay":
      hold(Math.min(strike.delayMs, DELAY_MS_MAX));
      return;
    case "reorder":
      hold(REORDER_HOLD_MS);
      return;
    default: {
      const arrived = await attempt(options, delivery.body, stopping);
      if (stopping.aborted && !arrived) return;
      if (arrived && strike?.kind === "duplicate") await attempt(options, delivery.body, stopping);
      if (arrived && strike?.kind !== "loseAnswer") forget();
      else retry();
    }
  }
}

async function attempt(options: CourierOptions, body: string, stopping: AbortSignal): Promise<boolean> {
  if (options.url === null) return false;
  try {
    const response = await fetch(options.url, {
      method: "POST",
      body,
      headers: { ...options.headersFor(body) },
      redirect: "manual",
      signal: AbortSignal.any([stopping, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
