import { z } from "zod";
import { notFound } from "./errors.ts";
import { announce } from "./events.ts";
import type { PaymentToken } from "./objects.ts";
import { PAYER } from "./payer.ts";
import { drawSettlement } from "./settlement.ts";
import { link, newId, type StoredOrder, type StoredToken, type Turn } from "./turn.ts";

export const tokenListSchema = z.object({
  customer_id: z.string().min(1).max(36),
  page_size: z.coerce.number().int().min(1).max(5).default(5),
  page: z.coerce.number().int().min(1).max(10).default(1),
  total_required: z.enum(["true", "false"]).default("false"),
});

/** Keeps the payer's wallet after a payment: at once, or later when a `vault.settlement` fault says so. */
export function saveWallet(turn: Turn, order: StoredOrder): void {
  const { vault } = order.hidden;
  const settlement = drawSettlement(turn, "vault.settlement");
  const id = newId();
  const merchantId = vault?.merchantCustomerId ?? undefined;
  const token: StoredToken = {
    view: {
      id,
      customer: {
        id: vault?.customerId ?? newId(),
        ...(merchantId === undefined ? {} : { merchant_customer_id: merchantId }),
      },
      payment_source: {
        paypal: { usage_type: "MERCHANT", ...PAYER, account_id: PAYER.payer_id },
      },
      links: [
        link(turn, `/v3/vault/payment-tokens/${id}`, "self"),
        link(turn, `/v3/vault/payment-tokens/${id}`, "delete", "DELETE"),
      ],
    },
    hidden: { orderId: order.view.id, isLive: false },
  };
  turn.tokens.insert(token, { parent: token.view.customer.id });
  if (settlement === null) makeLive(turn, token, order);
  else {
    showVault(turn, order, { status: "APPROVED", links: [link(turn, `/v2/checkout/orders/${order.view.id}`, "up")] });
    if (settlement.atMs !== undefined && !settlement.fails) turn.tokens.wakeAt(id, settlement.atMs);
  }
}

/** Makes ready every wallet whose time has come; at most `limit` at a time. */
export function settleTokens(turn: Turn, limit: number): number {
  const due = turn.tokens.due(turn.nowMs, limit);
  for (const token of due) {
    turn.tokens.wakeAt(token.view.id, null);
    const order = turn.orders.find(token.hidden.orderId);
    if (order !== null) makeLive(turn, token, order);
  }
  return due.length;
}

/** A wallet that can be used, or null. */
export function findToken(turn: Turn, id: string): StoredToken | null {
  const token = turn.tokens.find(id);
  return token?.hidden.isLive === true ? token : null;
}

export function tokenOf(turn: Turn, id: string): StoredToken {
  const token = findToken(turn, id);
  if (token === null) throw notFound();
  return token;
}

export function listTokens(turn: Turn, query: z.infer<typeof tokenListSchema>): unknown {
  const { customer_id: id, page_size: size, page, total_required: isCounted } = query;
  const live = [...turn.tokens.newestFirst({ parent: id })].filter(({ hidden }) => hidden.isLive);
  return {
    ...(isCounted === "true" && { total_items: live.length, total_pages: Math.ceil(live.length / size) }),
    customer: { id },
    payment_tokens: live.slice((page - 1) * size, page * size).map(({ view }): PaymentToken => view),
    links: [],
  };
}

/** From here on the merchant cannot charge the wallet. */
export function deleteToken(turn: Turn, id: string): void {
  const token = tokenOf(turn, id);
  token.hidden.isLive = false;
  turn.tokens.save(token);
  announce(turn, "VAULT.PAYMENT-TOKEN.DELETED", { id, customer: token.view.customer }, token.hidden.orderId);
}

function makeLive(turn: Turn, token: StoredToken, order: StoredOrder): void {
  const { view, hidden } = token;
  hidden.isLive = true;
  turn.tokens.save(token);
  showVault(turn, order, { id: view.id, status: "VAULTED", customer: view.customer, links: view.links });
  announce(turn, "VAULT.PAYMENT-TOKEN.CREATED", { ...view, metadata: { order_id: hidden.orderId } }, hidden.orderId);
}

function showVault(turn: Turn, order: StoredOrder, vault: unknown): void {
  const { email_address, payer_id: account_id } = PAYER;
  order.view.payment_source = { paypal: { email_address, account_id, attributes: { vault } } };
  turn.orders.save(order);
}
