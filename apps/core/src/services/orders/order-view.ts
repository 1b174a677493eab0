import { DEFAULT_CHANNEL, money, toTimestamp } from "@stoa/kernel";
import type { NextAction, OrderPaymentState, OrderView, StoredOrder, TaxLineView } from "@stoa/read-models";
import type { FieldValues } from "../../platform/custom-fields/index.ts";
import type { CreditTender } from "../payments/index.ts";
import { fulfilmentStateOf } from "./fulfilment.ts";
import { isSettled } from "./order.ts";
import type { ShownEvent, ShownLine } from "./order-rows.ts";
import { returnedToCredits, stateWithCredits, tendersOf } from "./order-tenders.ts";
import type { Shipment } from "./shipments.ts";
import type { order, StoredTax } from "./tables.ts";

/** The payment of an order as its view shows it; null while none has been tried. */
export interface OrderPayment {
  readonly state: OrderPaymentState;
  readonly nextAction: NextAction | null;
  /** Minor units of the order's currency. */
  readonly refundedAmount: number;
}

export interface OrderRecord {
  readonly order: typeof order.$inferSelect;
  readonly lines: readonly ShownLine[];
  readonly events: readonly ShownEvent[];
  readonly payment: OrderPayment | null;
  /** What gift cards and store credit pay of it. */
  readonly credits: readonly CreditTender[];
  /** What has left the house, first first. */
  readonly shipments: readonly Shipment[];
  /** What of the order's own fields shoppers see. */
  readonly customFields: FieldValues;
  /** What of a line's they see. */
  readonly shownOfLine: (values: FieldValues) => FieldValues;
}

/** The order as the storefront API answers it, with who may see it. */
export function renderOrder(record: OrderRecord): StoredOrder {
  const view = viewOf(record);
  const { customerId, accessTokenHash } = record.order;
  return { view, customerId, accessTokenHash, settled: isSettled(view) };
}

function viewOf(record: OrderRecord): OrderView {
  const { order, lines, events, payment, credits, shipments, customFields } = record;
  const { currency } = order;
  const of = (amount: number) => money(amount, currency);
  const tenders = tendersOf(order, credits);
  return {
    id: order.id,
    number: order.number,
    state: order.state,
    currency,
    ...(order.channel !== DEFAULT_CHANNEL && { channel: order.channel }),
    email: order.email,
    items: lines.map((line) => ({
      sku: line.sku,
      title: line.title,
      options: { ...line.options },
      ...(line.parts && { parts: line.parts.map(({ sku, title, quantity }) => ({ sku, title, quantity })) }),
      quantity: line.quantity,
      unitPrice: of(line.unitPrice),
      discount: of(line.discount),
      tax: of(line.tax),
      total: of(line.total),
      ...countersOf(line),
      ...unlessEmpty(record.shownOfLine(line.customFields)),
    })),
    totals: {
      subtotal: of(order.subtotal),
      discount: of(order.discount),
      shipping: of(order.shipping),
      tax: of(order.tax),
      total: of(order.total),
    },
    ...(order.taxes.length > 0 ? { taxLines: order.taxes.map((tax) => taxLineOf(tax, record)) } : {}),
    shippingAddress: order.shippingAddress,
    ...(order.billingAddress ? { billingAddress: order.billingAddress } : {}),
    shippingMethod: order.shippingMethod,
    payment: {
      state: stateWithCredits(paymentStateOf(order, payment), order, credits),
      provider: order.paymentProvider,
      ...(payment?.nextAction && order.state === "pending" ? { nextAction: payment.nextAction } : {}),
      refundedTotal: of((payment?.refundedAmount ?? 0) + returnedToCredits(credits)),
      ...(order.setOff > 0 && { setOffTotal: of(order.setOff) }),
      ...(tenders && { tenders }),
    },
    fulfilment: { state: fulfilmentStateOf(lines), shipments: shipments.map(shipmentOf) },
    ...(order.refusal ? { refusal: { ...order.refusal, extensions: { ...order.refusal.extensions } } } : {}),
    ...unlessEmpty(customFields),
    placedAt: toTimestamp(order.placedAt),
    timeline: events.map((event) => ({
      at: toTimestamp(event.at),
      type: event.type,
      ...(event.detail ? { detail: event.detail } : {}),
    })),
  };
}

function unlessEmpty(customFields: FieldValues): { readonly customFields?: FieldValues } {
  return Object.keys(customFields).length > 0 ? { customFields } : {};
}

function taxLineOf({ position, ...tax }: StoredTax, { order, lines }: OrderRecord): TaxLineView {
  const sku = lines.find((line) => line.position === position)?.sku;
  const of = (amount: number) => money(amount, order.currency);
  return { ...(sku === undefined ? {} : { sku }), ...tax, taxable: of(tax.taxable), amount: of(tax.amount) };
}

/** What has become of a line's units, as far as anything has. */
function countersOf({ shipped, cancelled, returned }: OrderRecord["lines"][number]) {
  return { ...(shipped > 0 && { shipped }), ...(cancelled > 0 && { cancelled }), ...(returned > 0 && { returned }) };
}

function shipmentOf(shipment: Shipment): OrderView["fulfilment"]["shipments"][number] {
  const { id, carrier, trackingNumber, trackingUrl, items, shippedAt, deliveredAt } = shipment;
  return {
    id,
    carrier,
    trackingNumber,
    ...(trackingUrl !== null && { trackingUrl }),
    items: [...items],
    shippedAt: toTimestamp(shippedAt),
    ...(deliveredAt !== null && { deliveredAt: toTimestamp(deliveredAt) }),
  };
}

/** Derived, never set: an order that was refused before anything was tried has a payment that failed. */
function paymentStateOf(order: OrderRecord["order"], payment: OrderPayment | null): OrderPaymentState {
  if (payment) return payment.state;
  return order.state === "refused" ? "failed" : "pending";
}
