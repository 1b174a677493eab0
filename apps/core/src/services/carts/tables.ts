import { DEFAULT_CHANNEL } from "@stoa/kernel";
import type { AddressView } from "@stoa/read-models";
import { sql } from "drizzle-orm";
import {
  bigserial,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { FieldValues } from "../../platform/custom-fields/index.ts";
import { amountColumn, currencyColumn, idColumn, instantColumn } from "../../platform/db/index.ts";
import type { CartState } from "./cart.ts";
import type { StoredCredit } from "./cart-credits.ts";
import type { PromotionCondition, PromotionEffect } from "./promotion.ts";
import type { ShippingRates } from "./shipping.ts";

export const carts = pgSchema("carts");

/**
 * A basket. Every change raises `version` under a guard on `state`, so changes to one cart follow each other and none is lost.
 * `order_id` names the order that is being made of it, or was.
 */
export const cart = carts.table(
  "cart",
  {
    id: idColumn("id", "cart").primaryKey(),
    state: text("state").$type<CartState>().notNull(),
    customerId: idColumn("customer_id", "cus"),
    email: text("email"),
    currency: currencyColumn().notNull(),
    /** Code of the sales channel it was made in. */
    channel: text("channel").notNull().default(DEFAULT_CHANNEL),
    shippingAddress: jsonb("shipping_address").$type<AddressView>(),
    billingAddress: jsonb("billing_address").$type<AddressView>(),
    shippingOptionId: idColumn("shipping_option_id", "shp"),
    promotionCodes: text("promotion_codes").array().notNull().default(sql`'{}'`),
    /** Gift cards and store credit that are to pay for it, in the order in which they were taken. */
    credits: jsonb("credits").$type<readonly StoredCredit[]>().notNull().default([]),
    /** What shoppers say in the shop's own fields of orders; the order takes it over. */
    customFields: jsonb("custom_fields").$type<FieldValues>().notNull().default({}),
    orderId: idColumn("order_id", "ord"),
    mergedInto: idColumn("merged_into", "cart"),
    version: integer("version").notNull().default(1),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
    expiresAt: instantColumn("expires_at").notNull(),
  },
  (table) => [
    index("cart_of_customer").on(table.customerId, table.updatedAt.desc()).where(sql`${table.state} = 'open'`),
    index("cart_expiry").on(table.expiresAt),
    check("cart_state", sql`${table.state} in ('open', 'completing', 'completed', 'merged')`),
    check("cart_order", sql`(${table.orderId} is not null) = (${table.state} in ('completing', 'completed'))`),
    check("cart_merged", sql`(${table.mergedInto} is not null) = (${table.state} = 'merged')`),
  ],
);

/** One row per SKU, shown in the order in which they came. */
export const cartLine = carts.table(
  "cart_line",
  {
    cartId: idColumn("cart_id", "cart")
      .notNull()
      .references(() => cart.id, { onDelete: "cascade" }),
    sku: text("sku").notNull(),
    quantity: integer("quantity").notNull(),
    /** What one unit cost when the shopper last set the line, in minor units: shown beside today's price, never paid. */
    seenAmount: amountColumn("seen_amount"),
    /** What shoppers say in the shop's own fields of order lines; the order's line takes it over. */
    customFields: jsonb("custom_fields").$type<FieldValues>().notNull().default({}),
    seq: bigserial("seq", { mode: "number" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.cartId, table.sku] }),
    check("cart_line_quantity", sql`${table.quantity} between 1 and 999`),
  ],
);

