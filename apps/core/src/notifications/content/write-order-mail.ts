import type { OrderView } from "@stoa/read-models";
import type { Format } from "../../platform/format/index.ts";
import type { LinkedRequest, MailFacts } from "../facts.ts";
import type { OrderMailKind } from "../kinds.ts";
import type { MailData } from "../tables.ts";
import type { MailTexts, OrderText, ReturnStateTold } from "../texts/index.ts";
import type { AmountRow, Block, ItemRow, MailContent } from "./blocks.ts";

interface WriteOrderMail {
  readonly kind: OrderMailKind;
  readonly data: MailData;
  readonly facts: Extract<MailFacts, { about: "order" }>;
  readonly texts: MailTexts;
  readonly format: Format;
}

/** A mail about one order: its words, and what this kind shows of the order. */
export function writeOrderMail(input: WriteOrderMail): Omit<MailContent, "footer" | "language"> {
  const { facts, texts } = input;
  const { order, orderUrl } = facts;
  const text = textOf(input);
  const intro = text.intro(order.number);
  const link: Block[] = orderUrl === null ? [] : [{ kind: "button", label: texts.viewOrder, url: orderUrl }];
  return {
    subject: text.subject(order.number),
    preview: intro,
    heading: text.heading,
    blocks: [
      { kind: "text", text: texts.greeting(order.shippingAddress.name) },
      { kind: "text", text: intro },
      ...bodyOf(input),
      ...link,
    ],
  };
}

function textOf({ kind, data, facts, texts }: WriteOrderMail): OrderText {
  switch (kind) {
    case "order_placed":
      return texts.orderPlaced;
    case "order_shipped":
      return texts.orderShipped;
    case "order_cancelled":
      return facts.order.state === "cancelled" ? texts.orderCancelled : texts.orderPartlyCancelled;
    case "order_refunded":
      return facts.refund?.to === "store_credit" ? texts.orderCredited : texts.orderRefunded;
    case "payment_requested":
      return texts.paymentRequested;
    case "return_changed":
      return texts.returnChanged[returnStateOf(data, texts)];
  }
}

function returnStateOf({ returnState = "" }: MailData, texts: MailTexts): ReturnStateTold {
  if (Object.hasOwn(texts.returnChanged, returnState)) return returnState as ReturnStateTold;
  throw new Error(`there are no words for a return that is ${returnState}`);
}

function bodyOf({ kind, data, facts, texts, format }: WriteOrderMail): Block[] {
  const { order, refund, request, rejection } = facts;
  const { labels } = texts;
  switch (kind) {
    case "order_placed":
      return [
        { kind: "items", rows: order.items.map((item) => itemRow(item, item.quantity, format.money(item.total))) },
        { kind: "amounts", rows: totalsOf(order, texts, format) },
        { kind: "lines", label: labels.shippingTo, lines: format.address(order.shippingAddress) },
      ];
    case "order_shipped":
      return shipmentBlocks(order, data.fulfilmentId, texts);
    case "order_cancelled": {
      const cancelled = order.items.filter((item) => (item.cancelled ?? 0) > 0);
      if (order.state === "cancelled" || cancelled.length === 0) return [];
      return [{ kind: "items", rows: cancelled.map((item) => itemRow(item, item.cancelled ?? 0)) }];
    }
    case "order_refunded":
      return [amounts({ label: labels.refund, amount: format.money(refund?.amount ?? order.payment.refundedTotal) })];
    case "payment_requested":
      return request ? requestBlocks(request, { texts, format }) : [];
    case "return_changed":
      return rejection === null ? [] : [{ kind: "lines", label: labels.reason, lines: [rejection] }];
  }
}

/** What is to be paid, where, and until when. */
export function requestBlocks(
  { amount, url, expiresAt }: LinkedRequest,
  { texts: { labels }, format }: Pick<WriteOrderMail, "texts" | "format">,
): Block[] {
  const until: Block[] =
    expiresAt === null ? [] : [{ kind: "lines", label: labels.validUntil, lines: [format.date(expiresAt)] }];
  return [
    amounts({ label: labels.total, amount: format.money(amount) }),
    { kind: "button", label: labels.pay, url },
    ...until,
  ];
}

function amounts(row: AmountRow): Block {
  return { kind: "amounts", rows: [{ ...row, strong: true }] };
}

type Item = OrderView["items"][number];

function itemRow({ title, options }: Item, quantity: number, amount?: string): ItemRow {
  const detail = Object.values(options).join(", ");
  return { title, detail, quantity: `${quantity} ×`, ...(amount === undefined ? {} : { amount }) };
}

/** The sums as the shopper saw them; a part that is nothing is left out, and tax that prices hold stands below the total. */
function totalsOf({ totals, taxLines = [] }: OrderView, { labels }: MailTexts, format: Format): AmountRow[] {
  const { currency } = totals.total;
  const row = (label: string, amount: number): AmountRow[] =>
    amount === 0 ? [] : [{ label, amount: format.money({ amount, currency }) }];
  const included = taxLines.reduce((sum, tax) => sum + (tax.included ? tax.amount.amount : 0), 0);
  return [
    { label: labels.subtotal, amount: format.money(totals.subtotal) },
    ...row(labels.discount, -totals.discount.amount),
    ...row(labels.shipping, totals.shipping.amount),
    ...row(labels.tax, totals.tax.amount - included),
    { label: labels.total, amount: format.money(totals.total), strong: true },
    ...row(labels.includedTax, included),
  ];
}

/** The parcel this mail is about; of an order whose parcel is not to be found, all of them. */
function shipmentBlocks(order: OrderView, fulfilmentId: string | undefined, { labels }: MailTexts): Block[] {
  const { shipments } = order.fulfilment;
  const wanted = shipments.filter(({ id }) => id === fulfilmentId);
  return (wanted.length > 0 ? wanted : shipments).flatMap((shipment): Block[] => {
    const rows = shipment.items.flatMap(({ sku, quantity }) => {
      const item = order.items.find((candidate) => candidate.sku === sku);
      return item ? [itemRow(item, quantity)] : [];
    });
    const { carrier, trackingNumber, trackingUrl } = shipment;
    return [
      { kind: "items", rows },
      ...(carrier === "" ? [] : [{ kind: "lines", label: labels.carrier, lines: [carrier] } as const]),
      ...(trackingNumber ? [{ kind: "lines", label: labels.trackingNumber, lines: [trackingNumber] } as const] : []),
      ...(trackingUrl ? [{ kind: "button", label: labels.track, url: trackingUrl } as const] : []),
    ];
  });
}
