import type { StateTable } from "@stoa/kernel";

/** What a shopper may be told about an order. Each names the fact that caused it, and one fact makes one mail. */
export const orderMailKinds = [
  "order_placed",
  "order_shipped",
  "order_cancelled",
  "order_refunded",
  "return_changed",
  "payment_requested",
] as const;
export type OrderMailKind = (typeof orderMailKinds)[number];

/** Mails that carry a link with which somebody proves that an address is theirs. */
export const accountMailKinds = ["verify_email", "reset_password"] as const;
export type AccountMailKind = (typeof accountMailKinds)[number];

/** To a member of staff: an owner has taken their second factors away. */
export type AccountNoticeKind = "second_factor_reset";

/** To staff: stock of a SKU has run low. */
export type StaffMailKind = "low_stock";

export type MailKind = OrderMailKind | AccountMailKind | AccountNoticeKind | StaffMailKind;

export const mailStates = ["queued", "failed", "sent", "dead"] as const;
export type MailState = (typeof mailStates)[number];

/** Why a mail is dead about which nobody has to do anything. */
export const UNWANTED = "nobody is to get it any more";

/** `failed` is tried again; `dead` is not: it was refused for good, or too old to be of use. */
export const mailStateTable = {
  queued: ["sent", "failed", "dead"],
  failed: ["sent", "failed", "dead"],
  sent: [],
  dead: [],
} as const satisfies StateTable<MailState>;

const HOUR_MS = 60 * 60 * 1_000;

/** How long a mail is tried: a link that lasts an hour is of no use later. */
export function keepTryingMs(kind: MailKind): number {
  return kind === "verify_email" || kind === "reset_password" ? HOUR_MS : 72 * HOUR_MS;
}

export function isOrderMail(kind: MailKind): kind is OrderMailKind {
  return (orderMailKinds as readonly MailKind[]).includes(kind);
}
