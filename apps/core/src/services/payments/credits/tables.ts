import { sql } from "drizzle-orm";
import { bigserial, check, index, integer, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { amountColumn, currencyColumn, idColumn, instantColumn } from "../../../platform/db/columns.ts";
import { payments } from "../schema.ts";
import type { CreditKind, CreditTenderState, GiftCardEntryType } from "./credit.ts";

/**
 * Money that the shop owes: a gift card belongs to whoever knows its code, store credit to one customer, one account a currency.
 * `balance` and `held` are the projection of its entries; what can be spent is `balance - held`.
 */
export const giftCard = payments.table(
  "gift_card",
  {
    id: idColumn("id", "gft").primaryKey(),
    kind: text("kind").$type<CreditKind>().notNull(),
    /** SHA-256 (hex) of the code; the code itself is nowhere. Null for store credit. */
    codeHash: text("code_hash"),
    last4: text("last4"),
    customerId: idColumn("customer_id", "cus"),
    currency: currencyColumn().notNull(),
    balance: amountColumn("balance").notNull().default(0),
    held: amountColumn("held").notNull().default(0),
    expiresAt: instantColumn("expires_at"),
    disabledAt: instantColumn("disabled_at"),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("gift_card_code").on(table.codeHash),
    uniqueIndex("gift_card_store_credit")
      .on(table.customerId, table.currency)
      .where(sql`${table.kind} = 'store_credit'`),
    index("gift_card_last4").on(table.last4),
    index("gift_card_recent").on(table.createdAt.desc(), table.id.desc()),
    index("gift_card_expiry")
      .on(table.expiresAt)
      .where(sql`${table.expiresAt} is not null and ${table.balance} > ${table.held}`),
    check("gift_card_kind", sql`${table.kind} in ('gift_card', 'store_credit', 'exchange')`),
    check("gift_card_code_of_kind", sql`(${table.kind} = 'gift_card') = (${table.codeHash} is not null)`),
    check("gift_card_owner", sql`${table.kind} <> 'store_credit' or ${table.customerId} is not null`),
    check("gift_card_sums", sql`0 <= ${table.held} and ${table.held} <= ${table.balance}`),
  ],
);

/** Everything that ever happened to a balance; append-only. A cause counts once. */
export const giftCardEntry = payments.table(
  "gift_card_entry",
  {
    seq: bigserial("seq", { mode: "number" }).primaryKey(),
    giftCardId: idColumn("gift_card_id", "gft")
      .notNull()
      .references(() => giftCard.id),
    type: text("type").$type<GiftCardEntryType>().notNull(),
    /** Minor units; an adjustment may be negative, and what is converted back. */
    amount: amountColumn("amount").notNull(),
    cause: text("cause").notNull(),
    orderId: idColumn("order_id", "ord"),
    reason: text("reason"),
    actorKind: text("actor_kind").notNull(),
    actorId: text("actor_id").notNull(),
    at: instantColumn("at").notNull(),
  },
  (table) => [
    uniqueIndex("gift_card_entry_once").on(table.giftCardId, table.type, table.cause),
    check(
      "gift_card_entry_type",
      sql`${table.type} in ('issued', 'held', 'released', 'redeemed', 'refunded', 'adjusted', 'converted', 'expired')`,
    ),
    check(
      "gift_card_entry_amount",
      sql`${table.amount} <> 0 and (${table.amount} > 0 or ${table.type} in ('adjusted', 'converted'))`,
    ),
  ],
);

/** What an order takes from a gift card or store credit. */
export const creditTender = payments.table(
  "credit_tender",
  {
    orderId: idColumn("order_id", "ord").notNull(),
    giftCardId: idColumn("gift_card_id", "gft")
      .notNull()
      .references(() => giftCard.id),
    position: integer("position").notNull(),
    state: text("state").$type<CreditTenderState>().notNull(),
    amount: amountColumn("amount").notNull(),
    refunded: amountColumn("refunded").notNull().default(0),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ name: "credit_tender_pkey", columns: [table.orderId, table.giftCardId] }),
    index("credit_tender_card").on(table.giftCardId),
    check("credit_tender_state", sql`${table.state} in ('held', 'redeemed', 'released')`),
    check("credit_tender_amount", sql`${table.amount} > 0`),
    check(
      "credit_tender_refunded",
      sql`0 <= ${table.refunded} and ${table.refunded} <= case when ${table.state} = 'redeemed' then ${table.amount} else 0 end`,
    ),
  ],
);

/**
 * Money that was paid for an order and became credit instead of going back: where it came from, and what of it has gone back there
 * since. It counts in `payment.credited`, or as refunded by what an order took from a card.
 */
export const creditSource = payments.table(
  "credit_source",
  {
    seq: bigserial("seq", { mode: "number" }).primaryKey(),
    /** What it became. */
    giftCardId: idColumn("gift_card_id", "gft")
      .notNull()
      .references(() => giftCard.id),
    /** Whose money it was, and the payment, or the gift card, that had paid it. */
    orderId: idColumn("order_id", "ord").notNull(),
    paymentId: idColumn("payment_id", "pay"),
    fromCardId: idColumn("from_card_id", "gft").references(() => giftCard.id),
    cause: text("cause").notNull(),
    amount: amountColumn("amount").notNull(),
    returned: amountColumn("returned").notNull().default(0),
    createdAt: instantColumn("created_at").notNull(),
  },
  (table) => [
    index("credit_source_card").on(table.giftCardId),
    index("credit_source_payment").on(table.paymentId),
    index("credit_source_tender").on(table.orderId, table.fromCardId),
    check("credit_source_origin", sql`(${table.paymentId} is null) <> (${table.fromCardId} is null)`),
    check(
      "credit_source_amount",
      sql`${table.amount} > 0 and 0 <= ${table.returned} and ${table.returned} <= ${table.amount}`,
    ),
  ],
);
