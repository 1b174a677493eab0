import { DEFAULT_CHANNEL } from "@stoa/kernel";
import type { AddressView, OrderState, ShippingMethodView } from "@stoa/read-models";
import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { FieldValues } from "../../../platform/custom-fields/index.ts";
import { amountColumn, currencyColumn, idColumn, instantColumn } from "../../../platform/db/index.ts";
import { orders } from "./schema.ts";

/** Human order numbers, gaps allowed: a number taken by a transaction that is rolled back is lost. */
export const orderNumber = orders.sequence("order_number", { startWith: 10_001 });

export interface StoredRefusal {
  readonly code: string;
  readonly detail: string;
  /** Members the refusal adds to a problem body: items, totals, declineCode. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface StoredPromotion {
  readonly promotionId: string;
  readonly code: string | null;
  /** Minor units of the order's currency. */
  readonly discount: number;
}

/** Tax on one line or on shipping, as it was when the order was placed. Amounts are minor units of the order's currency. */
export interface StoredTax {
  /** Of the order line; null for shipping. */
  readonly position: number | null;
  readonly name: string;
  /** 1900 = 19 %. */
  readonly basisPoints: number;
  /** Whether the price already held it. */
  readonly included: boolean;
  /** What it is a share of, after discounts. */
  readonly taxable: number;
  readonly amount: number;
}

export const order = orders.table(
  "order",
  {
    id: idColumn("id", "ord").primaryKey(),
    number: text("number").notNull(),
    /** The cart it was checked out from, or the one that its draft minted. */
    cartId: idColumn("cart_id", "cart"),
    /** The return whose goods this order replaces. */
    replacesReturnId: idColumn("replaces_return_id", "ret"),
    customerId: idColumn("customer_id", "cus"),
    email: text("email").notNull(),
    currency: currencyColumn().notNull(),
    /** Code of the sales channel it was bought in. */
    channel: text("channel").notNull().default(DEFAULT_CHANNEL),
    state: text("state").$type<OrderState>().notNull(),
    refusal: jsonb("refusal").$type<StoredRefusal>(),
    shippingAddress: jsonb("shipping_address").$type<AddressView>().notNull(),
    billingAddress: jsonb("billing_address").$type<AddressView>(),
    shippingMethod: jsonb("shipping_method").$type<ShippingMethodView>().notNull(),
    promotions: jsonb("promotions").$type<readonly StoredPromotion[]>().notNull(),
    paymentProvider: text("payment_provider").$type<"stripe" | "paypal" | "manual">().notNull(),
    subtotal: amountColumn("subtotal").notNull(),
    discount: amountColumn("discount").notNull(),
    /** Before the discount on it. */
    shipping: amountColumn("shipping").notNull(),
    /** The part of `discount` that shipping got. */
    shippingDiscount: amountColumn("shipping_discount").notNull().default(0),
    /** All taxes, those that prices hold too; `taxes` tells them apart. */
    tax: amountColumn("tax").notNull(),
    /** The part of `tax` that is on shipping, and whether `shipping` already held it. */
    shippingTax: amountColumn("shipping_tax").notNull().default(0),
    shippingTaxIncluded: boolean("shipping_tax_included").notNull().default(false),
    /** One for each line and for shipping, where there is a rate: what refunds and invoices go by. */
    taxes: jsonb("taxes").$type<readonly StoredTax[]>().notNull().default([]),
    /** subtotal − discount + shipping + the taxes that prices do not hold. */
    total: amountColumn("total").notNull(),
    /** What gift cards and store credit were to pay of the total when it was placed; the payments service has them one by one. */
    creditTotal: amountColumn("credit_total").notNull().default(0),
    /** What units that were taken out by edits have paid of units that were put in: no money has moved for it. */
    setOff: amountColumn("set_off").notNull().default(0),
    /** What the shop's own fields of orders say of it. */
    customFields: jsonb("custom_fields").$type<FieldValues>().notNull().default({}),
    /** SHA-256 (hex) of the token with which a guest sees the order. */
    accessTokenHash: text("access_token_hash").notNull(),
    placedAt: instantColumn("placed_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
    /** Grows with every change that shows; the read model's version. */
    version: integer("version").notNull().default(1),
  },
  (table) => [
    uniqueIndex("order_number_unique").on(table.number),
    uniqueIndex("order_one_per_cart").on(table.cartId).where(sql`${table.state} <> 'refused'`),
    uniqueIndex("order_one_per_return").on(table.replacesReturnId).where(sql`${table.state} <> 'refused'`),
    index("order_by_customer").on(table.customerId, table.placedAt.desc()),
    index("order_by_email").on(sql`lower(${table.email})`),
    index("order_by_placed").on(table.placedAt.desc(), table.id.desc()),
    index("order_by_state").on(table.state, table.placedAt.desc()),
    check(
      "order_state",
      sql`${table.state} in ('pending', 'confirmed', 'completed', 'refused', 'cancelled', 'on_hold')`,
    ),
    check("order_refusal", sql`(${table.state} = 'refused') = (${table.refusal} is not null)`),
    check("order_total_not_negative", sql`${table.total} >= 0`),
  ],
);
