import { DEFAULT_CHANNEL } from "@stoa/kernel";
import type { AddressView } from "@stoa/read-models";
import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, text, uniqueIndex } from "drizzle-orm/pg-core";
import { amountColumn, currencyColumn, idColumn, instantColumn } from "../../../platform/db/index.ts";
import type { DraftLine, DraftShipping, DraftState, ManualDiscount, QuotedTerms } from "../draft.ts";
import type { PaymentRequestState } from "../payment-request.ts";
import { orders } from "./schema.ts";

/** What staff put together for a customer. It becomes one order at most: the order carries its `cart_id`, and that is unique. */
export const draft = orders.table(
  "draft",
  {
    id: idColumn("id", "drf").primaryKey(),
    /** Minted here; there is no such cart. */
    cartId: idColumn("cart_id", "cart").notNull(),
    state: text("state").$type<DraftState>().notNull(),
    customerId: idColumn("customer_id", "cus"),
    email: text("email"),
    currency: currencyColumn().notNull(),
    /** Code of the sales channel whose products and prices it has. */
    channel: text("channel").notNull().default(DEFAULT_CHANNEL),
    shippingAddress: jsonb("shipping_address").$type<AddressView>(),
    billingAddress: jsonb("billing_address").$type<AddressView>(),
    lines: jsonb("lines").$type<readonly DraftLine[]>().notNull(),
    discount: jsonb("discount").$type<ManualDiscount>(),
    shipping: jsonb("shipping").$type<DraftShipping>(),
    promotionCodes: text("promotion_codes").array().notNull().default(sql`'{}'`),
    note: text("note"),
    /** The return whose goods it replaces: what they were paid pays for it first. */
    returnId: idColumn("return_id", "ret"),
    /** The order that is being made of it, or was. */
    orderId: idColumn("order_id", "ord"),
    /** Units are held for it until then; null: they are not. */
    reservedUntil: instantColumn("reserved_until"),
    version: integer("version").notNull().default(1),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("draft_cart").on(table.cartId),
    index("draft_recent").on(table.createdAt.desc(), table.id.desc()),
    index("draft_by_customer").on(table.customerId),
    check("draft_state", sql`${table.state} in ('open', 'completing', 'completed', 'cancelled')`),
    check("draft_order", sql`(${table.orderId} is not null) = (${table.state} in ('completing', 'completed'))`),
  ],
);

/**
 * A payment that somebody is asked for by a link. What is to be paid was fixed when it was sent. The link's token is derived from the id;
 * only its hash lies here.
 */
export const paymentRequest = orders.table(
  "payment_request",
  {
    id: idColumn("id", "prq").primaryKey(),
    tokenHash: text("token_hash").notNull(),
    state: text("state").$type<PaymentRequestState>().notNull(),
    draftId: idColumn("draft_id", "drf")
      .notNull()
      .references(() => draft.id),
    currency: currencyColumn().notNull(),
    amount: amountColumn("amount").notNull(),
    /** What the order will be made of, without anything personal. */
    terms: jsonb("terms").$type<QuotedTerms>().notNull(),
    expiresAt: instantColumn("expires_at").notNull(),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("payment_request_token").on(table.tokenHash),
    uniqueIndex("payment_request_one_open").on(table.draftId).where(sql`${table.state} = 'open'`),
    check("payment_request_state", sql`${table.state} in ('open', 'paid', 'revoked')`),
    check("payment_request_amount", sql`${table.amount} >= 0`),
  ],
);
