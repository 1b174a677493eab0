import { type CustomerId, type Instant, problem } from "@stoa/kernel";
import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import {
  changedBy,
  type FieldPatch,
  type FieldValues,
  type HeldValue,
  heldInPages,
  holding,
  type TargetsDeps,
} from "../../platform/custom-fields/index.ts";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { customer } from "./tables.ts";

/** All that the shop's own fields say of a customer. @throws Problem `not_found`, for who has been erased too. */
export async function customerFieldsOf(db: Database, customerId: CustomerId): Promise<FieldValues> {
  const [row] = await db.select({ customFields: customer.customFields }).from(customer).where(living(customerId));
  if (!row) throw problem("not_found");
  return row.customFields;
}

export interface SaveCustomerFields {
  readonly customerId: CustomerId;
  readonly values: FieldPatch;
  readonly by: "shopper" | ({ readonly kind: "staff" } & TargetsDeps);
}

/** Changes what a customer's own fields say. @throws Problem `not_found`, `validation_failed`. */
export async function saveCustomerFields(
  { tx, now }: { readonly tx: Transaction; readonly now: Instant },
  { customerId, values: patch, by }: SaveCustomerFields,
): Promise<FieldValues> {
  const [row] = await tx
    .select({ customFields: customer.customFields })
    .from(customer)
    .where(living(customerId))
    .for("update");
  if (!row) throw problem("not_found");
  const customFields = await changedBy(tx, by, {
    entity: "customer",
    before: row.customFields,
    patch,
    isComplete: true,
  });
  await tx
    .update(customer)
    .set({ customFields, updatedAt: now, version: sql`${customer.version} + 1` })
    .where(eq(customer.id, customerId));
  return customFields;
}

function living(customerId: CustomerId) {
  return and(eq(customer.id, customerId), isNull(customer.erasedAt));
}

/** Every value that customers have of a field. */
export function heldByCustomers(db: Database | Transaction, key: string): AsyncIterable<HeldValue> {
  return heldInPages<CustomerId>(key, ({ after, limit }) =>
    db
      .select({ id: customer.id, name: customer.email, customFields: customer.customFields })
      .from(customer)
      .where(holding(customer.customFields, key, customer.id, after))
      .orderBy(asc(customer.id))
      .limit(limit),
  );
}

/** Those of these customers there are, and who have not been erased. */
export async function livingCustomers(
  db: Database | Transaction,
  ids: readonly CustomerId[],
): Promise<readonly CustomerId[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select({ id: customer.id })
    .from(customer)
    .where(and(inArray(customer.id, [...ids]), isNull(customer.erasedAt)));
  return rows.map(({ id }) => id);
}
