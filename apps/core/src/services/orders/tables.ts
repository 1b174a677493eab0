import { DEFAULT_CHANNEL } from "@stoa/kernel";
import type { AddressView, OrderState, ShippingMethodView } from "@stoa/read-models";
import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { FieldValues } from "../../platform/custom-fields/index.ts";
import { amountColumn, currencyColumn, idColumn, instantColumn } from "../../platform/db/index.ts";
import type { DraftLine, DraftShipping, DraftState, ManualDiscount, QuotedTerms } from "./draft.ts";
import type { ExchangeWish } from "./exchanges/exchange.ts";
import type { FulfilmentParcelState } from "./fulfilment.ts";
import type { InvoiceDocument } from "./invoicing/document.ts";
import type { OrderEventType } from "./order.ts";
import type { AddedLine, OrderChangeState } from "./order-change.ts";
import type { PaymentRequestState } from "./payment-request.ts";
import type { ReturnRefundTo, ReturnState } from "./return.ts";
import type { OrderedPart } from "./stock-units.ts";
import type { Item } from "./units.ts";

export const orders = pgSchema("orders");

/** Human order numbers, gaps allowed: a number taken by a transaction that is rolled back is lost. */
export const orderNumber = orders.sequence("order_number", { startWith: 10_001 });

export interface StoredRefusal {
  readonly code: string;
  readonly detail: string;
  /** Members the refusal adds to a problem body: items, totals, declineCode. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface StoredPromotion {
  readonly promotionId: string;
  readonly code: string | null;
  /** Minor units of the order's currency. */
  readonly discount: number;
}

/** Tax on one line or on shipping, as it was when the order was placed. Amounts are minor units of the order's currency. */
export interface StoredTax {
  /** Of the order line; null for shipping. */
  readonly position: number | null;
  readonly name: string;
  /** 1900 = 19 %. */
  readonly basisPoints: number;
  /** Whether the price already held it. */
  readonly included: boolean;
  /** What it is a share of, after discounts. */
  readonly taxable: number;
  readonly amount: number;
}

