import { type Currency, type GiftCardId, type OrderId, toUuid } from "@stoa/kernel";
import { type SQL, sql } from "drizzle-orm";
import { type Actor, describeActor } from "../../../platform/rpc/index.ts";
import type { VerbContext } from "../attempt.ts";
import type { GiftCardEntryType } from "./credit.ts";
import { postEntries } from "./credit-ledger.ts";

/** A change of one card's balance on behalf of somebody. */
export interface EntryNote {
  readonly giftCardId: GiftCardId;
  readonly type: GiftCardEntryType;
  /** Minor units of the card's currency. */
  readonly amount: number;
  readonly currency: Currency;
  /** What it is about; together with the card and the type it counts once. */
  readonly cause: string;
  readonly orderId?: OrderId | null;
  readonly reason?: string | null;
  readonly actor: Actor;
}

/** The columns of an entry, and their values behind its card and amount, for the statements that write one. */
export const entryColumns = sql`payments.gift_card_entry
  (gift_card_id, amount, type, cause, order_id, reason, actor_kind, actor_id, at)`;

export function entryValues({ now }: VerbContext, note: Omit<EntryNote, "giftCardId" | "amount" | "currency">): SQL {
  const { type, cause, orderId = null, reason = null } = note;
  const actor = describeActor(note.actor);
  return sql`${type}::text, ${cause}::text, ${orderId && toUuid(orderId)}::uuid, ${reason}::text,
    ${actor.kind}::text, ${actor.id}::text, ${timestamp(now)}`;
}

export function timestamp(instant: number): SQL {
  return sql`${new Date(instant).toISOString()}::timestamptz`;
}

/**
 * Adds to a balance: entry, balance and ledger. Answers false, and changes nothing, when this cause has been counted.
 */
export async function addToBalance(context: VerbContext, note: EntryNote): Promise<boolean> {
  const { tx, now } = context;
  const added = await tx.execute(sql`
    with noted as (
      insert into ${entryColumns} values (${toUuid(note.giftCardId)}::uuid, ${note.amount}::bigint, ${entryValues(context, note)})
      on conflict (gift_card_id, type, cause) do nothing
      returning gift_card_id, amount
    )
    update payments.gift_card card set balance = card.balance + noted.amount, updated_at = ${timestamp(now)}
    from noted where card.id = noted.gift_card_id
    returning card.id`);
  if (added.length === 0) return false;
  await postEntries(context, [note]);
  return true;
}

/**
 * Takes `-note.amount` (an adjustment) or `note.amount` (an expiry) off what is not held.
 * One guarded statement decides; answers false, and changes nothing, when less than that is free.
 */
export async function takeFromBalance(context: VerbContext, note: EntryNote): Promise<boolean> {
  const { tx, now } = context;
  const taken = Math.abs(note.amount);
  const written = await tx.execute(sql`
    with taken as (
      update payments.gift_card set balance = balance - ${taken}::bigint, updated_at = ${timestamp(now)}
      where id = ${toUuid(note.giftCardId)}::uuid and balance - held >= ${taken}::bigint
      returning id
    )
    insert into ${entryColumns} select taken.id, ${note.amount}::bigint, ${entryValues(context, note)} from taken
    returning seq`);
  if (written.length === 0) return false;
  await postEntries(context, [note]);
  return true;
}
