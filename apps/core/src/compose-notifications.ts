import { Problem } from "@stoa/kernel";
import type { ComposeOptions } from "./compose.ts";
import type { Connections } from "./connect.ts";
import {
  createNotifications,
  createSmtpTransport,
  type MailObserver,
  type Notifications,
} from "./notifications/index.ts";
import {
  invoiceFile,
  orderAccessToken,
  readOrders,
  requestedPayment,
  returnRejection,
} from "./services/orders/index.ts";
import { findRefund } from "./services/payments/index.ts";
import { findAccount } from "./services/users/index.ts";

/** Nobody waits for a mail; a quarter of a second gathers what a busy shop owes in it. */
const GATHER_MS = 250;

/** Notifications know no service; what they need of each is given to them here. */
export function composeNotifications(
  { config, clock, logger }: ComposeOptions,
  { db }: Connections,
  observe: MailObserver,
): Notifications {
  if (!config.SMTP_URL) logger.warn("SMTP_URL is not set: mails are kept and none is sent");
  return createNotifications({
    db,
    clock,
    observe,
    random: Math.random,
    gatherMs: GATHER_MS,
    transport: config.SMTP_URL ? createSmtpTransport({ url: config.SMTP_URL, from: config.MAIL_FROM }) : null,
    sources: {
      readOrders: (ids) => readOrders(db, ids),
      accessToken: (orderId) => orderAccessToken(config.ORDER_TOKEN_SECRET, orderId),
      findAccount: (userId) => findAccount(db, userId),
      refund: (refundId) => findRefund(db, refundId),
      paymentRequest: (requestId) => requestedPayment({ db, orderTokenSecret: config.ORDER_TOKEN_SECRET }, requestId),
      paymentLinkUrl: new URL("/v1/payment-links/", config.PUBLIC_URL).href,
      returnRejection: (returnId) => returnRejection(db, returnId),
      invoice: (orderId) => invoiceFile({ db, clock }, orderId).catch(nullIfNotFound),
    },
  });
}

/** An order that was cancelled before its mail left has no invoice; the mail goes without one. */
function nullIfNotFound(error: unknown): null {
  if (error instanceof Problem && error.code === "not_found") return null;
  throw error;
}
