import type { Currency, CustomerId, GiftCardId, Instant } from "@stoa/kernel";
import { and, eq, inArray } from "drizzle-orm";
import type { Database, Transaction } from "../../../platform/db/index.ts";
import { giftCard } from "../tables.ts";
import { isUsable, type SpendableKind } from "./credit.ts";
import { hashGiftCardCode, normalizeGiftCardCode } from "./gift-card-code.ts";

/** A gift card or store credit as somebody may spend it. */
export interface Credit {
  readonly id: GiftCardId;
  readonly kind: SpendableKind;
  readonly last4: string | null;
  readonly currency: Currency;
  /** What is left that no order holds, in minor units; 0 once it has ended. */
  readonly available: number;
  readonly expiresAt: Instant | null;
  /** Whose store credit it is; null for a gift card, which belongs to whoever knows its code. */
  readonly ownerId: CustomerId | null;
}

interface Reading {
  readonly db: Database | Transaction;
  readonly now: Instant;
}

/** Those of the ids that exist, in no order. */
export async function findCredits({ db, now }: Reading, ids: readonly GiftCardId[]): Promise<Credit[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select()
    .from(giftCard)
    .where(inArray(giftCard.id, [...ids]));
  return rows.flatMap((row) => creditOf(row, now) ?? []);
}

/** The card of a code, however it was typed; null for an unknown one as for one that has ended, so that nobody learns which. */
export async function findGiftCard({ db, now }: Reading, typed: string): Promise<Credit | null> {
  const code = normalizeGiftCardCode(typed);
  if (code === null) return null;
  const [row] = await db
    .select()
    .from(giftCard)
    .where(eq(giftCard.codeHash, hashGiftCardCode(code)));
  return row && isUsable(row, now) ? creditOf(row, now) : null;
}

/** A customer's store credit, one account a currency. */
export async function findStoreCredit({ db, now }: Reading, customerId: CustomerId): Promise<Credit[]> {
  const rows = await db
    .select()
    .from(giftCard)
    .where(and(eq(giftCard.kind, "store_credit"), eq(giftCard.customerId, customerId)))
    .orderBy(giftCard.currency);
  return rows.flatMap((row) => creditOf(row, now) ?? []);
}

/** The three questions at once, for whoever is handed them instead of asking this service. */
export const creditSource = { byIds: findCredits, byCode: findGiftCard, ofCustomer: findStoreCredit };

/** Null for what pays for an exchange, which nobody can spend. */
function creditOf(row: typeof giftCard.$inferSelect, now: Instant): Credit | null {
  const { id, kind, last4, currency, expiresAt } = row;
  if (kind === "exchange") return null;
  const available = isUsable(row, now) ? row.balance - row.held : 0;
  return { id, kind, last4, currency, available, expiresAt, ownerId: kind === "store_credit" ? row.customerId : null };
}
