import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { idColumn, instantColumn } from "../../../platform/db/columns.ts";
import type { ProviderName } from "../payment.ts";
import { payments } from "../schema.ts";

/** A customer of ours as a provider knows them, so that it can keep their cards. */
export const providerCustomer = payments.table(
  "provider_customer",
  {
    customerId: idColumn("customer_id", "cus").notNull(),
    provider: text("provider").$type<ProviderName>().notNull(),
    reference: text("reference").notNull(),
    createdAt: instantColumn("created_at").notNull(),
    /** The person is to be forgotten; the provider has yet to hear of it. */
    forgottenAt: instantColumn("forgotten_at"),
  },
  (table) => [
    primaryKey({ name: "provider_customer_pkey", columns: [table.customerId, table.provider] }),
    index("provider_customer_forgotten").on(table.forgottenAt).where(sql`${table.forgottenAt} is not null`),
    check("provider_customer_provider", sql`${table.provider} in ('stripe', 'paypal', 'manual')`),
  ],
);

/** A card or wallet that a customer has asked us to keep: the provider's token for it and what its owner knows it by, never a number. */
export const savedMethod = payments.table(
  "saved_method",
  {
    id: idColumn("id", "spm").primaryKey(),
    customerId: idColumn("customer_id", "cus").notNull(),
    provider: text("provider").$type<ProviderName>().notNull(),
    reference: text("reference").notNull(),
    brand: text("brand").notNull(),
    /** These three are printed on a card; a wallet has its account instead. */
    last4: text("last4"),
    expiryMonth: integer("expiry_month"),
    expiryYear: integer("expiry_year"),
    /** Masked, such as `a•••@shop.example`. */
    account: text("account"),
    /** The same for every token of one card or wallet; lets one that is saved again take its own place. */
    fingerprint: text("fingerprint"),
    createdAt: instantColumn("created_at").notNull(),
    /** From here on it is nobody's; the provider has yet to hear of it. */
    removedAt: instantColumn("removed_at"),
  },
  (table) => [
    uniqueIndex("saved_method_reference").on(table.provider, table.reference),
    index("saved_method_customer").on(table.customerId, table.createdAt).where(sql`${table.removedAt} is null`),
    index("saved_method_removed").on(table.removedAt).where(sql`${table.removedAt} is not null`),
    check("saved_method_provider", sql`${table.provider} in ('stripe', 'paypal', 'manual')`),
    check("saved_method_shown", sql`(${table.last4} is null) <> (${table.account} is null)`),
    check("saved_method_last4", sql`${table.last4} ~ '^[0-9]{4}$'`),
    check(
      "saved_method_expiry",
      sql`${table.expiryMonth} between 1 and 12 and ${table.expiryYear} between 2000 and 2999`,
    ),
  ],
);
