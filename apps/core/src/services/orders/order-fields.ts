import { type CustomerId, type OrderId, problem } from "@stoa/kernel";
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import {
  changedByStaff,
  type FieldPatch,
  type FieldValues,
  type HeldValue,
  heldInPages,
  holding,
  readFields,
  type TargetsDeps,
} from "../../platform/custom-fields/index.ts";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import type { ActContext } from "./deps.ts";
import { orderChanged } from "./messages.ts";
import { order, type orderLine, type orderReturn } from "./tables.ts";

/** All that the shop's own fields say of an order, for staff. @throws Problem `not_found`. */
export async function orderFieldsOf(db: Database, orderId: OrderId): Promise<FieldValues> {
  const [row] = await db.select({ customFields: order.customFields }).from(order).where(eq(order.id, orderId));
  if (!row) throw problem("not_found");
  return row.customFields;
}

export interface SaveOrderFields {
  readonly orderId: OrderId;
  readonly values: FieldPatch;
}

/** Changes what staff say in an order's own fields. @throws Problem `not_found`, `validation_failed`. */
export async function saveOrderFields(
  { tx, now, findTargets }: ActContext & TargetsDeps,
  { orderId, values }: SaveOrderFields,
): Promise<FieldValues> {
  const [row] = await tx
    .select({ customFields: order.customFields })
    .from(order)
    .where(eq(order.id, orderId))
    .for("update");
  if (!row) throw problem("not_found");
  const customFields = await changedByStaff(
    { tx, findTargets },
    { entity: "order", before: row.customFields, patch: values, isComplete: true },
  );
  await tx
    .update(order)
    .set({ customFields, version: sql`${order.version} + 1`, updatedAt: now })
    .where(eq(order.id, orderId));
  await enqueue(tx, now, [orderChanged.of(orderId, { orderId })]);
  return customFields;
}

/** What is left of some own fields when the customer is erased: what says nothing of a person. */
export async function impersonalFields(
  { tx }: Pick<ActContext, "tx">,
  entity: "order" | "order_line" | "return",
  values: typeof order.customFields | typeof orderLine.customFields | typeof orderReturn.customFields,
) {
  const fields = await readFields(tx, entity);
  const kept = JSON.stringify(fields.filter(({ isPersonal }) => !isPersonal).map(({ key }) => key));
  return sql`(select coalesce(jsonb_object_agg(f.key, f.value), '{}') from jsonb_each(${values}) f
    where f.key in (select jsonb_array_elements_text(${kept}::jsonb)))`;
}

/** What the shop's own fields say of a customer's orders, those for staff as well. */
export async function fieldsOfOrders(db: Database, customerId: CustomerId, limit: number) {
  return db
    .select({ orderId: order.id, values: order.customFields })
    .from(order)
    .where(and(eq(order.customerId, customerId), sql`${order.customFields} <> '{}'`))
    .orderBy(desc(order.id))
    .limit(limit);
}

/** Every value that orders have of a field. */
export function heldByOrders(db: Database | Transaction, key: string): AsyncIterable<HeldValue> {
  return heldInPages<OrderId>(key, ({ after, limit }) =>
    db
      .select({ id: order.id, name: order.number, customFields: order.customFields })
      .from(order)
      .where(holding(order.customFields, key, order.id, after))
      .orderBy(asc(order.id))
      .limit(limit),
  );
}

/** Those of these orders there are. */
export async function knownOrders(db: Database | Transaction, ids: readonly OrderId[]): Promise<readonly OrderId[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select({ id: order.id })
    .from(order)
    .where(inArray(order.id, [...ids]));
  return rows.map(({ id }) => id);
}
