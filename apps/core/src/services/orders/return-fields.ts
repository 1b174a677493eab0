import { type CustomerId, problem, type ReturnId } from "@stoa/kernel";
import { and, asc, desc, eq, sql } from "drizzle-orm";
import {
  changedBy,
  changedByStaff,
  type FieldPatch,
  type FieldValues,
  type HeldValue,
  heldInPages,
  holding,
  readFields,
  shownToShoppers,
  type TargetsDeps,
  withDefaults,
} from "../../platform/custom-fields/index.ts";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { ActContext } from "./deps.ts";
import { order, orderReturn } from "./tables.ts";

/**
 * The values that a return begins with, and what holds where there is none. What is required is asked of whoever may say it.
 * @throws Problem `validation_failed` with the path of each value.
 */
export async function newReturnFields(
  tx: Transaction,
  by: "shopper" | TargetsDeps,
  patch: FieldPatch,
): Promise<FieldValues> {
  const values = await changedBy(tx, by, { entity: "return", before: {}, patch, isComplete: true });
  return withDefaults(await readFields(tx, "return"), values);
}

/** What of some returns' values shoppers see; nothing is asked where there is none. */
export async function shownReturnFields(
  db: Database,
  rows: readonly { readonly customFields: FieldValues }[],
): Promise<(values: FieldValues) => FieldValues> {
  if (rows.every(({ customFields }) => Object.keys(customFields).length === 0)) return () => ({});
  const fields = await readFields(db, "return");
  return (values) => shownToShoppers(fields, values);
}

/** All that the shop's own fields say of a return, for staff. @throws Problem `not_found`. */
export async function returnFieldsOf(db: Database, returnId: ReturnId): Promise<FieldValues> {
  const [row] = await db
    .select({ customFields: orderReturn.customFields })
    .from(orderReturn)
    .where(eq(orderReturn.id, returnId));
  if (!row) throw problem("not_found");
  return row.customFields;
}

export interface SaveReturnFields {
  readonly returnId: ReturnId;
  readonly values: FieldPatch;
}

/** Changes what staff say in a return's own fields. @throws Problem `not_found`, `validation_failed`. */
export async function saveReturnFields(
  { tx, now, findTargets }: Pick<ActContext, "tx" | "now"> & TargetsDeps,
  { returnId, values: patch }: SaveReturnFields,
): Promise<FieldValues> {
  const [row] = await tx
    .select({ before: orderReturn.customFields })
    .from(orderReturn)
    .where(eq(orderReturn.id, returnId))
    .for("update");
  if (!row) throw problem("not_found");
  const customFields = await changedByStaff(
    { tx, findTargets },
    { entity: "return", before: row.before, patch, isComplete: true },
  );
  await tx.update(orderReturn).set({ customFields, updatedAt: now }).where(eq(orderReturn.id, returnId));
  return customFields;
}

/** What the shop's own fields say of a customer's returns, those for staff as well. */
export async function fieldsOfReturns(db: Database, customerId: CustomerId, limit: number) {
  return db
    .select({ returnId: orderReturn.id, orderId: orderReturn.orderId, values: orderReturn.customFields })
    .from(orderReturn)
    .innerJoin(order, eq(order.id, orderReturn.orderId))
    .where(and(eq(order.customerId, customerId), sql`${orderReturn.customFields} <> '{}'`))
    .orderBy(desc(orderReturn.id))
    .limit(limit);
}

/** Every value that returns have of a field. */
export function heldByReturns(db: Database | Transaction, key: string): AsyncIterable<HeldValue> {
  return heldInPages<ReturnId>(key, ({ after, limit }) =>
    db
      .select({ id: orderReturn.id, name: order.number, customFields: orderReturn.customFields })
      .from(orderReturn)
      .innerJoin(order, eq(order.id, orderReturn.orderId))
      .where(holding(orderReturn.customFields, key, orderReturn.id, after))
      .orderBy(asc(orderReturn.id))
      .limit(limit),
  );
}
