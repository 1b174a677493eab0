import { z } from "zod";
import { minorUnits, moneyOf } from "./amounts.ts";
import { createCapture } from "./captures.ts";
import { notFound, unprocessable } from "./errors.ts";
import { announce, orderIdOf } from "./events.ts";
import type { Authorization, Capture, Money, Order } from "./objects.ts";
import { findOrder, moneySchema } from "./orders.ts";
import { link, newId, type StoredAuthorization, type Turn, timestamp } from "./turn.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** An authorisation is valid for 29 days; the funds are honoured for the first three. */
export const VALID_MS = 29 * DAY_MS;
const HONOR_MS = 3 * DAY_MS;
/** PayPal lets a shop capture up to 115 % of what was authorised. */
const OVERAGE_PERCENT = 115;
const CAPTURES_MAX = 10;

export const captureSchema = z.looseObject({
  amount: moneySchema.optional(),
  final_capture: z.boolean().default(false),
  invoice_id: z.string().max(127).optional(),
  note_to_payer: z.string().max(255).optional(),
});
export const reauthorizeSchema = z.looseObject({ amount: moneySchema.optional() });

interface NewAuthorization {
  readonly orderId: string;
  readonly unit: number;
  readonly amount: Money;
  readonly expiresMs: number;
  readonly reauthorized: boolean;
  readonly customId?: string | undefined;
  readonly invoiceId?: string | undefined;
}

/** Holds the amount of one purchase unit. */
export function createAuthorization(turn: Turn, order: Order, unit: number): void {
  const purchase = order.purchase_units[unit];
  if (purchase === undefined) return;
  insertAuthorization(turn, {
    orderId: order.id,
    unit,
    amount: purchase.amount,
    expiresMs: turn.nowMs + VALID_MS,
    reauthorized: false,
    customId: purchase.custom_id,
    invoiceId: purchase.invoice_id,
  });
}

export function findAuthorization(turn: Turn, id: string): StoredAuthorization {
  const authorization = turn.authorizations.find(id);
  if (authorization === null) throw notFound();
  return authorization;
}

/** Takes what is held, or part of it; the rest stays held unless the capture is final. */
export function captureAuthorization(turn: Turn, id: string, body: z.infer<typeof captureSchema>): Capture {
  const authorization = findAuthorization(turn, id);
  const { view, hidden } = authorization;
  checkOpen(authorization);
  if (hidden.captures >= CAPTURES_MAX) throw unprocessable("MAX_CAPTURE_COUNT_EXCEEDED");
  const whole = minorUnits(view.amount, "/amount");
  const amount = body.amount ?? moneyOf(view.amount.currency_code, whole - hidden.captured);
  if (amount.currency_code !== view.amount.currency_code) {
    throw unprocessable("AUTH_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code");
  }
  const captured = hidden.captured + minorUnits(amount, "/amount");
  if (captured * 100 > whole * OVERAGE_PERCENT) throw unprocessable("MAX_CAPTURE_AMOUNT_EXCEEDED", "/amount/value");
  hidden.captured = captured;
  hidden.captures += 1;
  view.status = body.final_capture || captured >= whole ? "CAPTURED" : "PARTIALLY_CAPTURED";
  view.update_time = timestamp(turn.nowMs);
  turn.authorizations.save(authorization);
  if (view.status === "CAPTURED") turn.authorizations.wakeAt(id, null);
  return createCapture(turn, {
    order: findOrder(turn, view.supplementary_data.related_ids.order_id).view,
    unit: hidden.unit,
    amount,
    final: body.final_capture,
    authorization: view,
    invoiceId: body.invoice_id,
  });
}

/** Lets go of what has not been captured. */
export function voidAuthorization(turn: Turn, id: string): Authorization {
  const authorization = findAuthorization(turn, id);
  const { view } = authorization;
  if (view.status === "CAPTURED") throw unprocessable("PREVIOUSLY_CAPTURED");
  if (view.status === "VOIDED") throw unprocessable("PREVIOUSLY_VOIDED");
  endAuthorization(turn, authorization);
  return view;
}

