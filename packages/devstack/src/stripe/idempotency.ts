import type { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import { StripeRefusal } from "./errors.ts";

/** Stripe may forget a key once it is at least a day old; this stand-in does so exactly then. */
export const KEY_KEPT_MS = 24 * 60 * 60 * 1000;
const KEY_LENGTH_MAX = 255;

export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
  readonly requestId: string;
}

/** What a POST with an idempotency key is told before anything runs. */
export interface IdempotencyKeys {
  /**
   * The answer stored under this key, or null when the request may run; then `release` must be called when it has ended.
   * @throws 400 `idempotency_error` for other parameters or another path, 409 while the first request still runs.
   */
  claim(key: string, request: KeyedRequest, nowMs: number): StoredAnswer | null;
  store(key: string, request: KeyedRequest, answer: StoredAnswer, nowMs: number): void;
  release(key: string): void;
  prune(nowMs: number): void;
}

export interface KeyedRequest {
  readonly path: string;
  /** The form body as it came. */
  readonly body: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    parameters TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    request_id TEXT NOT NULL,
    stored_at INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS idempotency_age ON idempotency (stored_at);
`;

interface Row {
  readonly path: string;
  readonly parameters: string;
  readonly status: number;
  readonly body: string;
  readonly request_id: string;
}

export function idempotencyKeys(database: Database): IdempotencyKeys {
  database.run(SCHEMA);
  const select = database.query<Row, [string, number]>(
    "SELECT path, parameters, status, body, request_id FROM idempotency WHERE key = ? AND stored_at > ?",
  );
  const insert = database.query(
    "INSERT OR REPLACE INTO idempotency (key, path, parameters, status, body, request_id, stored_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const running = new Set<string>();
  return {
    claim: (key, request, nowMs) => {
      if (key.length > KEY_LENGTH_MAX) {
        throw idempotencyError(400, `Idempotency keys may be at most ${KEY_LENGTH_MAX} characters long.`);
      }
      if (running.has(key)) {
        throw idempotencyError(
          409,
          `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}.`,
          "idempotency_key_in_use",
        );
      }
      const row = select.get(key, nowMs - KEY_KEPT_MS);
      if (row === null) {
        running.add(key);
        return null;
      }
      checkSame(key, row, request);
      return { status: row.status, body: row.body, requestId: row.request_id };
    },
    store: (key, request, answer, nowMs) => {
      const { status, body, requestId } = answer;
      insert.run(key, request.path, parametersHash(request.body), status, body, requestId, nowMs);
    },
    release: (key) => {
      running.delete(key);
    },
    prune: (nowMs) => {
      database.run("DELETE FROM idempotency WHERE stored_at <= ?", [nowMs - KEY_KEPT_MS]);
    },
  };
}

function checkSame(key: string, row: Row, request: KeyedRequest): void {
  const hint = `Try using a key other than '${key}' if you meant to execute a different request.`;
  if (row.path !== request.path) {
    throw idempotencyError(
      400,
      `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${request.path}' vs '${row.path}'). ${hint}`,
    );
  }
  if (row.parameters !== parametersHash(request.body)) {
    throw idempotencyError(
      400,
      `Keys for idempotent requests can only be used with the same parameters they were first used with. ${hint}`,
    );
  }
}

/** The same parameters in another order are the same request. */
function parametersHash(body: string): string {
  const pairs = [...new URLSearchParams(body)].map((pair) => JSON.stringify(pair)).sort();
  return createHash("sha256").update(pairs.join("\n")).digest("base64");
}

function idempotencyError(status: number, message: string, code?: string): StripeRefusal {
  return new StripeRefusal(
    status,
    { type: "idempotency_error", message, ...(code === undefined ? {} : { code }) },
    false,
  );
}
