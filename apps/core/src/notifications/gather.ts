import type { Database } from "../platform/db/index.ts";
import { readSetting, shopSetting } from "../platform/settings/index.ts";
import type { MailContent } from "./content/blocks.ts";
import { writeMail } from "./content/write-mail.ts";
import type { LinkedRequest, MailFacts, MailFile, MailSources, PaymentRequestFacts } from "./facts.ts";
import { fillUrl, type MailSettings, mailSetting } from "./settings.ts";
import type { EmailRow } from "./tables.ts";

export interface GatherDeps {
  readonly db: Database;
  readonly sources: MailSources;
}

/** Whom a mail is for and what it says; everything that is looked up at the last moment. */
export interface GatheredMail {
  readonly to: { readonly name: string; readonly address: string };
  readonly replyTo: string | null;
  readonly content: MailContent;
  readonly files: readonly MailFile[];
}

export interface MailStyle {
  readonly shopName: string;
  readonly locale: string;
  readonly settings: MailSettings;
}

export async function readMailStyle(db: Database): Promise<MailStyle> {
  const [shop, settings] = await Promise.all([readSetting(db, shopSetting), readSetting(db, mailSetting)]);
  return { shopName: shop.name, locale: settings.locale ?? shop.locale, settings };
}

export type Orders = Awaited<ReturnType<MailSources["readOrders"]>>;

/** The mail of a row as it would be sent now; null when there is nobody (any more) to send it to. */
export async function gatherMail(
  { sources }: Pick<GatherDeps, "sources">,
  row: Pick<EmailRow, "kind" | "orderId" | "userId" | "data">,
  { style, orders }: { readonly style: MailStyle; readonly orders: Orders },
): Promise<GatheredMail | null> {
  const found = await findFacts(sources, row, { style, orders });
  if (!found || found.to.address === "") return null;
  const { shopName, locale, settings } = style;
  const { timeZone, replyTo, attachInvoice } = settings;
  const content = writeMail({ kind: row.kind, data: row.data, facts: found.facts, shopName, locale, timeZone });
  const isInvoiced = attachInvoice && row.kind === "order_placed" && row.orderId !== null;
  const invoice = isInvoiced && row.orderId ? await sources.invoice(row.orderId) : null;
  return { to: found.to, replyTo, content, files: invoice ? [invoice] : [] };
}

interface Found {
  readonly to: GatheredMail["to"];
  readonly facts: MailFacts;
}

type About = Pick<EmailRow, "kind" | "orderId" | "userId" | "data">;

async function findFacts(
  sources: MailSources,
  row: About,
  known: { readonly style: MailStyle; readonly orders: Orders },
): Promise<Found | null> {
  if (row.userId !== null) return aboutAccount(sources, row);
  if (row.orderId !== null) return aboutOrder(sources, row, known);
  return row.kind === "payment_requested" ? aboutRequest(sources, row, known.style) : aboutStock(row, known.style);
}

/** Whoever is named now, even when it was somebody else as stock ran low. */
function aboutStock({ data }: About, { settings }: MailStyle): Found | null {
  const { sku, available, threshold } = data;
  if (settings.stockAlertsTo === null || sku === undefined) return null;
  return {
    to: { name: "", address: settings.stockAlertsTo },
    facts: { about: "stock", sku, available: available ?? 0, threshold: threshold ?? 0 },
  };
}

/** Whoever a draft is for by now; nobody once its link is no longer good. */
async function aboutRequest(sources: MailSources, { data }: About, style: MailStyle): Promise<Found | null> {
  const request = data.requestId === undefined ? null : await sources.paymentRequest(data.requestId);
  if (!request?.to) return null;
  const facts = { about: "request", name: request.to.name, request: linked(sources, request, style) } as const;
  return { to: request.to, facts };
}

function linked(
  { paymentLinkUrl }: Pick<MailSources, "paymentLinkUrl">,
  { token, amount, expiresAt }: PaymentRequestFacts,
  { settings: { paymentUrl } }: MailStyle,
): LinkedRequest {
  return { amount, expiresAt, url: fillUrl(paymentUrl ?? `${paymentLinkUrl}{token}`, { token }) };
}

async function aboutOrder(
  sources: MailSources,
  { kind, orderId, data }: About,
  { style, orders }: { readonly style: MailStyle; readonly orders: Orders },
): Promise<Found | null> {
  const order = orderId === null ? undefined : orders.get(orderId)?.stored.view;
  if (!order || orderId === null) return null;
  const { orderUrl } = style.settings;
  const [refund, request, rejection] = await Promise.all([
    data.refundId === undefined ? null : sources.refund(data.refundId),
    data.requestId === undefined ? null : sources.paymentRequest(data.requestId),
    data.returnState === "rejected" && data.returnId ? sources.returnRejection(data.returnId) : null,
  ]);
  if (kind === "payment_requested" && data.requestId !== undefined && !request) return null;
  const parts = () => ({ orderId, number: order.number, accessToken: sources.accessToken(orderId) });
  const url = orderUrl === null ? null : fillUrl(orderUrl, parts());
  return {
    to: { name: order.shippingAddress.name, address: order.email },
    facts: {
      about: "order",
      order,
      orderUrl: url,
      refund,
      request: request && linked(sources, request, style),
      rejection,
    },
  };
}

async function aboutAccount(sources: MailSources, { kind, userId, data }: About): Promise<Found | null> {
  const account = userId === null ? null : await sources.findAccount(userId);
  if (!account) return null;
  const { email: address, name } = account;
  if (kind === "second_factor_reset") return { to: { name, address }, facts: { about: "notice", name } };
  if (data.url === undefined) return null;
  return { to: { name, address }, facts: { about: "account", name, url: data.url } };
}