/**
 * Once, from day 4 to day 29, the funds can be secured anew. The new authorisation takes the place of the old one,
 * which can no longer be captured, and ends when the old one would have ended.
 */
export function reauthorize(turn: Turn, id: string, body: z.infer<typeof reauthorizeSchema>): Authorization {
  const authorization = findAuthorization(turn, id);
  const { view, hidden } = authorization;
  checkOpen(authorization);
  if (hidden.reauthorized) throw unprocessable("REAUTHORIZATION_NOT_SUPPORTED");
  if (turn.nowMs < Date.parse(view.create_time) + HONOR_MS) throw unprocessable("REAUTHORIZATION_TOO_SOON");
  const amount = body.amount ?? view.amount;
  if (amount.currency_code !== view.amount.currency_code) throw unprocessable("AUTH_CURRENCY_MISMATCH", "/amount");
  if (minorUnits(amount, "/amount") * 100 > minorUnits(view.amount, "/amount") * OVERAGE_PERCENT) {
    throw unprocessable("AUTHORIZATION_AMOUNT_LIMIT_EXCEEDED", "/amount/value");
  }
  view.status = "VOIDED";
  view.update_time = timestamp(turn.nowMs);
  turn.authorizations.save(authorization);
  turn.authorizations.wakeAt(id, null);
  return insertAuthorization(turn, {
    orderId: view.supplementary_data.related_ids.order_id,
    unit: hidden.unit,
    amount,
    expiresMs: Date.parse(view.expiration_time),
    reauthorized: true,
    customId: view.custom_id,
    invoiceId: view.invoice_id,
  });
}

/** Ends every authorisation whose 29 days are over; at most `limit` at a time. */
export function expireAuthorizations(turn: Turn, limit: number): number {
  const due = turn.authorizations.due(turn.nowMs, limit);
  for (const authorization of due) {
    authorization.hidden.expired = true;
    endAuthorization(turn, authorization);
  }
  return due.length;
}

function endAuthorization(turn: Turn, authorization: StoredAuthorization): void {
  const { view } = authorization;
  view.status = "VOIDED";
  view.update_time = timestamp(turn.nowMs);
  turn.authorizations.save(authorization);
  turn.authorizations.wakeAt(view.id, null);
  announce(turn, "PAYMENT.AUTHORIZATION.VOIDED", view, orderIdOf(view));
}

function checkOpen({ view, hidden }: StoredAuthorization): void {
  if (hidden.expired) throw unprocessable("AUTHORIZATION_EXPIRED");
  if (view.status === "VOIDED") throw unprocessable("AUTHORIZATION_VOIDED");
  if (view.status === "CAPTURED") throw unprocessable("AUTHORIZATION_ALREADY_CAPTURED");
}

function insertAuthorization(turn: Turn, request: NewAuthorization): Authorization {
  const { orderId, amount } = request;
  const id = newId();
  const now = timestamp(turn.nowMs);
  const path = `/v2/payments/authorizations/${id}`;
  const view: Authorization = {
    id,
    status: "CREATED",
    amount: { currency_code: amount.currency_code, value: amount.value },
    custom_id: request.customId,
    invoice_id: request.invoiceId,
    seller_protection: { status: "ELIGIBLE" },
    supplementary_data: { related_ids: { order_id: orderId } },
    expiration_time: timestamp(request.expiresMs),
    create_time: now,
    update_time: now,
    links: [
      link(turn, path, "self"),
      link(turn, `${path}/capture`, "capture", "POST"),
      link(turn, `${path}/void`, "void", "POST"),
      link(turn, `${path}/reauthorize`, "reauthorize", "POST"),
      link(turn, `/v2/checkout/orders/${orderId}`, "up"),
    ],
  };
  const hidden = { unit: request.unit, captured: 0, captures: 0, reauthorized: request.reauthorized, expired: false };
  turn.authorizations.insert({ view, hidden }, { parent: orderId });
  turn.authorizations.wakeAt(id, request.expiresMs);
  announce(turn, "PAYMENT.AUTHORIZATION.CREATED", view, orderId);
  return view;
}
