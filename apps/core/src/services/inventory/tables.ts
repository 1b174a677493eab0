import { sql } from "drizzle-orm";
import {
  bigint,
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
} from "drizzle-orm/pg-core";
import type { FieldValues } from "../../platform/custom-fields/index.ts";
import { idColumn, instantColumn } from "../../platform/db/index.ts";
import type { AllocationStatus, LocationKind, MovementKind, ReservationStatus, TransferState } from "./stock.ts";

export const inventory = pgSchema("inventory");

/** A place that holds stock. The lowest priority number is taken from first. */
export const location = inventory.table(
  "location",
  {
    id: idColumn("id", "loc").primaryKey(),
    code: text("code").notNull(),
    name: text("name").notNull(),
    kind: text("kind").$type<LocationKind>().notNull(),
    priority: integer("priority").notNull(),
    /** What the shop's own fields of locations say of it. */
    customFields: jsonb("custom_fields").$type<FieldValues>().notNull().default({}),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("location_code_unique").on(table.code),
    check("location_kind", sql`${table.kind} in ('warehouse', 'store')`),
  ],
);

/**
 * What holds for a SKU over all locations. Whoever changes a level locks this row first, in SKU order, so no two writers wait
 * for each other in a circle. `version` grows whenever what can be bought changes.
 */
export const stockItem = inventory.table(
  "stock_item",
  {
    sku: text("sku").primaryKey(),
    version: bigint("version", { mode: "number" }).notNull().default(1),
    tracked: boolean("tracked").notNull().default(true),
    allowBackorder: boolean("allow_backorder").notNull().default(false),
    /** At or below this many available units an alert opens; null: none. */
    alertThreshold: integer("alert_threshold"),
  },
  (table) => [check("stock_item_threshold", sql`${table.alertThreshold} >= 0`)],
);

/**
 * Units of one SKU in one place. The four counters are sums over `stock_movement`; `incoming` is on its way here and cannot be
 * bought yet; `buffer` is kept back from sale.
 */
export const stockLevel = inventory.table(
  "stock_level",
  {
    sku: text("sku")
      .notNull()
      .references(() => stockItem.sku),
    locationId: idColumn("location_id", "loc")
      .notNull()
      .references(() => location.id),
    onHand: integer("on_hand").notNull().default(0),
    reserved: integer("reserved").notNull().default(0),
    allocated: integer("allocated").notNull().default(0),
    incoming: integer("incoming").notNull().default(0),
    buffer: integer("buffer").notNull().default(0),
    allowBackorder: boolean("allow_backorder").notNull().default(false),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.sku, table.locationId] }),
    index("stock_level_location").on(table.locationId),
    check("stock_level_counters", sql`${table.reserved} >= 0 and ${table.allocated} >= 0 and ${table.buffer} >= 0`),
    check("stock_level_incoming", sql`${table.incoming} >= 0`),
    check(
      "stock_level_not_oversold",
      sql`${table.allowBackorder} or ${table.onHand} - ${table.reserved} - ${table.allocated} - ${table.buffer} >= 0`,
    ),
  ],
);

/** Units kept for one holder (an order or a cart) until `expires_at`. At most one is alive per holder. */
export const reservation = inventory.table(
  "reservation",
  {
    id: idColumn("id", "res").primaryKey(),
    holder: text("holder").notNull(),
    status: text("status").$type<ReservationStatus>().notNull(),
    expiresAt: instantColumn("expires_at").notNull(),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("reservation_one_alive").on(table.holder).where(sql`${table.status} in ('held', 'committed')`),
    index("reservation_of_holder").on(table.holder, table.createdAt.desc()),
    index("reservation_expiry").on(table.expiresAt).where(sql`${table.status} = 'held'`),
    check("reservation_status", sql`${table.status} in ('held', 'committed', 'consumed', 'released', 'expired')`),
  ],
);

export const reservationLine = inventory.table(
  "reservation_line",
  {
    reservationId: idColumn("reservation_id", "res")
      .notNull()
      .references(() => reservation.id, { onDelete: "cascade" }),
    sku: text("sku").notNull(),
    locationId: idColumn("location_id", "loc").notNull(),
    quantity: integer("quantity").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.reservationId, table.sku, table.locationId] }),
    index("reservation_line_sku").on(table.sku),
    check("reservation_line_quantity", sql`${table.quantity} > 0`),
  ],
);

