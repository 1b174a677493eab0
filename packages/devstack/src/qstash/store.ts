import { Database, type Statement } from "bun:sqlite";
import { type Message, messageSchema } from "./message.ts";

const DEDUPLICATION_MS = 600_000;
const DLQ_MS = 7 * 86_400_000;
const DLQ_MAX = 10_000;

/** An undelivered message with its content. */
export interface StoredMessage {
  readonly seq: number;
  readonly message: Message;
  readonly body: Uint8Array;
  readonly retried: number;
  readonly dueAt: number;
}

/** A message that gave up, and the answer it gave up on. */
export interface DeadLetter {
  readonly dlqId: string;
  readonly at: number;
  readonly message: Message;
  readonly body: Uint8Array;
  readonly retried: number;
  readonly response: { readonly status: number; readonly header: Record<string, string>; readonly body: Uint8Array };
}

interface MessageRow {
  readonly seq: number;
  readonly due: number;
  readonly retried: number;
  readonly meta: string;
  readonly body: Uint8Array;
}

interface DeadRow {
  readonly id: string;
  readonly at: number;
  readonly retried: number;
  readonly meta: string;
  readonly body: Uint8Array;
  readonly status: number;
  readonly response_header: string;
  readonly response_body: Uint8Array;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, due INTEGER NOT NULL, retried INTEGER NOT NULL,
    meta TEXT NOT NULL, body BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS dlq (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, retried INTEGER NOT NULL, meta TEXT NOT NULL, body BLOB NOT NULL,
    status INTEGER NOT NULL, response_header TEXT NOT NULL, response_body BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS dlq_at ON dlq (at);
  CREATE TABLE IF NOT EXISTS deduplication (key TEXT PRIMARY KEY, message_id TEXT NOT NULL, expires INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS deduplication_expires ON deduplication (expires);
  CREATE TABLE IF NOT EXISTS settings (kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, name));
`;

/** Everything the queue must not forget, in one SQLite file. */
export class Store {
  readonly #db: Database;
  readonly #insert: Statement;
  readonly #load: Statement<MessageRow, [string]>;
  readonly #delete: Statement;
  readonly #retry: Statement;
  #synchronous: "FULL" | "NORMAL" = "FULL";

  constructor(file: string | null) {
    this.#db = new Database(file ?? ":memory:", { create: true });
    this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    this.#db.exec(SCHEMA);
    this.#insert = this.#db.query("INSERT INTO messages (id, due, retried, meta, body) VALUES (?, ?, 0, ?, ?)");
    this.#load = this.#db.query("SELECT seq, due, retried, meta, body FROM messages WHERE id = ?");
    this.#delete = this.#db.query("DELETE FROM messages WHERE id = ?");
    this.#retry = this.#db.query("UPDATE messages SET due = ?, retried = ? WHERE id = ?");
  }

  /** One transaction that is on the disk when it returns: for whatever is about to be acknowledged. */
  durably<T>(work: () => T): T {
    return this.#transaction("FULL", work);
  }

  /** One transaction that survives the process but not a power cut: at worst a delivery is repeated. */
  lightly<T>(work: () => T): T {
    return this.#transaction("NORMAL", work);
  }

  insert(message: Message, body: Uint8Array): number {
    return Number(
      this.#insert.run(message.messageId, message.notBefore, JSON.stringify(message), body).lastInsertRowid,
    );
  }

  load(id: string): StoredMessage | null {
    const row = this.#load.get(id);
    return row === null ? null : toStored(row);
  }

  /** Every undelivered message in order of arrival. */
  *all(): Generator<StoredMessage> {
    for (const row of this.#db
      .query<MessageRow, []>("SELECT seq, due, retried, meta, body FROM messages ORDER BY seq")
      .iterate()) {
      yield toStored(row);
    }
  }

  delete(id: string): void {
    this.#delete.run(id);
  }

  scheduleRetry(id: string, dueAt: number, retried: number): void {
    this.#retry.run(dueAt, retried, id);
  }

  /** Id of the message accepted under this key within the last ten minutes. */
  duplicateOf(key: string, nowMs: number): string | null {
    this.#db.query("DELETE FROM deduplication WHERE expires <= ?").run(nowMs);
    const row = this.#db
      .query<{ message_id: string }, [string]>("SELECT message_id FROM deduplication WHERE key = ?")
      .get(key);
    return row?.message_id ?? null;
  }

  remember(key: string, messageId: string, nowMs: number): void {
    this.#db.query("INSERT INTO deduplication VALUES (?, ?, ?)").run(key, messageId, nowMs + DEDUPLICATION_MS);
  }

  bury(dead: DeadLetter): void {
    const { response } = dead;
    this.#db
      .query("INSERT INTO dlq VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .run(
        dead.dlqId,
        dead.at,
        dead.retried,
        JSON.stringify(dead.message),
        dead.body,
        response.status,
        JSON.stringify(response.header),
        response.body,
      );
    this.#db.query("DELETE FROM dlq WHERE at < ?").run(dead.at - DLQ_MS);
    this.#db
      .query("DELETE FROM dlq WHERE id IN (SELECT id FROM dlq ORDER BY at DESC, rowid DESC LIMIT -1 OFFSET ?)")
      .run(DLQ_MAX);
  }

  /** Dead letters, newest first. */
  *dead(): Generator<DeadLetter> {
    for (const row of this.#db.query<DeadRow, []>("SELECT * FROM dlq ORDER BY at DESC, rowid DESC").iterate()) {
      yield toDead(row);
    }
  }

  findDead(dlqId: string): DeadLetter | null {
    const row = this.#db.query<DeadRow, [string]>("SELECT * FROM dlq WHERE id = ?").get(dlqId);
    return row === null ? null : toDead(row);
  }

  forgetDead(dlqId: string): boolean {
    return this.#db.query("DELETE FROM dlq WHERE id = ?").run(dlqId).changes > 0;
  }

  /** Settings of one kind ("queue", "flow", "schedule", "topic", "keys") by name. */
  settings(kind: string): Map<string, unknown> {
    const rows = this.#db
      .query<{ name: string; value: string }, [string]>("SELECT name, value FROM settings WHERE kind = ? ORDER BY name")
      .all(kind);
    return new Map(rows.map((row) => [row.name, JSON.parse(row.value)]));
  }

  set(kind: string, name: string, value: unknown): void {
    this.#db
      .query("INSERT INTO settings VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value")
      .run(kind, name, JSON.stringify(value));
  }

  unset(kind: string, name: string): void {
    this.#db.query("DELETE FROM settings WHERE kind = ? AND name = ?").run(kind, name);
  }

  close(): void {
    this.#db.close();
  }

  #transaction<T>(synchronous: "FULL" | "NORMAL", work: () => T): T {
    if (this.#db.inTransaction) return work();
    if (this.#synchronous !== synchronous) {
      this.#db.exec(`PRAGMA synchronous = ${synchronous}`);
      this.#synchronous = synchronous;
    }
    return this.#db.transaction(work).immediate();
  }
}

function toStored(row: MessageRow): StoredMessage {
  return {
    seq: row.seq,
    message: messageSchema.parse(JSON.parse(row.meta)),
    body: row.body,
    retried: row.retried,
    dueAt: row.due,
  };
}

function toDead(row: DeadRow): DeadLetter {
  return {
    dlqId: row.id,
    at: row.at,
    message: messageSchema.parse(JSON.parse(row.meta)),
    body: row.body,
    retried: row.retried,
    response: { status: row.status, header: JSON.parse(row.response_header), body: row.response_body },
  };
}