export const order = orders.table(
  "order",
  {
    id: idColumn("id", "ord").primaryKey(),
    number: text("number").notNull(),
    /** The cart it was checked out from, or the one that its draft minted. */
    cartId: idColumn("cart_id", "cart"),
    /** The return whose goods this order replaces. */
    replacesReturnId: idColumn("replaces_return_id", "ret"),
    customerId: idColumn("customer_id", "cus"),
    email: text("email").notNull(),
    currency: currencyColumn().notNull(),
    /** Code of the sales channel it was bought in. */
    channel: text("channel").notNull().default(DEFAULT_CHANNEL),
    state: text("state").$type<OrderState>().notNull(),
    refusal: jsonb("refusal").$type<StoredRefusal>(),
    shippingAddress: jsonb("shipping_address").$type<AddressView>().notNull(),
    billingAddress: jsonb("billing_address").$type<AddressView>(),
    shippingMethod: jsonb("shipping_method").$type<ShippingMethodView>().notNull(),
    promotions: jsonb("promotions").$type<readonly StoredPromotion[]>().notNull(),
    paymentProvider: text("payment_provider").$type<"stripe" | "paypal" | "manual">().notNull(),
    subtotal: amountColumn("subtotal").notNull(),
    discount: amountColumn("discount").notNull(),
    /** Before the discount on it. */
    shipping: amountColumn("shipping").notNull(),
    /** The part of `discount` that shipping got. */
    shippingDiscount: amountColumn("shipping_discount").notNull().default(0),
    /** All taxes, those that prices hold too; `taxes` tells them apart. */
    tax: amountColumn("tax").notNull(),
    /** The part of `tax` that is on shipping, and whether `shipping` already held it. */
    shippingTax: amountColumn("shipping_tax").notNull().default(0),
    shippingTaxIncluded: boolean("shipping_tax_included").notNull().default(false),
    /** One for each line and for shipping, where there is a rate: what refunds and invoices go by. */
    taxes: jsonb("taxes").$type<readonly StoredTax[]>().notNull().default([]),
    /** subtotal − discount + shipping + the taxes that prices do not hold. */
    total: amountColumn("total").notNull(),
    /** What gift cards and store credit were to pay of the total when it was placed; the payments service has them one by one. */
    creditTotal: amountColumn("credit_total").notNull().default(0),
    /** What units that were taken out by edits have paid of units that were put in: no money has moved for it. */
    setOff: amountColumn("set_off").notNull().default(0),
    /** What the shop's own fields of orders say of it. */
    customFields: jsonb("custom_fields").$type<FieldValues>().notNull().default({}),
    /** SHA-256 (hex) of the token with which a guest sees the order. */
    accessTokenHash: text("access_token_hash").notNull(),
    placedAt: instantColumn("placed_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
    /** Grows with every change that shows; the read model's version. */
    version: integer("version").notNull().default(1),
  },
  (table) => [
    uniqueIndex("order_number_unique").on(table.number),
    uniqueIndex("order_one_per_cart").on(table.cartId).where(sql`${table.state} <> 'refused'`),
    uniqueIndex("order_one_per_return").on(table.replacesReturnId).where(sql`${table.state} <> 'refused'`),
    index("order_by_customer").on(table.customerId, table.placedAt.desc()),
    index("order_by_email").on(sql`lower(${table.email})`),
    index("order_by_placed").on(table.placedAt.desc(), table.id.desc()),
    index("order_by_state").on(table.state, table.placedAt.desc()),
    check(
      "order_state",
      sql`${table.state} in ('pending', 'confirmed', 'completed', 'refused', 'cancelled', 'on_hold')`,
    ),
    check("order_refusal", sql`(${table.state} = 'refused') = (${table.refusal} is not null)`),
    check("order_total_not_negative", sql`${table.total} >= 0`),
  ],
);

/** A snapshot of what was bought; nothing here follows the catalog any more. Amounts are minor units of the order's currency. */
export const orderLine = orders.table(
  "order_line",
  {
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id, { onDelete: "cascade" }),
    position: integer("position").notNull(),
    sku: text("sku").notNull(),
    productId: text("product_id").notNull(),
    title: text("title").notNull(),
    options: jsonb("options").$type<Readonly<Record<string, string>>>().notNull(),
    /** What one unit of a kit is made of, as it was ordered; null for everything else. */
    parts: jsonb("parts").$type<readonly OrderedPart[]>(),
    quantity: integer("quantity").notNull(),
    unitPrice: amountColumn("unit_price").notNull(),
    discount: amountColumn("discount").notNull(),
    tax: amountColumn("tax").notNull(),
    /** Whether `total` already holds the tax; else the shopper pays `total + tax`. */
    taxIncluded: boolean("tax_included").notNull().default(false),
    /** Units times price, less the discount. */
    total: amountColumn("total").notNull(),
    /** Its part of what shipping costs, tax and all: over the lines, what is paid for them and these parts are the order's total. */
    shippingShare: amountColumn("shipping_share").notNull().default(0),
    /** What the shop's own fields of order lines say of it. */
    customFields: jsonb("custom_fields").$type<FieldValues>().notNull().default({}),
    /** Units in a parcel that is packed for them or has left. */
    fulfilled: integer("fulfilled").notNull().default(0),
    /** Those of `fulfilled` that have left. */
    shipped: integer("shipped").notNull().default(0),
    cancelled: integer("cancelled").notNull().default(0),
    /** Shipped units that a return is open for and that have not come back. */
    returnRequested: integer("return_requested").notNull().default(0),
    returned: integer("returned").notNull().default(0),
    /** Those of `returned` that cannot be sold again. */
    writtenOff: integer("written_off").notNull().default(0),
    /** What went back to the shopper for this line's units. */
    refunded: amountColumn("refunded").notNull().default(0),
    /** What units of it that an edit took out have paid of units it put in; edits of releases before this column count in the order alone. */
    setOff: amountColumn("set_off").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.position] }),
    index("order_line_sku").on(table.sku),
    check("order_line_quantity", sql`${table.quantity} between 1 and 999`),
    check(
      "order_line_fulfilled",
      sql`${table.cancelled} >= 0 and ${table.fulfilled} + ${table.cancelled} <= ${table.quantity}`,
    ),
    check("order_line_shipped", sql`0 <= ${table.shipped} and ${table.shipped} <= ${table.fulfilled}`),
    check(
      "order_line_returned",
      sql`0 <= ${table.returned} and 0 <= ${table.returnRequested} and ${table.returned} + ${table.returnRequested} <= ${table.shipped}`,
    ),
    check("order_line_written_off", sql`0 <= ${table.writtenOff} and ${table.writtenOff} <= ${table.returned}`),
    check("order_line_refunded", sql`${table.refunded} >= 0`),
    check("order_line_set_off", sql`${table.setOff} >= 0`),
  ],
);

