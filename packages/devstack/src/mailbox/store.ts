import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

export const MAILS_MAX = 2_000;
export const MAIL_BYTES_MAX = 25 * 1024 * 1024;
const BYTES_MAX = 256 * 1024 * 1024;

/** What the list shows of a mail. */
export interface MailSummary {
  readonly id: string;
  /** Milliseconds since 1970, of its first delivery. */
  readonly at: number;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  /** Without angle brackets; empty when the mail has none. */
  readonly messageId: string;
  readonly attachments: number;
  /** How often it came with this Message-ID: more than once when a sender never got its answer. */
  readonly deliveries: number;
}

export interface NewMail extends Omit<MailSummary, "id" | "deliveries"> {
  readonly raw: Uint8Array;
}

interface Row extends Omit<MailSummary, "recipients"> {
  readonly recipients: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS mail (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, sender TEXT NOT NULL,
    recipients TEXT NOT NULL, subject TEXT NOT NULL, messageId TEXT NOT NULL, attachments INTEGER NOT NULL,
    deliveries INTEGER NOT NULL DEFAULT 1, raw BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS mail_by_message_id ON mail (messageId, recipients);
`;
const COLUMNS = "id, at, sender, recipients, subject, messageId, attachments, deliveries";

/** The mails that have come, in one SQLite file; what exceeds the bounds makes the oldest go. */
export class MailStore {
  readonly #db: Database;
  /** At least what is kept: mails that went by age are still counted until the next look. */
  #bytes: number;

  constructor(dataDir: string | null) {
    if (dataDir !== null) mkdirSync(dataDir, { recursive: true });
    this.#db = new Database(dataDir === null ? ":memory:" : join(dataDir, "mail.sqlite"), { create: true });
    this.#db.run("PRAGMA journal_mode = WAL");
    this.#db.run("PRAGMA synchronous = NORMAL");
    this.#db.run(SCHEMA);
    this.#bytes = this.#sum();
  }

  /** Keeps a mail. The same Message-ID to the same recipients is the same mail, delivered once more. */
  keep(mail: NewMail): void {
    const recipients = JSON.stringify(mail.recipients);
    this.#db.transaction(() => {
      const again = this.#db.run(
        "UPDATE mail SET deliveries = deliveries + 1 WHERE messageId = ? AND messageId <> '' AND recipients = ?",
        [mail.messageId, recipients],
      );
      if (again.changes > 0) return;
      const { at, sender, subject, messageId, attachments, raw } = mail;
      this.#db.run(
        "INSERT INTO mail (id, at, sender, recipients, subject, messageId, attachments, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [crypto.randomUUID(), at, sender, recipients, subject, messageId, attachments, raw],
      );
      this.#bytes += raw.byteLength;
      this.#prune();
    })();
  }

  /** Newest first, at most `limit`, of one recipient's address or of all. */
  list({ to, limit }: { readonly to: string | null; readonly limit: number }): MailSummary[] {
    const rows = this.#db
      .query<Row, [string | null, number]>(
        `SELECT ${COLUMNS} FROM mail WHERE ?1 IS NULL
          OR EXISTS (SELECT 1 FROM json_each(recipients) WHERE lower(value) = ?1) ORDER BY seq DESC LIMIT ?2`,
      )
      .all(to === null ? null : to.toLowerCase(), limit);
    return rows.map(summaryOf);
  }

  find(id: string): (MailSummary & { readonly raw: Uint8Array }) | null {
    const row = this.#db
      .query<Row & { readonly raw: Uint8Array }, [string]>(`SELECT ${COLUMNS}, raw FROM mail WHERE id = ?`)
      .get(id);
    return row === null ? null : { ...summaryOf(row), raw: row.raw };
  }

  clear(): void {
    this.#db.run("DELETE FROM mail");
  }

  close(): void {
    this.#db.close();
  }

  #prune(): void {
    this.#db.run("DELETE FROM mail WHERE seq <= (SELECT max(seq) FROM mail) - ?", [MAILS_MAX]);
    if (this.#bytes <= BYTES_MAX) return;
    // Rare, so it may look at all of them; down to half, so that it stays rare.
    this.#db.run(
      `DELETE FROM mail WHERE seq IN (SELECT seq FROM
        (SELECT seq, sum(length(raw)) OVER (ORDER BY seq DESC) AS total FROM mail) WHERE total > ?)`,
      [BYTES_MAX / 2],
    );
    this.#bytes = this.#sum();
  }

  #sum(): number {
    return this.#db.query<{ total: number | null }, []>("SELECT sum(length(raw)) AS total FROM mail").get()?.total ?? 0;
  }
}

function summaryOf({ recipients, ...row }: Row): MailSummary {
  const { id, at, sender, subject, messageId, attachments, deliveries } = row;
  // Only this module writes the column.
  return {
    id,
    at,
    sender,
    recipients: JSON.parse(recipients) as string[],
    subject,
    messageId,
    attachments,
    deliveries,
  };
}