/** A reduction by code, or by itself when `code` is null. `used` counts its rows in `promotion_usage`. */
export const promotion = carts.table(
  "promotion",
  {
    id: idColumn("id", "prm").primaryKey(),
    code: text("code"),
    name: text("name").notNull(),
    effect: jsonb("effect").$type<PromotionEffect>().notNull(),
    /** The lowest is applied first. */
    priority: integer("priority").notNull().default(100),
    isStackable: boolean("stackable").notNull().default(true),
    startsAt: instantColumn("starts_at"),
    endsAt: instantColumn("ends_at"),
    usageLimit: integer("usage_limit"),
    usageLimitPerCustomer: integer("usage_limit_per_customer"),
    used: integer("used").notNull().default(0),
    isActive: boolean("active").notNull().default(true),
    version: integer("version").notNull().default(1),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("promotion_code_unique").on(sql`upper(${table.code})`),
    index("promotion_automatic").on(table.priority).where(sql`${table.code} is null and ${table.isActive}`),
    check(
      "promotion_used",
      sql`${table.used} >= 0 and (${table.usageLimit} is null or ${table.used} <= ${table.usageLimit})`,
    ),
  ],
);

/** What must hold for a promotion to apply, or what it is confined to. All rules of one promotion hold together. */
export const promotionRule = carts.table(
  "promotion_rule",
  {
    promotionId: idColumn("promotion_id", "prm")
      .notNull()
      .references(() => promotion.id, { onDelete: "cascade" }),
    position: integer("position").notNull(),
    condition: jsonb("condition").$type<PromotionCondition>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.promotionId, table.position] })],
);

/** A promotion counts once for each order. */
export const promotionUsage = carts.table(
  "promotion_usage",
  {
    promotionId: idColumn("promotion_id", "prm")
      .notNull()
      .references(() => promotion.id),
    orderId: idColumn("order_id", "ord").notNull(),
    /** Who used it, by every name that is known: `cus_…`, and the hash of the e-mail address in lower case. */
    customerKeys: text("customer_keys").array().notNull(),
    takenAt: instantColumn("taken_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.promotionId, table.orderId] }),
    index("promotion_usage_of_order").on(table.orderId),
  ],
);

/** How often each customer has used a promotion: the row that a per-customer limit is guarded by. */
export const promotionCustomer = carts.table(
  "promotion_customer",
  {
    promotionId: idColumn("promotion_id", "prm")
      .notNull()
      .references(() => promotion.id),
    customerKey: text("customer_key").notNull(),
    used: integer("used").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.promotionId, table.customerKey] }),
    check("promotion_customer_used", sql`${table.used} >= 0`),
  ],
);

/** Countries, or regions of them, that are shipped to alike. Without any: everywhere that no other zone names. */
export const shippingZone = carts.table(
  "shipping_zone",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    countries: text("countries").array().notNull(),
    /** Each as `US/ca`; a region goes before its country. */
    regions: text("regions").array().notNull().default(sql`'{}'`),
    createdAt: instantColumn("created_at").notNull(),
  },
  (table) => [uniqueIndex("shipping_zone_name_unique").on(table.name)],
);

export const shippingOption = carts.table(
  "shipping_option",
  {
    id: idColumn("id", "shp").primaryKey(),
    zoneId: uuid("zone_id")
      .notNull()
      .references(() => shippingZone.id),
    name: text("name").notNull(),
    /** By currency; a currency that is absent cannot be shipped by this option. */
    rates: jsonb("rates").$type<ShippingRates>().notNull(),
    position: integer("position").notNull(),
    isActive: boolean("active").notNull().default(true),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [uniqueIndex("shipping_option_name_unique").on(table.zoneId, table.name)],
);

/** A rate for a country, or for one region of it (which then goes first), and a tax class. */
export const taxRate = carts.table(
  "tax_rate",
  {
    id: uuid("id").primaryKey(),
    country: text("country").notNull(),
    /** "" for the whole country. */
    region: text("region").notNull().default(""),
    taxClass: text("tax_class").notNull(),
    name: text("name").notNull(),
    /** 1900 = 19 %. */
    basisPoints: integer("basis_points").notNull(),
    /** Whether prices already hold this tax. */
    isIncluded: boolean("included").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("tax_rate_unique").on(table.country, table.region, table.taxClass),
    check("tax_rate_share", sql`${table.basisPoints} between 0 and 10000`),
  ],
);