/** The timeline: gapless from 1, append-only. */
export const orderEvent = orders.table(
  "order_event",
  {
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id, { onDelete: "cascade" }),
    seq: integer("seq").notNull(),
    type: text("type").$type<OrderEventType>().notNull(),
    actorKind: text("actor_kind").$type<"guest" | "customer" | "staff" | "system">().notNull(),
    actorId: text("actor_id").notNull(),
    actorName: text("actor_name").notNull(),
    detail: text("detail"),
    at: instantColumn("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.seq] })],
);

/** A parcel: what leaves one place together. */
export const fulfilment = orders.table(
  "fulfilment",
  {
    id: idColumn("id", "ful").primaryKey(),
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id, { onDelete: "cascade" }),
    state: text("state").$type<FulfilmentParcelState>().notNull(),
    /** Null: from wherever the units are allocated. */
    locationId: idColumn("location_id", "loc"),
    carrier: text("carrier"),
    trackingNumber: text("tracking_number"),
    trackingUrl: text("tracking_url"),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
    shippedAt: instantColumn("shipped_at"),
    deliveredAt: instantColumn("delivered_at"),
  },
  (table) => [
    index("fulfilment_of_order").on(table.orderId),
    index("fulfilment_open").on(table.createdAt).where(sql`${table.state} in ('created', 'packed')`),
    check("fulfilment_state", sql`${table.state} in ('created', 'packed', 'shipped', 'delivered', 'cancelled')`),
    check("fulfilment_shipped", sql`(${table.state} in ('shipped', 'delivered')) = (${table.shippedAt} is not null)`),
  ],
);

/** Units of one order line in a parcel. */
export const fulfilmentLine = orders.table(
  "fulfilment_line",
  {
    fulfilmentId: idColumn("fulfilment_id", "ful")
      .notNull()
      .references(() => fulfilment.id, { onDelete: "cascade" }),
    orderId: idColumn("order_id", "ord").notNull(),
    position: integer("position").notNull(),
    quantity: integer("quantity").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.fulfilmentId, table.position] }),
    foreignKey({
      name: "fulfilment_line_of_order",
      columns: [table.orderId, table.position],
      foreignColumns: [orderLine.orderId, orderLine.position],
    }).onDelete("cascade"),
    index("fulfilment_line_of_line").on(table.orderId, table.position),
    check("fulfilment_line_quantity", sql`${table.quantity} > 0`),
  ],
);

/** What a shopper sends back. Amounts are minor units of the order's currency. */
export const orderReturn = orders.table(
  "return",
  {
    id: idColumn("id", "ret").primaryKey(),
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id, { onDelete: "cascade" }),
    state: text("state").$type<ReturnState>().notNull(),
    /** Why it was rejected, for the shopper to read. */
    rejection: text("rejection"),
    /** What staff decided to send back; null until they have. While the state is `received`, it is on its way. */
    refundAmount: amountColumn("refund_amount"),
    /** What was kept of the units' price, and part of the difference to it. */
    restockingFee: amountColumn("restocking_fee").notNull().default(0),
    refundReason: text("refund_reason"),
    /** Where it goes: back to what paid, or to the customer's store credit. */
    refundTo: text("refund_to").$type<ReturnRefundTo>().notNull().default("original"),
    /** The order that replaces the goods; while the state is `received`, it is not confirmed yet. */
    replacementId: idColumn("replacement_id", "ord"),
    /** What the shopper would rather have than the money; null: the money. */
    exchangeFor: jsonb("exchange_for").$type<ExchangeWish>(),
    /** The draft that the replacement is made of; null while nothing is being exchanged. */
    exchangeDraftId: idColumn("exchange_draft_id", "drf"),
    /** What the shop's own fields of returns say of it. */
    customFields: jsonb("custom_fields").$type<FieldValues>().notNull().default({}),
    requestedAt: instantColumn("requested_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    index("return_of_order").on(table.orderId),
    uniqueIndex("return_exchange_draft").on(table.exchangeDraftId),
    index("return_by_state").on(table.state, table.requestedAt.desc()),
    index("return_recent").on(table.requestedAt.desc(), table.id.desc()),
    check(
      "return_state",
      sql`${table.state} in ('requested', 'approved', 'received', 'refunded', 'exchanged', 'closed', 'rejected', 'cancelled')`,
    ),
    check("return_refund", sql`${table.refundAmount} >= 0 and ${table.restockingFee} >= 0`),
    check("return_refund_to", sql`${table.refundTo} in ('original', 'store_credit')`),
    check("return_rejection", sql`(${table.state} = 'rejected') = (${table.rejection} is not null)`),
  ],
);

