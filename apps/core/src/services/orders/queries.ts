import { type CustomerId, cutPage, isId, type OrderId, type Page, problem } from "@stoa/kernel";
import type { OrderState, StoredOrder } from "@stoa/read-models";
import { and, desc, eq, ilike, inArray, notInArray, or, type SQL, sql } from "drizzle-orm";
import { type FieldValues, readFields, shownToShoppers } from "../../platform/custom-fields/index.ts";
import {
  type Database,
  isBehind,
  prefixPattern,
  prepared,
  type Transaction,
  type ValueOf,
} from "../../platform/db/index.ts";
import { creditsOfOrders, paymentsOfOrders } from "../payments/index.ts";
import { ordersWithParts } from "./order-rows.ts";
import { renderOrder } from "./order-view.ts";
import { shipmentsOfOrders } from "./shipments.ts";
import { order, orderLine } from "./tables.ts";

export interface VersionedOrder {
  readonly version: number;
  readonly stored: StoredOrder;
}

/**
 * The views of some orders, by id, in two statements however many they are, and one more once something
 * has been shipped or where gift cards pay. The order's row is read first, so a view is never older than the version it carries.
 */
export async function readOrders(db: Database, ids: readonly OrderId[]): Promise<Map<OrderId, VersionedOrder>> {
  if (ids.length === 0) return new Map();
  const wanted = [...new Set(ids)];
  const rows = await ordersWithParts(db, wanted);
  const idsWhere = (holds: (row: (typeof rows)[number]) => boolean) => rows.filter(holds).map((row) => row.order.id);
  const [payments, shipments, credits, fields, lineFields] = await Promise.all([
    paymentsOfOrders(db, wanted),
    shipmentsOfOrders(
      db,
      idsWhere(({ lines }) => lines.some((line) => line.shipped > 0)),
    ),
    creditsOfOrders(
      db,
      idsWhere((row) => row.order.creditTotal > 0),
    ),
    rows.some((row) => isSaid(row.order)) ? readFields(db, "order") : [],
    rows.some((row) => row.lines.some(isSaid)) ? readFields(db, "order_line") : [],
  ]);
  return new Map(
    rows.map((row) => {
      const { id, version } = row.order;
      const stored = renderOrder({
        ...row,
        payment: payments.get(id) ?? null,
        credits: credits.get(id) ?? [],
        shipments: shipments.get(id) ?? [],
        customFields: shownToShoppers(fields, row.order.customFields),
        shownOfLine: (values) => shownToShoppers(lineFields, values),
      });
      return [id, { version, stored }] as const;
    }),
  );
}

function isSaid({ customFields }: { readonly customFields: FieldValues }): boolean {
  return Object.keys(customFields).length > 0;
}

/** One order, whoever asks: the door has decided that. @throws problem `not_found`. */
export async function readOrder(db: Database, id: OrderId): Promise<StoredOrder> {
  const found = (await readOrders(db, [id])).get(id);
  if (!found) throw problem("not_found");
  return found.stored;
}

export interface OrderFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly customerId?: string | undefined;
  readonly states?: readonly OrderState[] | undefined;
  /** Number, e-mail, SKU, or an order's id. */
  readonly search?: string | undefined;
}

/** Orders, newest first. @throws problem `validation_failed` for a cursor that is none of ours. */
export async function listOrders(db: Database, filter: OrderFilter): Promise<Page<StoredOrder>> {
  const matching = matches(filter);
  const after = isBehind(filter.cursor, { at: order.placedAt, id: order.id, prefix: "ord" });
  const [page, counted] = await Promise.all([
    db
      .select({ id: order.id, placedAt: order.placedAt })
      .from(order)
      .where(and(matching, after))
      .orderBy(desc(order.placedAt), desc(order.id))
      .limit(filter.limit + 1),
    db.select({ total: sql<number>`count(*)::int` }).from(order).where(matching),
  ]);
  const { shown, nextCursor } = cutPage(page, filter.limit, ({ placedAt, id }) => [placedAt, id]);
  const views = await readOrders(
    db,
    shown.map((row) => row.id),
  );
  return {
    items: shown.flatMap((row) => views.get(row.id)?.stored ?? []),
    nextCursor,
    total: counted[0]?.total ?? 0,
  };
}

function matches({ customerId, states, search }: OrderFilter): SQL | undefined {
  return and(
    customerId === undefined ? undefined : sql`${order.customerId} = ${sql.param(customerId, order.customerId)}`,
    states && states.length > 0 ? inArray(order.state, [...states]) : undefined,
    search ? searchFor(search.trim()) : undefined,
  );
}

function searchFor(text: string): SQL | undefined {
  if (isId("ord", text)) return eq(order.id, text);
  const pattern = prefixPattern(text);
  const bySku = sql`exists (select 1 from ${orderLine} where ${orderLine.orderId} = ${order.id} and ${orderLine.sku} = ${text})`;
  return or(ilike(order.number, pattern), sql`lower(${order.email}) like lower(${pattern})`, bySku);
}

/** Whether an order has not been cancelled since it was confirmed. Waits for a cancellation that is just being written. */
export async function isStillConfirmed(tx: Transaction, orderId: OrderId): Promise<boolean> {
  const [row] = await lockedState(tx, { id: orderId });
  return row?.state === "confirmed" || row?.state === "completed";
}

const lockedState = prepared((db, value: ValueOf<{ readonly id: OrderId }>) =>
  db
    .select({ state: order.state })
    .from(order)
    .where(eq(order.id, value("id", order.id)))
    .for("update"),
);

/** Whether an order stands that was neither refused nor cancelled, by account or by e-mail address. */
export async function hasOrdered(
  db: Database | Transaction,
  { customerId, email }: { readonly customerId: CustomerId | null; readonly email: string | null },
): Promise<boolean> {
  const names = or(
    customerId === null ? undefined : eq(order.customerId, customerId),
    email === null ? undefined : sql`lower(${order.email}) = lower(${email})`,
  );
  if (!names) return false;
  const [some] = await db
    .select({ id: order.id })
    .from(order)
    .where(and(names, notInArray(order.state, ["refused", "cancelled"])))
    .limit(1);
  return some !== undefined;
}

/** @throws Error when there is no such order. */
export async function emailOfOrder(tx: Transaction, orderId: OrderId): Promise<string> {
  const [row] = await tx.select({ email: order.email }).from(order).where(eq(order.id, orderId));
  if (!row) throw new Error(`there is no order ${orderId}`);
  return row.email;
}
