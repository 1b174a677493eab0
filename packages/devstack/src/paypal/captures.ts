import { minorUnits } from "./amounts.ts";
import { notFound, unprocessable } from "./errors.ts";
import { announce, orderIdOf } from "./events.ts";
import type { Authorization, Capture, Money, Order } from "./objects.ts";
import { drawSettlement } from "./settlement.ts";
import { link, newId, type StoredCapture, type Turn, timestamp } from "./turn.ts";

export interface CaptureRequest {
  readonly order: Order;
  /** Index of the purchase unit that is paid. */
  readonly unit: number;
  readonly amount: Money;
  readonly final: boolean;
  readonly authorization?: Authorization;
  readonly invoiceId?: string | undefined;
}

/** Takes money: completed at once, or pending when a `capture.settlement` fault says so. */
export function createCapture(turn: Turn, request: CaptureRequest): Capture {
  const { order, unit, amount, authorization } = request;
  const purchase = order.purchase_units[unit];
  const invoiceId = request.invoiceId ?? purchase?.invoice_id;
  if (invoiceId !== undefined) useInvoice(turn, invoiceId, order.id);
  const settlement = drawSettlement(turn, "capture.settlement");
  const id = newId();
  const now = timestamp(turn.nowMs);
  const path = `/v2/payments/captures/${id}`;
  const capture: StoredCapture = {
    view: {
      id,
      status: settlement === null ? "COMPLETED" : "PENDING",
      ...(settlement === null ? {} : { status_details: { reason: "PENDING_REVIEW" } }),
      amount: { currency_code: amount.currency_code, value: amount.value },
      custom_id: purchase?.custom_id,
      invoice_id: invoiceId,
      final_capture: request.final,
      seller_protection: { status: "ELIGIBLE" },
      supplementary_data: {
        related_ids: {
          order_id: order.id,
          ...(authorization === undefined ? {} : { authorization_id: authorization.id }),
        },
      },
      create_time: now,
      update_time: now,
      links: [
        link(turn, path, "self"),
        link(turn, `${path}/refund`, "refund", "POST"),
        authorization === undefined
          ? link(turn, `/v2/checkout/orders/${order.id}`, "up")
          : link(turn, `/v2/payments/authorizations/${authorization.id}`, "up"),
      ],
    },
    hidden: { unit, refunded: 0, ends: settlement === null ? null : settlement.fails ? "DECLINED" : "COMPLETED" },
  };
  turn.captures.insert(capture, { parent: order.id });
  if (settlement?.atMs !== undefined) turn.captures.wakeAt(id, settlement.atMs);
  announce(turn, settlement === null ? "PAYMENT.CAPTURE.COMPLETED" : "PAYMENT.CAPTURE.PENDING", capture.view, order.id);
  return capture.view;
}

export function findCapture(turn: Turn, id: string): StoredCapture {
  const capture = turn.captures.find(id);
  if (capture === null) throw notFound();
  return capture;
}

/** Books a refund, or with a negative amount takes one back that failed. Amounts in minor units. */
export function bookRefund(turn: Turn, capture: StoredCapture, minor: number): void {
  const { view, hidden } = capture;
  hidden.refunded += minor;
  const whole = minorUnits(view.amount, "/amount");
  if (hidden.refunded === 0) view.status = "COMPLETED";
  else view.status = hidden.refunded >= whole ? "REFUNDED" : "PARTIALLY_REFUNDED";
  view.update_time = timestamp(turn.nowMs);
  turn.captures.save(capture);
}

/** Ends every pending capture whose time has come; at most `limit` at a time. */
export function settleCaptures(turn: Turn, limit: number): number {
  const due = turn.captures.due(turn.nowMs, limit);
  for (const capture of due) {
    const { view, hidden } = capture;
    view.status = hidden.ends ?? "COMPLETED";
    delete view.status_details;
    view.update_time = timestamp(turn.nowMs);
    turn.captures.save(capture);
    turn.captures.wakeAt(view.id, null);
    const type = view.status === "DECLINED" ? "PAYMENT.CAPTURE.DECLINED" : "PAYMENT.CAPTURE.COMPLETED";
    announce(turn, type, view, orderIdOf(view));
  }
  return due.length;
}

/** An invoice number may be captured for one order only. */
function useInvoice(turn: Turn, invoiceId: string, orderId: string): void {
  const id = `invoice ${invoiceId}`;
  const used = turn.invoices.find(id);
  if (used === null) turn.invoices.insert({ view: { id, orderId }, hidden: null });
  else if (used.view.orderId !== orderId) throw unprocessable("DUPLICATE_INVOICE_ID", "/invoice_id");
}
