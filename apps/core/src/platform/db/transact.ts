import type { Database, Transaction } from "./database.ts";

const afterCommit = new WeakMap<Transaction, (() => void)[]>();

/**
 * Runs `work` in one transaction; a throw rolls it back and passes through.
 * What `onCommit` registered runs after the commit and only then.
 */
export async function transact<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const hooks: (() => void)[] = [];
  const result = await db.transaction(async (tx) => {
    afterCommit.set(tx, hooks);
    return work(tx);
  });
  for (const hook of hooks) hook();
  return result;
}

/** Registers a nudge for after the commit. It must not throw, and nothing may depend on it: a crash skips it. */
export function onCommit(tx: Transaction, hook: () => void): void {
  afterCommit.get(tx)?.push(hook);
}
