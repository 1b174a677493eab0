import { type NoteId, newId, type OrderId, problem, toTimestamp } from "@stoa/kernel";
import { asc, eq, sql } from "drizzle-orm";
import { recordAudit } from "../../platform/audit/index.ts";
import { type Database, type Transaction, transact } from "../../platform/db/index.ts";
import { replayable } from "../../platform/idempotency/index.ts";
import type { StaffActor } from "../../platform/rpc/index.ts";
import type { OrdersDeps } from "./deps.ts";
import { note, order } from "./tables.ts";

export const NOTE_LENGTH_MAX = 2_000;
const NOTES_PER_ORDER_MAX = 200;

export interface NoteView {
  readonly id: NoteId;
  readonly text: string;
  readonly author: string;
  readonly at: string;
}

export interface AddNote {
  readonly orderId: OrderId;
  readonly text: string;
  readonly actor: StaffActor;
  readonly requestId: string;
  readonly idempotencyKey?: string | null;
}

/**
 * Writes a note about an order, for staff alone. @throws problem `not_found`, `state_conflict` when an order has 200 of them.
 * The audit row says that there is a note, not what it says: what is written about a person must be erasable.
 */
export async function addNote({ db, clock }: Pick<OrdersDeps, "db" | "clock">, input: AddNote): Promise<NoteView> {
  const { orderId, text, actor, requestId, idempotencyKey: key = null } = input;
  const now = clock.now();
  const scope = `${actor.staffId}:note.added`;
  return transact(db, async (tx) => {
    const { value } = await replayable({ tx, now, scope, key, request: { orderId, text } }, async () => {
      await lockWithRoom(tx, orderId);
      const id = newId("note");
      const author = { authorId: actor.staffId, authorName: actor.name };
      await tx.insert(note).values({ id, orderId, text, ...author, createdAt: now });
      const entry = { action: "note.added", entity: "order", entityId: orderId, after: { noteId: id }, requestId };
      await recordAudit(tx, { at: now, actor, ...entry });
      // The text is not kept with the key: what is written about a person must be erasable.
      return { id, at: toTimestamp(now) };
    });
    return { ...value, text, author: actor.name };
  });
}

async function lockWithRoom(tx: Transaction, orderId: OrderId): Promise<void> {
  const [locked] = await tx.select({ id: order.id }).from(order).where(eq(order.id, orderId)).for("update");
  if (!locked) throw problem("not_found");
  const [counted] = await tx.select({ total: sql<number>`count(*)::int` }).from(note).where(eq(note.orderId, orderId));
  if ((counted?.total ?? 0) >= NOTES_PER_ORDER_MAX) {
    throw problem("state_conflict", { detail: `An order holds ${NOTES_PER_ORDER_MAX} notes.` });
  }
}

/** The notes about an order, oldest first. */
export async function listNotes(db: Database, orderId: OrderId): Promise<NoteView[]> {
  const rows = await db
    .select()
    .from(note)
    .where(eq(note.orderId, orderId))
    .orderBy(asc(note.createdAt), asc(note.id))
    .limit(NOTES_PER_ORDER_MAX);
  return rows.map(({ id, text, authorName, createdAt }) => ({
    id,
    text,
    author: authorName,
    at: toTimestamp(createdAt),
  }));
}
