import { type CustomerId, isId, type OrderId, problem } from "@stoa/kernel";
import { and, asc, desc, eq, sql } from "drizzle-orm";
import {
  changedByStaff,
  type FieldPatch,
  type FieldValues,
  type HeldValue,
  heldInPages,
  type TargetsDeps,
} from "../../platform/custom-fields/index.ts";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import type { ActContext } from "./deps.ts";
import { orderChanged } from "./messages.ts";
import { order, orderLine } from "./tables.ts";

/** What the shop's own fields say of an order's lines, in their order, for staff. @throws Problem `not_found`. */
export async function lineFieldsOf(db: Database, orderId: OrderId) {
  const lines = await db
    .select({
      position: orderLine.position,
      sku: orderLine.sku,
      title: orderLine.title,
      values: orderLine.customFields,
    })
    .from(orderLine)
    .where(eq(orderLine.orderId, orderId))
    .orderBy(asc(orderLine.position));
  if (lines.length === 0) throw problem("not_found");
  return lines;
}

export interface SaveLineFields {
  readonly orderId: OrderId;
  readonly position: number;
  readonly values: FieldPatch;
}

/** Changes what staff say in the own fields of an order's line. @throws Problem `not_found`, `validation_failed`. */
export async function saveLineFields(
  { tx, now, findTargets }: ActContext & TargetsDeps,
  { orderId, position, values: patch }: SaveLineFields,
): Promise<FieldValues> {
  const line = and(eq(orderLine.orderId, orderId), eq(orderLine.position, position));
  // The order first, as everybody who changes its lines: its version grows with what its view shows.
  const changed = await tx
    .update(order)
    .set({ version: sql`${order.version} + 1`, updatedAt: now })
    .where(eq(order.id, orderId))
    .returning({ id: order.id });
  const [row] = await tx.select({ before: orderLine.customFields }).from(orderLine).where(line);
  if (changed.length === 0 || !row) throw problem("not_found");
  const customFields = await changedByStaff(
    { tx, findTargets },
    { entity: "order_line", before: row.before, patch, isComplete: true },
  );
  await tx.update(orderLine).set({ customFields }).where(line);
  await enqueue(tx, now, [orderChanged.of(orderId, { orderId })]);
  return customFields;
}

/** What the shop's own fields say of the lines of a customer's orders, those for staff as well. */
export async function fieldsOfLines(db: Database, customerId: CustomerId, limit: number) {
  return db
    .select({
      orderId: orderLine.orderId,
      position: orderLine.position,
      sku: orderLine.sku,
      values: orderLine.customFields,
    })
    .from(orderLine)
    .innerJoin(order, eq(order.id, orderLine.orderId))
    .where(and(eq(order.customerId, customerId), sql`${orderLine.customFields} <> '{}'`))
    .orderBy(desc(orderLine.orderId), asc(orderLine.position))
    .limit(limit);
}

/** Every value that lines of orders have of a field; a line is named by its order and its SKU. */
export function heldByLines(db: Database | Transaction, key: string): AsyncIterable<HeldValue> {
  return heldInPages<string>(key, async ({ after, limit }) => {
    const rows = await db
      .select({
        orderId: orderLine.orderId,
        position: orderLine.position,
        sku: orderLine.sku,
        number: order.number,
        customFields: orderLine.customFields,
      })
      .from(orderLine)
      .innerJoin(order, eq(order.id, orderLine.orderId))
      .where(and(sql`${orderLine.customFields} ? ${key}`, after === null ? undefined : behind(after)))
      .orderBy(asc(orderLine.orderId), asc(orderLine.position))
      .limit(limit);
    return rows.map(({ orderId, position, sku, number, customFields }) => {
      return { id: `${orderId}/${position}`, name: `${number}: ${sku}`, customFields };
    });
  });
}

function behind(place: string) {
  const [orderId, position] = place.split("/");
  if (!isId("ord", orderId)) throw new Error(`${place} is no line of an order`);
  return sql`(${orderLine.orderId}, ${orderLine.position}) > (${sql.param(orderId, orderLine.orderId)}, ${Number(position)})`;
}
