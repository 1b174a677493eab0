import type { Database, Transaction } from "./database.ts";
import { postgresError } from "./errors.ts";

interface Hooks {
  readonly before: (() => Promise<void>)[];
  readonly after: (() => void)[];
}

const hooksOf = new WeakMap<Transaction, Hooks>();
const databaseOf = new WeakMap<Transaction, Database>();

const ATTEMPTS_MAX = 3;
/** Two transactions waited for each other's rows, and Postgres has ended this one. Source: PostgreSQL, "Error codes". */
const DEADLOCK = "40P01";

/**
 * Runs `work` in one transaction; a throw rolls it back and passes through. One that Postgres ends because it and another waited for
 * each other is done again: so `work` touches nothing but its transaction.
 * What `beforeCommit` registered is the transaction's last work; what `onCommit` registered runs after the commit and only then.
 */
export async function transact<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transactOnce(db, work);
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || postgresError(error)?.code !== DEADLOCK) throw error;
    }
  }
}

async function transactOnce<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const hooks: Hooks = { before: [], after: [] };
  const result = await db.transaction(async (tx) => {
    hooksOf.set(tx, hooks);
    databaseOf.set(tx, db);
    const done = await work(tx);
    for (const hook of hooks.before) await hook();
    return done;
  });
  for (const hook of hooks.after) hook();
  return result;
}

/** Whose transaction it is; null for one that was not begun by `transact`. A database is its own. */
export function ownerOf(db: Database | Transaction): Database | null {
  return "rollback" in db ? (databaseOf.get(db) ?? null) : db;
}

/**
 * Registers work that is part of the transaction and can wait until all else is done. Answers false, and registers nothing,
 * for a transaction that was not begun by `transact`.
 */
export function beforeCommit(tx: Transaction, hook: () => Promise<void>): boolean {
  const hooks = hooksOf.get(tx);
  hooks?.before.push(hook);
  return hooks !== undefined;
}

/**
 * Registers a nudge for after the commit; outside of a transaction each statement is committed, and it comes at once.
 * It must not throw, and nothing may depend on it: a crash skips it.
 */
export function onCommit(db: Database | Transaction, hook: () => void): void {
  if ("rollback" in db) hooksOf.get(db)?.after.push(hook);
  else hook();
}
