import { type Instant, newId, type OrderId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { prepared, type Transaction, type ValueOf } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import { type Actor, describeActor } from "../../platform/rpc/index.ts";
import type { FrozenCart } from "../carts/index.ts";
import { shippingShares } from "./line-money.ts";
import { orderChanged } from "./messages.ts";
import { order, orderNumber, type StoredRefusal } from "./tables.ts";

export interface WriteOrder {
  readonly cart: FrozenCart;
  readonly actor: Actor;
  readonly paymentProvider: "stripe" | "paypal" | "manual";
  readonly accessTokenHash: string;
  /** Set when the order is refused as it is written: it is kept for the shopper to see why. */
  readonly refusal: StoredRefusal | null;
}

/** Made before the order is written, because what it is answered with is known by then. */
export function newOrderId(): OrderId {
  return newId("ord");
}

/** Writes the order, its lines and the first line of its timeline: a snapshot that follows neither cart nor catalog any more. */
export async function writeOrder(tx: Transaction, now: Instant, orderId: OrderId, input: WriteOrder): Promise<void> {
  const { cart, actor, refusal } = input;
  const { kind, id: actorId, name } = describeActor(actor);
  await insertOrder(tx, {
    lines: JSON.stringify(linesOf(cart)),
    events: JSON.stringify(firstEvents(refusal)),
    actorKind: kind,
    actorId,
    actorName: name,
    id: orderId,
    cartId: cart.cartId,
    customerId: cart.customerId,
    email: cart.email,
    currency: cart.currency,
    channel: cart.channel,
    state: refusal ? "refused" : "pending",
    refusal,
    shippingAddress: cart.shippingAddress,
    billingAddress: cart.billingAddress,
    shippingMethod: cart.shippingMethod,
    promotions: cart.promotions.map((promotion) => ({
      promotionId: promotion.promotionId,
      code: promotion.code,
      discount: promotion.discount.amount,
    })),
    paymentProvider: input.paymentProvider,
    subtotal: cart.totals.subtotal.amount,
    discount: cart.totals.discount.amount,
    shipping: cart.totals.shipping.amount,
    shippingDiscount: cart.shippingDiscount.amount,
    tax: cart.totals.tax.amount,
    ...taxColumns(cart),
    total: cart.totals.total.amount,
    creditTotal: cart.credits.reduce((sum, { amount }) => sum + amount.amount, 0),
    customFields: cart.customFields,
    accessTokenHash: input.accessTokenHash,
    placedAt: now,
    updatedAt: now,
  });
  await enqueue(tx, now, [orderChanged.of(orderId, { orderId })]);
}

function linesOf(cart: FrozenCart) {
  const shares = shippingSharesOf(cart);
  return cart.lines.map((line, position) => ({
    position,
    sku: line.sku,
    product_id: line.productId,
    title: line.title,
    options: line.options,
    parts: line.parts,
    quantity: line.quantity,
    unit_price: line.unitPrice.amount,
    discount: line.discount.amount,
    tax: line.tax.amount,
    tax_included: line.taxIncluded,
    total: line.total.amount,
    shipping_share: shares[position] ?? 0,
    custom_fields: line.customFields,
  }));
}

function firstEvents(refusal: StoredRefusal | null) {
  const placed = { seq: 1, type: "placed", detail: null };
  return refusal ? [placed, { seq: 2, type: "refused", detail: refusal.detail ?? null }] : [placed];
}

type NewOrder = Omit<typeof order.$inferSelect, "number" | "replacesReturnId" | "setOff" | "version"> & {
  /** Rows of the order's lines, as JSON. */
  readonly lines: string;
  /** The beginning of its timeline, as JSON, and whose doing it is. */
  readonly events: string;
  readonly actorKind: Actor["kind"];
  readonly actorId: string;
  readonly actorName: string;
};

const insertOrder = prepared((db, value: ValueOf<NewOrder>) => {
  // In one statement: the keys of lines and events to the order are checked when all are there.
  const lines = db.$with("lines", {}).as(sql`
    insert into orders.order_line (order_id, position, sku, product_id, title, options, parts, quantity, unit_price, discount, tax,
      tax_included, total, shipping_share, custom_fields)
    select ${value("id", order.id)}::uuid, l.* from jsonb_to_recordset(${value("lines")}::jsonb) as l(position int, sku text,
      product_id text, title text, options jsonb, parts jsonb, quantity int, unit_price bigint, discount bigint, tax bigint,
      tax_included boolean, total bigint, shipping_share bigint, custom_fields jsonb)`);
  const events = db.$with("events", {}).as(sql`
    insert into orders.order_event (order_id, seq, type, actor_kind, actor_id, actor_name, detail, at)
    select ${value("id", order.id)}::uuid, e.seq, e.type, ${value("actorKind")}::text, ${value("actorId")}::text,
      ${value("actorName")}::text, e.detail, ${value("placedAt", order.placedAt)}::timestamptz
    from jsonb_to_recordset(${value("events")}::jsonb) as e(seq int, type text, detail text)`);
  return db
    .with(lines, events)
    .insert(order)
    .values({
      number: sql`nextval(${`${orderNumber.schema}.${orderNumber.seqName}`})::text`,
      id: value("id"),
      cartId: value("cartId"),
      customerId: value("customerId"),
      email: value("email"),
      currency: value("currency"),
      channel: value("channel"),
      state: value("state"),
      refusal: value("refusal"),
      shippingAddress: value("shippingAddress"),
      billingAddress: value("billingAddress"),
      shippingMethod: value("shippingMethod"),
      promotions: value("promotions"),
      paymentProvider: value("paymentProvider"),
      subtotal: value("subtotal"),
      discount: value("discount"),
      shipping: value("shipping"),
      shippingDiscount: value("shippingDiscount"),
      tax: value("tax"),
      shippingTax: value("shippingTax"),
      shippingTaxIncluded: value("shippingTaxIncluded"),
      taxes: value("taxes"),
      total: value("total"),
      creditTotal: value("creditTotal"),
      customFields: value("customFields"),
      accessTokenHash: value("accessTokenHash"),
      placedAt: value("placedAt"),
      updatedAt: value("updatedAt"),
    });
});

function shippingSharesOf({ totals: { total }, lines }: FrozenCart): number[] {
  const paid = lines.map(({ total, tax, taxIncluded }) => ({ total: total.amount, tax: tax.amount, taxIncluded }));
  return shippingShares(total, paid);
}

function taxColumns({ taxLines }: FrozenCart) {
  const onShipping = taxLines.filter((line) => line.position === null);
  return {
    taxes: taxLines.map((line) => ({ ...line, taxable: line.taxable.amount, amount: line.amount.amount })),
    shippingTax: onShipping.reduce((sum, line) => sum + line.amount.amount, 0),
    shippingTaxIncluded: onShipping.some((line) => line.included),
  };
}
