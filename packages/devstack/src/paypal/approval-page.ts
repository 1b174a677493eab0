import { approvalPage, type Decision, decisionOf, noticePage, withParameters } from "../payment-page/page.ts";
import type { DoorAnswer, DoorRequest } from "../stand-in/http-door.ts";
import { minorUnits, moneyOf } from "./amounts.ts";
import { announce } from "./events.ts";
import type { Order } from "./objects.ts";
import { showOrder } from "./orders.ts";
import { PAYER } from "./payer.ts";
import { type StoredOrder, type Turn, timestamp } from "./turn.ts";

export const APPROVAL_PATH = "/checkoutnow";

/**
 * GET shows the page, POST takes `decision`. Pay and Decline approve the order (the declined one is refused with
 * INSTRUMENT_DECLINED when it is authorised or captured) and lead to the return URL with `token` and `PayerID`;
 * Cancel changes nothing and leads to the cancel URL with `token`.
 */
export function answerApproval(turn: Turn, request: DoorRequest): DoorAnswer {
  const order = turn.orders.find(request.query.get("token") ?? "");
  if (order === null) return notice(404, "No such order", "This link leads to no order of this shop.");
  const { view, hidden } = order;
  const waiting = view.status !== "COMPLETED" && (view.status !== "APPROVED" || hidden.declines);
  if (request.method === "POST") {
    const decision = decisionOf(request.body);
    if (decision === null) return notice(422, "Choose one", "Go back and choose Pay, Decline or Cancel.");
    if (waiting && decision !== "cancel") approve(turn, order, decision);
    return leave(order, waiting ? decision : "pay");
  }
  if (!waiting) return notice(409, "Already answered", "This order is no longer waiting for an answer.");
  const page = approvalPage({
    provider: "PayPal",
    heading: "Approve this payment",
    merchant: hidden.merchant,
    amount: totalOf(view),
    reference: view.purchase_units[0]?.invoice_id ?? view.purchase_units[0]?.custom_id ?? view.id,
    action: `${APPROVAL_PATH}?token=${view.id}`,
    declineHint:
      "Decline approves with a card that will be refused when the shop collects; Cancel goes back to the shop.",
    returnUrls: [hidden.returnUrl, hidden.cancelUrl],
  });
  return { status: 200, ...page };
}

function approve(turn: Turn, order: StoredOrder, decision: Decision): void {
  const { view, hidden } = order;
  hidden.declines = decision === "decline";
  view.status = "APPROVED";
  view.payer = PAYER;
  view.payment_source = { paypal: { email_address: PAYER.email_address, account_id: PAYER.payer_id } };
  view.update_time = timestamp(turn.nowMs);
  turn.orders.save(order);
  announce(turn, "CHECKOUT.ORDER.APPROVED", showOrder(turn, view), view.id);
}

function leave({ view, hidden }: StoredOrder, decision: Decision): DoorAnswer {
  const url =
    decision === "cancel"
      ? hidden.cancelUrl && withParameters(hidden.cancelUrl, { token: view.id })
      : hidden.returnUrl && withParameters(hidden.returnUrl, { token: view.id, PayerID: PAYER.payer_id });
  if (url !== null) return { status: 303, headers: { location: url, "cache-control": "no-store" }, body: "" };
  const text = decision === "cancel" ? "The payment was cancelled." : "The payment was approved.";
  return notice(200, "Thank you", `${text} You can close this page.`);
}

function totalOf(order: Order): string {
  const currency = order.purchase_units[0]?.amount.currency_code ?? "USD";
  const minor = order.purchase_units.reduce((sum, unit) => sum + minorUnits(unit.amount, "/amount"), 0);
  const total = moneyOf(currency, minor);
  return `${total.value} ${total.currency_code}`;
}

function notice(status: number, heading: string, text: string): DoorAnswer {
  return { status, ...noticePage({ provider: "PayPal", heading, text, link: null }) };
}
