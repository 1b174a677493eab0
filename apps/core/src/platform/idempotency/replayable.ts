import { canonicalJson, type Instant, problem } from "@stoa/kernel";
import { and, eq, lte } from "drizzle-orm";
import { prepared, type Transaction, type ValueOf } from "../db/index.ts";
import { idempotencyKey } from "../tables.ts";

export const IDEMPOTENCY_TTL_MS = 24 * 60 * 60 * 1_000;

export interface Replayable<T> {
  readonly value: T;
  readonly replayed: boolean;
}

export interface ReplayableRequest {
  readonly tx: Transaction;
  readonly now: Instant;
  /** Who and what, e.g. `cus_…:carts.create`: the same key of another caller is another key. */
  readonly scope: string;
  /** Null when the client sent none: the work then simply runs. */
  readonly key: string | null;
  readonly request: unknown;
  /** What the work will answer, where that is known before it is done: it is then written once and for all. */
  readonly foreseen?: { readonly value: unknown };
}

/**
 * Runs `work` once per (scope, key): the key, the effect and the answer commit together.
 * A second call waits for the first one's commit and gets its answer.
 * @throws problem `idempotency_key_reused` when the key came with another request within 24 hours.
 */
export async function replayable<T>(request: ReplayableRequest, work: () => Promise<T>): Promise<Replayable<T>> {
  const { tx, now, scope, key, foreseen = null } = request;
  if (key === null) return { value: await work(), replayed: false };
  const requestHash = hashOf(request.request);
  const expiresAt = (now + IDEMPOTENCY_TTL_MS) as Instant;
  const row = { scope, key, requestHash, answer: foreseen, createdAt: now, expiresAt };
  const taken = await takeKey(tx, row);
  if (taken.length === 0) return { value: await recall<T>(request, key, requestHash), replayed: true };
  const value = await work();
  if (foreseen) return { value, replayed: false };
  await keepAnswer(tx, { scope, key, answer: { value } });
  return { value, replayed: false };
}

/** The same for the same request, however its members are ordered. */
export function hashOf(request: unknown): string {
  return new Bun.CryptoHasher("sha256").update(canonicalJson(request)).digest("hex");
}

/** Answers nothing when somebody has the key already. */
const takeKey = prepared((db, value: ValueOf<typeof idempotencyKey.$inferSelect>) => {
  const now = value("createdAt", idempotencyKey.createdAt);
  const row = {
    scope: value("scope", idempotencyKey.scope),
    key: value("key", idempotencyKey.key),
    requestHash: value("requestHash", idempotencyKey.requestHash),
    answer: value("answer", idempotencyKey.answer),
    createdAt: now,
    expiresAt: value("expiresAt", idempotencyKey.expiresAt),
  };
  return db
    .insert(idempotencyKey)
    .values(row)
    .onConflictDoUpdate({
      target: [idempotencyKey.scope, idempotencyKey.key],
      set: row,
      setWhere: lte(idempotencyKey.expiresAt, now),
    })
    .returning({ key: idempotencyKey.key });
});

const keepAnswer = prepared(
  (db, value: ValueOf<Pick<typeof idempotencyKey.$inferSelect, "scope" | "key" | "answer">>) =>
    db
      .update(idempotencyKey)
      .set({ answer: value("answer", idempotencyKey.answer) })
      .where(
        and(
          eq(idempotencyKey.scope, value("scope", idempotencyKey.scope)),
          eq(idempotencyKey.key, value("key", idempotencyKey.key)),
        ),
      ),
);

async function recall<T>(request: ReplayableRequest, key: string, requestHash: string): Promise<T> {
  const [stored] = await request.tx
    .select()
    .from(idempotencyKey)
    .where(and(eq(idempotencyKey.scope, request.scope), eq(idempotencyKey.key, key)));
  if (!stored || stored.requestHash !== requestHash) throw problem("idempotency_key_reused");
  // The answer was written by this very function with the type it returns.
  return (stored.answer as { value: T }).value;
}
