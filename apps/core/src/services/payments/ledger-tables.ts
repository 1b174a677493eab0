import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, primaryKey, text } from "drizzle-orm/pg-core";
import { amountColumn, currencyColumn, idColumn, instantColumn } from "../../platform/db/columns.ts";
import { giftCard } from "./credits/tables.ts";
import type { LedgerAccountKind } from "./ledger.ts";
import { payment } from "./payment-tables.ts";
import { payments } from "./schema.ts";

export const ledgerAccount = payments.table(
  "ledger_account",
  { code: text("code").primaryKey(), kind: text("kind").$type<LedgerAccountKind>().notNull() },
  (table) => [check("ledger_account_kind", sql`${table.kind} in ('memo', 'asset', 'liability', 'income', 'expense')`)],
);

/** What belongs together in the ledger. Each posting is about one payment, or about one gift card. */
export const ledgerPosting = payments.table(
  "ledger_posting",
  {
    key: text("key").primaryKey(),
    paymentId: idColumn("payment_id", "pay").references(() => payment.id),
    giftCardId: idColumn("gift_card_id", "gft").references(() => giftCard.id),
    postedAt: instantColumn("posted_at").notNull(),
  },
  (table) => [
    index("ledger_posting_payment").on(table.paymentId),
    index("ledger_posting_gift_card").on(table.giftCardId).where(sql`${table.giftCardId} is not null`),
    check("ledger_posting_subject", sql`(${table.paymentId} is null) <> (${table.giftCardId} is null)`),
  ],
);

/** A debit is positive, a credit negative. A deferred trigger refuses a posting whose entries do not add up to zero. */
export const ledgerEntry = payments.table(
  "ledger_entry",
  {
    postingKey: text("posting_key").notNull(),
    line: integer("line").notNull(),
    account: text("account").notNull(),
    currency: currencyColumn().notNull(),
    amount: amountColumn("amount").notNull(),
  },
  (table) => [
    primaryKey({ name: "ledger_entry_pkey", columns: [table.postingKey, table.line] }),
    foreignKey({ name: "ledger_entry_posting", columns: [table.postingKey], foreignColumns: [ledgerPosting.key] }),
    foreignKey({ name: "ledger_entry_account", columns: [table.account], foreignColumns: [ledgerAccount.code] }),
    index("ledger_entry_account_balance").on(table.account, table.currency),
  ],
);