/** Units of one order line in a return. `restocked` and `writtenOff` are what came back, by what became of it. */
export const returnLine = orders.table(
  "return_line",
  {
    returnId: idColumn("return_id", "ret")
      .notNull()
      .references(() => orderReturn.id, { onDelete: "cascade" }),
    orderId: idColumn("order_id", "ord").notNull(),
    position: integer("position").notNull(),
    quantity: integer("quantity").notNull(),
    reason: text("reason").notNull(),
    restocked: integer("restocked").notNull().default(0),
    writtenOff: integer("written_off").notNull().default(0),
    /** What had been paid for the units that came back: the most that can be sent back for them. */
    paid: amountColumn("paid").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.returnId, table.position] }),
    foreignKey({
      name: "return_line_of_order",
      columns: [table.orderId, table.position],
      foreignColumns: [orderLine.orderId, orderLine.position],
    }).onDelete("cascade"),
    index("return_line_of_line").on(table.orderId, table.position),
    check("return_line_quantity", sql`${table.quantity} > 0`),
    check(
      "return_line_received",
      sql`${table.restocked} >= 0 and ${table.writtenOff} >= 0 and ${table.restocked} + ${table.writtenOff} <= ${table.quantity}`,
    ),
  ],
);

/** What staff put together for a customer. It becomes one order at most: the order carries its `cart_id`, and that is unique. */
export const draft = orders.table(
  "draft",
  {
    id: idColumn("id", "drf").primaryKey(),
    /** Minted here; there is no such cart. */
    cartId: idColumn("cart_id", "cart").notNull(),
    state: text("state").$type<DraftState>().notNull(),
    customerId: idColumn("customer_id", "cus"),
    email: text("email"),
    currency: currencyColumn().notNull(),
    /** Code of the sales channel whose products and prices it has. */
    channel: text("channel").notNull().default(DEFAULT_CHANNEL),
    shippingAddress: jsonb("shipping_address").$type<AddressView>(),
    billingAddress: jsonb("billing_address").$type<AddressView>(),
    lines: jsonb("lines").$type<readonly DraftLine[]>().notNull(),
    discount: jsonb("discount").$type<ManualDiscount>(),
    shipping: jsonb("shipping").$type<DraftShipping>(),
    promotionCodes: text("promotion_codes").array().notNull().default(sql`'{}'`),
    note: text("note"),
    /** The return whose goods it replaces: what they were paid pays for it first. */
    returnId: idColumn("return_id", "ret"),
    /** The order that is being made of it, or was. */
    orderId: idColumn("order_id", "ord"),
    /** Units are held for it until then; null: they are not. */
    reservedUntil: instantColumn("reserved_until"),
    version: integer("version").notNull().default(1),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("draft_cart").on(table.cartId),
    index("draft_recent").on(table.createdAt.desc(), table.id.desc()),
    index("draft_by_customer").on(table.customerId),
    check("draft_state", sql`${table.state} in ('open', 'completing', 'completed', 'cancelled')`),
    check("draft_order", sql`(${table.orderId} is not null) = (${table.state} in ('completing', 'completed'))`),
  ],
);

/**
 * A payment that somebody is asked for by a link. What is to be paid was fixed when it was sent. The link's token is derived from the id;
 * only its hash lies here.
 */
export const paymentRequest = orders.table(
  "payment_request",
  {
    id: idColumn("id", "prq").primaryKey(),
    tokenHash: text("token_hash").notNull(),
    state: text("state").$type<PaymentRequestState>().notNull(),
    draftId: idColumn("draft_id", "drf")
      .notNull()
      .references(() => draft.id),
    currency: currencyColumn().notNull(),
    amount: amountColumn("amount").notNull(),
    /** What the order will be made of, without anything personal. */
    terms: jsonb("terms").$type<QuotedTerms>().notNull(),
    expiresAt: instantColumn("expires_at").notNull(),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("payment_request_token").on(table.tokenHash),
    uniqueIndex("payment_request_one_open").on(table.draftId).where(sql`${table.state} = 'open'`),
    check("payment_request_state", sql`${table.state} in ('open', 'paid', 'revoked')`),
    check("payment_request_amount", sql`${table.amount} >= 0`),
  ],
);

