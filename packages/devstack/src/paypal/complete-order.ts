import { z } from "zod";
import { createAuthorization } from "./authorizations.ts";
import { createCapture } from "./captures.ts";
import { unprocessable } from "./errors.ts";
import type { Intent, Order } from "./objects.ts";
import { approvalLink, findOrder, showOrder } from "./orders.ts";
import { type StoredOrder, type Turn, timestamp } from "./turn.ts";
import { findToken, saveWallet } from "./vault.ts";

export const completeSchema = z.looseObject({
  payment_source: z.looseObject({ paypal: z.looseObject({ vault_id: z.string().min(1).max(255) }) }).optional(),
});

export interface Completing {
  readonly id: string;
  readonly intent: Intent;
  readonly body: z.infer<typeof completeSchema>;
}

/**
 * Authorises or captures every purchase unit of an order that its payer has approved, or that a saved wallet pays, whose owner
 * has approved of that before.
 */
export function completeOrder(turn: Turn, { id, intent, body }: Completing): Order {
  const order = findOrder(turn, id);
  const { view, hidden } = order;
  if (view.intent !== intent) throw unprocessable("ACTION_DOES_NOT_MATCH_INTENT");
  if (view.status === "COMPLETED") {
    throw unprocessable(intent === "CAPTURE" ? "ORDER_ALREADY_CAPTURED" : "ORDER_ALREADY_AUTHORIZED");
  }
  const vaultId = body.payment_source?.paypal.vault_id;
  if (vaultId !== undefined) payByToken(turn, order, vaultId);
  else if (view.status !== "APPROVED") throw unprocessable("ORDER_NOT_APPROVED");
  // The payer is sent to the approval page again, to choose another way to pay.
  if (hidden.declines) throw unprocessable("INSTRUMENT_DECLINED", undefined, [approvalLink(turn, id, "redirect")]);
  view.status = "COMPLETED";
  view.update_time = timestamp(turn.nowMs);
  turn.orders.save(order);
  for (const [unit, purchase] of view.purchase_units.entries()) {
    if (intent === "AUTHORIZE") createAuthorization(turn, view, unit);
    else createCapture(turn, { order: view, unit, amount: purchase.amount, final: true });
  }
  if (hidden.vault !== null) saveWallet(turn, order);
  return showOrder(turn, view);
}

function payByToken(turn: Turn, { view }: StoredOrder, vaultId: string): void {
  const token = findToken(turn, vaultId);
  if (token === null) throw unprocessable("TOKEN_ID_NOT_FOUND", "/payment_source/paypal/vault_id");
  const { email_address, payer_id, account_id } = token.view.payment_source.paypal;
  view.payer = { payer_id, email_address };
  view.payment_source = { paypal: { email_address, account_id } };
}