/** Units that belong to a confirmed order and wait to be shipped; `shipped` and `cancelled` count up to `quantity`. */
export const allocation = inventory.table(
  "allocation",
  {
    orderId: idColumn("order_id", "ord").notNull(),
    sku: text("sku").notNull(),
    locationId: idColumn("location_id", "loc").notNull(),
    quantity: integer("quantity").notNull(),
    shipped: integer("shipped").notNull().default(0),
    cancelled: integer("cancelled").notNull().default(0),
    status: text("status").$type<AllocationStatus>().notNull(),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.sku, table.locationId] }),
    index("allocation_open").on(table.sku).where(sql`${table.status} = 'open'`),
    check("allocation_status", sql`${table.status} in ('open', 'shipped', 'cancelled')`),
    check(
      "allocation_counters",
      sql`${table.shipped} >= 0 and ${table.cancelled} >= 0 and ${table.shipped} + ${table.cancelled} <= ${table.quantity}`,
    ),
  ],
);

/** Append-only: what each counter changed by, and why. One cause moves a level once. */
export const stockMovement = inventory.table(
  "stock_movement",
  {
    seq: bigserial("seq", { mode: "number" }).primaryKey(),
    sku: text("sku").notNull(),
    locationId: idColumn("location_id", "loc").notNull(),
    kind: text("kind").$type<MovementKind>().notNull(),
    onHand: integer("on_hand").notNull(),
    reserved: integer("reserved").notNull(),
    allocated: integer("allocated").notNull(),
    incoming: integer("incoming").notNull().default(0),
    cause: text("cause").notNull(),
    reason: text("reason"),
    actorKind: text("actor_kind").notNull(),
    actorId: text("actor_id").notNull(),
    actorName: text("actor_name").notNull(),
    at: instantColumn("at").notNull(),
  },
  (table) => [
    uniqueIndex("stock_movement_once_per_cause").on(table.cause, table.kind, table.sku, table.locationId),
    index("stock_movement_of_level").on(table.sku, table.locationId, table.seq.desc()),
    index("stock_movement_of_sku_at").on(table.sku, table.at),
    check(
      "stock_movement_kind",
      sql`${table.kind} in ('receipt', 'adjustment', 'count', 'transfer', 'reserve', 'release', 'allocate', 'deallocate', 'ship', 'return')`,
    ),
  ],
);

/** Units on their way from one place to another. Off the shelf when sent; on the other one when received. */
export const stockTransfer = inventory.table(
  "stock_transfer",
  {
    id: idColumn("id", "trf").primaryKey(),
    fromLocationId: idColumn("from_location_id", "loc")
      .notNull()
      .references(() => location.id),
    toLocationId: idColumn("to_location_id", "loc")
      .notNull()
      .references(() => location.id),
    state: text("state").$type<TransferState>().notNull(),
    /** What staff know it by: a delivery note, a parcel's number. */
    reference: text("reference"),
    sentAt: instantColumn("sent_at").notNull(),
    closedAt: instantColumn("closed_at"),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    index("stock_transfer_by_sent").on(table.sentAt.desc(), table.id.desc()),
    check("stock_transfer_state", sql`${table.state} in ('in_transit', 'received', 'cancelled')`),
    check("stock_transfer_places", sql`${table.fromLocationId} <> ${table.toLocationId}`),
  ],
);

/** `received` and `lost` count up to `quantity`; what is left of it is on its way. */
export const stockTransferLine = inventory.table(
  "stock_transfer_line",
  {
    transferId: idColumn("transfer_id", "trf")
      .notNull()
      .references(() => stockTransfer.id, { onDelete: "cascade" }),
    sku: text("sku").notNull(),
    quantity: integer("quantity").notNull(),
    received: integer("received").notNull().default(0),
    lost: integer("lost").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.transferId, table.sku] }),
    check(
      "stock_transfer_line_counters",
      sql`${table.quantity} > 0 and ${table.received} >= 0 and ${table.lost} >= 0
        and ${table.received} + ${table.lost} <= ${table.quantity}`,
    ),
  ],
);

/** A SKU that has run low: opened when it fell to its threshold, closed when it rose above. */
export const stockAlert = inventory.table(
  "stock_alert",
  {
    seq: bigserial("seq", { mode: "number" }).primaryKey(),
    sku: text("sku").notNull(),
    threshold: integer("threshold").notNull(),
    available: integer("available").notNull(),
    openedAt: instantColumn("opened_at").notNull(),
    closedAt: instantColumn("closed_at"),
  },
  (table) => [uniqueIndex("stock_alert_one_open").on(table.sku).where(sql`${table.closedAt} is null`)],
);
