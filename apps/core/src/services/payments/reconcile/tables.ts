import { sql } from "drizzle-orm";
import { bigserial, boolean, check, index, integer, jsonb, text, uniqueIndex } from "drizzle-orm/pg-core";
import { idColumn, instantColumn } from "../../../platform/db/columns.ts";
import type { ProviderName } from "../payment.ts";
import { payments } from "../schema.ts";
import type { MismatchKind } from "./mismatch.ts";
import type { RepairAction } from "./repair.ts";

/** A comparison of our books with a provider's own. */
export const reconciliationRun = payments.table(
  "reconciliation_run",
  {
    id: idColumn("id", "rcn").primaryKey(),
    /** A run of one name is made once; the nightly ones are named by their day. */
    name: text("name").notNull(),
    provider: text("provider").$type<ProviderName>().notNull(),
    fromAt: instantColumn("from_at").notNull(),
    untilAt: instantColumn("until_at").notNull(),
    /** Who asked: `nightly`, `cli`, or a staff member's id. */
    trigger: text("trigger").notNull(),
    /** False only lists. */
    repairs: boolean("repairs").notNull().default(true),
    state: text("state").$type<"running" | "done" | "failed">().notNull(),
    /** Everything before this has been compared; a run that broke off goes on from here. */
    coveredUntil: instantColumn("covered_until"),
    /** Until when somebody is at it. */
    leaseUntil: instantColumn("lease_until"),
    /** Turns that failed, one after another. */
    failures: integer("failures").notNull().default(0),
    /** Until when the provider's statement told of what it did; later movements are for the next run. */
    statementUntil: instantColumn("statement_until"),
    /** Lines of the provider's statement, and those among them that bear no mark of ours. */
    listed: integer("listed").notNull().default(0),
    unmarked: integer("unmarked").notNull().default(0),
    compared: integer("compared").notNull().default(0),
    found: integer("found").notNull().default(0),
    repaired: integer("repaired").notNull().default(0),
    error: text("error"),
    startedAt: instantColumn("started_at").notNull(),
    finishedAt: instantColumn("finished_at"),
  },
  (table) => [
    uniqueIndex("reconciliation_run_name").on(table.name),
    index("reconciliation_run_recent").on(table.startedAt),
    index("reconciliation_run_open").on(table.leaseUntil).where(sql`${table.state} = 'running'`),
    check("reconciliation_run_state", sql`${table.state} in ('running', 'done', 'failed')`),
  ],
);

/** What did not agree, and what was done about it. */
export const reconciliationItem = payments.table(
  "reconciliation_item",
  {
    seq: bigserial("seq", { mode: "number" }).primaryKey(),
    runId: idColumn("run_id", "rcn")
      .notNull()
      .references(() => reconciliationRun.id),
    kind: text("kind").$type<MismatchKind>().notNull(),
    reference: text("reference"),
    paymentId: idColumn("payment_id", "pay"),
    orderId: idColumn("order_id", "ord"),
    ours: jsonb("ours"),
    theirs: jsonb("theirs"),
    action: text("action").$type<RepairAction>(),
    result: text("result").$type<"repaired" | "listed" | "failed">().notNull(),
    note: text("note"),
    at: instantColumn("at").notNull(),
  },
  (table) => [
    index("reconciliation_item_run").on(table.runId),
    check(
      "reconciliation_item_kind",
      sql`${table.kind} in ('missing_here', 'missing_there', 'amount_differs', 'state_differs', 'duplicate_charge')`,
    ),
    check("reconciliation_item_result", sql`${table.result} in ('repaired', 'listed', 'failed')`),
  ],
);
