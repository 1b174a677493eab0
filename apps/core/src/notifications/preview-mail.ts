import type { OrderId } from "@stoa/kernel";
import { problem } from "@stoa/kernel";
import { renderHtml } from "./content/render-html.ts";
import { renderText } from "./content/render-text.ts";
import { type GatherDeps, gatherMail, readMailStyle } from "./gather.ts";
import type { OrderMailKind } from "./kinds.ts";
import type { MailData } from "./tables.ts";

export interface MailPreview {
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly files: readonly string[];
}

export interface PreviewMail {
  readonly kind: OrderMailKind;
  readonly orderId: OrderId;
  readonly data: MailData;
}

/**
 * What a mail about an order would say if it were sent now. Guests' access links and payment links are left out: who looks at it must
 * not be able to act as the guest. @throws problem `not_found` when there is no such order, or nobody to write to.
 */
export async function previewMail(
  { db, sources }: GatherDeps,
  { kind, orderId, data }: PreviewMail,
): Promise<MailPreview> {
  const [style, orders] = await Promise.all([readMailStyle(db), sources.readOrders([orderId])]);
  const paymentRequest = async (id: string) => {
    const request = await sources.paymentRequest(id);
    return request && { ...request, token: "…" };
  };
  const shown = { ...sources, paymentRequest, accessToken: () => "…" };
  const mail = await gatherMail({ sources: shown }, { kind, orderId, userId: null, data }, { style, orders });
  if (!mail) throw problem("not_found");
  const { to, content, files } = mail;
  return {
    to: to.address,
    subject: content.subject,
    html: renderHtml(content),
    text: renderText(content),
    files: files.map(({ filename }) => filename),
  };
}