/** The next number of each series. Its row is locked from the issue to the commit, so a number is never lost and never given twice. */
export const invoiceSeries = orders.table(
  "invoice_series",
  { kind: text("kind").$type<InvoiceDocument["kind"]>().primaryKey(), next: integer("next").notNull() },
  (table) => [check("invoice_series_next", sql`${table.next} > 0`)],
);

/** Invoices and credit notes, as they were issued. Nothing here changes but the name and address of a person who is erased. */
export const invoice = orders.table(
  "invoice",
  {
    id: idColumn("id", "inv").primaryKey(),
    kind: text("kind").$type<InvoiceDocument["kind"]>().notNull(),
    sequence: integer("sequence").notNull(),
    number: text("number").notNull(),
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id),
    /** What it was issued for: of an invoice `order` or the edit that put its lines in, of a credit note its place among those that correct the same invoice. */
    cause: text("cause").notNull(),
    /** Of an invoice: the order lines that it bills, by position, up to but without the last. Null on those that bill all there were. */
    linesFrom: integer("lines_from"),
    linesUntil: integer("lines_until"),
    /** Of a credit note: the invoice that it corrects. Null on those that came before an order could have more than one. */
    correctsId: idColumn("corrects_id", "inv"),
    document: jsonb("document").$type<InvoiceDocument>().notNull(),
    /** Minor units of the order's currency; of a credit note what it gives back. */
    total: amountColumn("total").notNull(),
    issuedAt: instantColumn("issued_at").notNull(),
  },
  (table) => [
    uniqueIndex("invoice_sequence").on(table.kind, table.sequence),
    uniqueIndex("invoice_number").on(table.number),
    uniqueIndex("invoice_once_per_cause").on(table.orderId, table.kind, table.cause),
    check("invoice_kind", sql`${table.kind} in ('invoice', 'credit_note')`),
    check("invoice_total", sql`${table.total} >= 0`),
  ],
);

/** What staff write to each other about an order. No shopper sees it. */
export const note = orders.table(
  "note",
  {
    id: idColumn("id", "note").primaryKey(),
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id, { onDelete: "cascade" }),
    text: text("text").notNull(),
    authorId: idColumn("author_id", "stf").notNull(),
    authorName: text("author_name").notNull(),
    createdAt: instantColumn("created_at").notNull(),
  },
  (table) => [index("note_of_order").on(table.orderId, table.createdAt)],
);

/** An edit of a confirmed order. It takes effect as a whole: at once, or once what it costs more is paid. */
export const orderChange = orders.table(
  "order_change",
  {
    id: idColumn("id", "chg").primaryKey(),
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id, { onDelete: "cascade" }),
    /** Minted here, to hold the added units by until the edit takes effect; there is no such cart. */
    holder: idColumn("holder", "cart").notNull(),
    state: text("state").$type<OrderChangeState>().notNull(),
    removed: jsonb("removed").$type<readonly Item[]>().notNull(),
    added: jsonb("added").$type<readonly AddedLine[]>().notNull(),
    /** Where the first of `added` stands among the order's lines; null until they do. */
    firstPosition: integer("first_position"),
    /** What the order costs more, with a minus what it costs less. */
    difference: amountColumn("difference").notNull(),
    currency: currencyColumn().notNull(),
    reason: text("reason").notNull(),
    /** What was asked for; null when nothing had to be paid. */
    requestId: idColumn("request_id", "prq"),
    /** SHA-256 (hex) of the token of the link by which it can be paid. */
    tokenHash: text("token_hash"),
    expiresAt: instantColumn("expires_at"),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    index("order_change_of_order").on(table.orderId, table.createdAt.desc()),
    uniqueIndex("order_change_one_open").on(table.orderId).where(sql`${table.state} = 'awaiting_payment'`),
    uniqueIndex("order_change_request").on(table.requestId),
    uniqueIndex("order_change_token").on(table.tokenHash),
    index("order_change_expiry").on(table.expiresAt).where(sql`${table.state} = 'awaiting_payment'`),
    check("order_change_state", sql`${table.state} in ('awaiting_payment', 'applied', 'expired', 'cancelled')`),
  ],
);
