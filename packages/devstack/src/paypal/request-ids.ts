import type { Database } from "bun:sqlite";
import { PaypalRefusal } from "./errors.ts";

const HOUR_MS = 60 * 60 * 1000;
/** PayPal keeps a PayPal-Request-Id for six hours on orders and for 45 days on payments. */
const ORDERS_KEPT_MS = 6 * HOUR_MS;
const PAYMENTS_KEPT_MS = 45 * 24 * HOUR_MS;
const LENGTH_MAX = 108;

export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * What a POST with a `PayPal-Request-Id` is told before anything runs. Only answers that succeeded are kept: a refused
 * request has changed nothing and may be sent again. The id counts by endpoint, and its body is not compared,
 * because PayPal does not say what another body under the same id would get.
 */
export interface RequestIds {
  /** The kept answer, or null when the request may run; then `release` must be called when it has ended. */
  claim(id: string, path: string, nowMs: number): StoredAnswer | null;
  store(id: string, path: string, answer: StoredAnswer, nowMs: number): void;
  release(id: string, path: string): void;
  prune(nowMs: number): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS request_id (
    id TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (id, path)
  );
  CREATE INDEX IF NOT EXISTS request_id_expiry ON request_id (expires_at);
`;

export function requestIds(database: Database): RequestIds {
  database.run(SCHEMA);
  const select = database.query<StoredAnswer, [string, string, number]>(
    "SELECT status, body FROM request_id WHERE id = ? AND path = ? AND expires_at > ?",
  );
  const insert = database.query(
    "INSERT OR REPLACE INTO request_id (id, path, status, body, expires_at) VALUES (?, ?, ?, ?, ?)",
  );
  const running = new Set<string>();
  return {
    claim: (id, path, nowMs) => {
      if (id.length > LENGTH_MAX) throw tooLong();
      if (running.has(`${id} ${path}`)) throw inProgress();
      const kept = select.get(id, path, nowMs);
      if (kept === null) running.add(`${id} ${path}`);
      return kept;
    },
    store: (id, path, answer, nowMs) => {
      const keptMs = path.startsWith("/v2/payments/") ? PAYMENTS_KEPT_MS : ORDERS_KEPT_MS;
      insert.run(id, path, answer.status, answer.body, nowMs + keptMs);
    },
    release: (id, path) => {
      running.delete(`${id} ${path}`);
    },
    prune: (nowMs) => {
      database.run("DELETE FROM request_id WHERE expires_at <= ?", [nowMs]);
    },
  };
}

function inProgress(): PaypalRefusal {
  const description =
    "A previous request on this resource is currently in progress. Please wait for sometime and try again.";
  return new PaypalRefusal(409, "RESOURCE_CONFLICT", [{ issue: "PREVIOUS_REQUEST_IN_PROGRESS", description }]);
}

function tooLong(): PaypalRefusal {
  const description = "The value of a field is too long.";
  return new PaypalRefusal(400, "INVALID_REQUEST", [
    { issue: "INVALID_STRING_MAX_LENGTH", description, field: "PayPal-Request-Id" },
  ]);
}
